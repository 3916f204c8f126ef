#if EDGEPACK_AVX2
import CIntrinsics

extension Avx2 {
  /// See `Portable.matmulInt8`. Tile 8 × 4, blocks of 4 rows; other tiles are not read.
  public static func matmulInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ shape: MatmulShape, _ tile: WeightTile
  ) {
    let block = matmulVariant.block
    let blocks = (shape.rows &+ block &- 1) / block
    for step in 0..<blocks {
      let row = (shape.descending ? blocks &- 1 &- step : step) &* block
      multiplyBlock(
        input + row &* shape.depth, rowBytes: shape.depth, rows: min(block, shape.rows &- row), depth: shape.depth, weights, biases,
        multipliers, channels: 0..<shape.columns, output + row &* shape.outputStride, outputRowBytes: shape.outputStride, shape.output)
    }
  }

  /// Up to four rows times the given channels.
  /// - Parameters:
  ///   - x: `rows` rows of `depth` values, `rowBytes` apart; read to the next multiple of 4 values, where weights are 0.
  ///   - weights, biases, multipliers: of channel 0.
  ///   - output: channel 0 of the first row; rows are `outputRowBytes` apart.
  @inline(never)
  static func multiplyBlock(
    _ x: UnsafePointer<Int8>, rowBytes: Int, rows: Int, depth: Int, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>,
    _ multipliers: UnsafePointer<Float>, channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>, outputRowBytes: Int,
    _ range: OutputRange
  ) {
    let requantize = Avx2Requantizer(range)
    let groups = (depth &+ 3) / 4
    // Missing rows repeat the last one and are not stored.
    let x1 = x + min(1, rows &- 1) &* rowBytes
    let x2 = x + min(2, rows &- 1) &* rowBytes
    let x3 = x + (rows &- 1) &* rowBytes
    var channel = channels.lowerBound & ~7
    while channel < channels.upperBound {
      var w = weights + channel &* groups &* 4
      let bias = edgepack_avx2_load_int32(biases + channel)
      let multiplier = edgepack_avx2_load_float(multipliers + channel)
      let target = TileTarget(output, tile: channel..<channel &+ 8, wanted: channels)
      var row0 = Avx2Sums()
      if rows == 1 {
        for group in 0..<groups {
          row0.add(x + group &* 4, Avx2Weights(w))
          w += 32
        }
        target.store(requantize(row0.totals(bias), multiplier), as: UInt64.self)
      } else {
        var row1 = Avx2Sums()
        var row2 = Avx2Sums()
        var row3 = Avx2Sums()
        for group in 0..<groups {
          let weights = Avx2Weights(w)
          row0.add(x + group &* 4, weights)
          row1.add(x1 + group &* 4, weights)
          row2.add(x2 + group &* 4, weights)
          row3.add(x3 + group &* 4, weights)
          w += 32
        }
        target.store(requantize(row0.totals(bias), multiplier), as: UInt64.self)
        target.store(requantize(row1.totals(bias), multiplier), as: UInt64.self, at: outputRowBytes)
        if rows > 2 { target.store(requantize(row2.totals(bias), multiplier), as: UInt64.self, at: 2 &* outputRowBytes) }
        if rows > 3 { target.store(requantize(row3.totals(bias), multiplier), as: UInt64.self, at: 3 &* outputRowBytes) }
      }
      channel &+= 8
    }
  }
}

/// Four weights of each of eight channels, as int16.
struct Avx2Weights {
  let channels0to3: __m256i
  let channels4to7: __m256i

  @inline(__always) init(_ weights: UnsafePointer<Int8>) {
    channels0to3 = edgepack_avx2_widen16(weights)
    channels4to7 = edgepack_avx2_widen16(weights + 16)
  }
}

/// Two partial sums for each of eight channels of one row.
struct Avx2Sums {
  var channels0to3 = edgepack_avx2_zero()
  var channels4to7 = edgepack_avx2_zero()

  @inline(__always) mutating func add(_ x: UnsafePointer<Int8>, _ weights: Avx2Weights) {
    let values = edgepack_avx2_broadcast4(x)
    channels0to3 = edgepack_avx2_dot(channels0to3, values, weights.channels0to3)
    channels4to7 = edgepack_avx2_dot(channels4to7, values, weights.channels4to7)
  }

  @inline(__always) func totals(_ bias: __m256i) -> __m256i {
    edgepack_avx2_add(edgepack_avx2_totals(channels0to3, channels4to7), bias)
  }
}

/// `Requantizer` for vectors.
struct Avx2Requantizer {
  let low: __m256
  let high: __m256
  let zeroPoint: __m256i

  @inline(__always) init(_ range: OutputRange) {
    low = edgepack_avx2_splat_float(edgepack_float_from_int32(range.minimum &- range.zeroPoint))
    high = edgepack_avx2_splat_float(edgepack_float_from_int32(range.maximum &- range.zeroPoint))
    zeroPoint = edgepack_avx2_splat_int32(range.zeroPoint)
  }

  @inline(__always) func vector(_ sums: __m256i, _ multiplier: __m256) -> __m256i {
    edgepack_avx2_requantize(sums, multiplier, low, high, zeroPoint)
  }

  /// Eight bytes, the first channel lowest.
  @inline(__always) func callAsFunction(_ sums: __m256i, _ multiplier: __m256) -> UInt64 {
    edgepack_avx2_narrow8(vector(sums, multiplier))
  }
}
#endif
