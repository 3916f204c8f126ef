#if arch(arm64)
import CIntrinsics

extension Neon {
  /// See `Portable.matmulInt8`. Tile 4 × 16, blocks of 4 rows; other tiles are not read.
  public static func matmulInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: MatmulShape, _ tile: WeightTile
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
  ///   - x: `rows` rows of `depth` values, `rowBytes` apart; read to the next multiple of 16 values, where weights are 0.
  ///   - weights, biases, multipliers: of channel 0.
  ///   - output: channel 0 of the first row; rows are `outputRowBytes` apart.
  @inline(never)
  static func multiplyBlock(
    _ x: UnsafePointer<Int8>, rowBytes: Int, rows: Int, depth: Int, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>,
    _ multipliers: UnsafePointer<Float>, channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>, outputRowBytes: Int,
    _ range: OutputRange
  ) {
    let requantize = NeonRequantizer(range)
    let groups = (depth &+ 15) / 16
    // Missing rows repeat the last one and are not stored.
    let x1 = x + min(1, rows &- 1) &* rowBytes
    let x2 = x + min(2, rows &- 1) &* rowBytes
    let x3 = x + (rows &- 1) &* rowBytes
    var channel = channels.lowerBound & ~3
    while channel < channels.upperBound {
      var w = weights + channel &* groups &* 16
      let bias = edgepack_neon_load_int32(biases + channel)
      let multiplier = edgepack_neon_load_float(multipliers + channel)
      let target = TileTarget(output, tile: channel..<channel &+ 4, wanted: channels)
      var row0 = NeonSums()
      if rows == 1 {
        for group in 0..<groups {
          row0.add(edgepack_neon_load16(x + group &* 16), NeonWeights(w))
          w += 64
        }
        let sums = row0.totals(bias)
        target.store(requantize(sums, sums, multiplier), as: UInt32.self)
      } else {
        var row1 = NeonSums()
        var row2 = NeonSums()
        var row3 = NeonSums()
        for group in 0..<groups {
          let weights = NeonWeights(w)
          row0.add(edgepack_neon_load16(x + group &* 16), weights)
          row1.add(edgepack_neon_load16(x1 + group &* 16), weights)
          row2.add(edgepack_neon_load16(x2 + group &* 16), weights, after: row0)
          row3.add(edgepack_neon_load16(x3 + group &* 16), weights, after: row1)
          w += 64
        }
        let upper = requantize(row0.totals(bias), row1.totals(bias), multiplier)
        let lower = requantize(row2.totals(bias), row3.totals(bias), multiplier)
        target.store(upper, as: UInt32.self)
        target.store(upper &>> 32, as: UInt32.self, at: outputRowBytes)
        if rows > 2 { target.store(lower, as: UInt32.self, at: 2 &* outputRowBytes) }
        if rows > 3 { target.store(lower &>> 32, as: UInt32.self, at: 3 &* outputRowBytes) }
      }
      channel &+= 4
    }
  }
}

/// 16 weights of each of four channels.
struct NeonWeights {
  let channel0: int8x16_t
  let channel1: int8x16_t
  let channel2: int8x16_t
  let channel3: int8x16_t

  @inline(__always) init(_ weights: UnsafePointer<Int8>) {
    channel0 = edgepack_neon_load16(weights)
    channel1 = edgepack_neon_load16(weights + 16)
    channel2 = edgepack_neon_load16(weights + 32)
    channel3 = edgepack_neon_load16(weights + 48)
  }
}

/// Four partial sums for each of four channels of one row.
struct NeonSums {
  var channel0 = edgepack_neon_splat_int32(0)
  var channel1 = edgepack_neon_splat_int32(0)
  var channel2 = edgepack_neon_splat_int32(0)
  var channel3 = edgepack_neon_splat_int32(0)

  @inline(__always) mutating func add(_ x: int8x16_t, _ weights: NeonWeights) {
    channel0 = edgepack_neon_dot(channel0, x, weights.channel0)
    channel1 = edgepack_neon_dot(channel1, x, weights.channel1)
    channel2 = edgepack_neon_dot(channel2, x, weights.channel2)
    channel3 = edgepack_neon_dot(channel3, x, weights.channel3)
  }

  /// As `add`, but begins no product before an earlier row is summed up. Else LLVM's scheduling for in-order cores forms the products of
  /// all rows first, for which there are not enough registers.
  @inline(__always) mutating func add(_ x: int8x16_t, _ weights: NeonWeights, after row: NeonSums) {
    add(edgepack_neon_in_turn(x, row.channel0, row.channel1, row.channel2, row.channel3), weights)
  }

  @inline(__always) func totals(_ bias: int32x4_t) -> int32x4_t {
    edgepack_neon_add(edgepack_neon_totals(channel0, channel1, channel2, channel3), bias)
  }
}

/// `Requantizer` for vectors.
struct NeonRequantizer {
  let low: float32x4_t
  let high: float32x4_t
  let zeroPoint: int32x4_t

  @inline(__always) init(_ range: OutputRange) {
    low = edgepack_neon_splat_float(edgepack_float_from_int32(range.minimum &- range.zeroPoint))
    high = edgepack_neon_splat_float(edgepack_float_from_int32(range.maximum &- range.zeroPoint))
    zeroPoint = edgepack_neon_splat_int32(range.zeroPoint)
  }

  @inline(__always) func vector(_ sums: int32x4_t, _ multiplier: float32x4_t) -> int32x4_t {
    edgepack_neon_requantize(sums, multiplier, low, high, zeroPoint)
  }

  /// Eight bytes: four channels of one row, then of another.
  @inline(__always) func callAsFunction(_ row: int32x4_t, _ nextRow: int32x4_t, _ multiplier: float32x4_t) -> UInt64 {
    edgepack_neon_bits(edgepack_neon_narrow(vector(row, multiplier), vector(nextRow, multiplier)))
  }
}
#endif
