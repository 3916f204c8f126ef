#if EDGEPACK_AVX2
import CIntrinsics

extension Avx2 {
  /// See `Portable.matmulInt8`. Tile 16 × 2, blocks of 4 rows that are widened to int16 in `scratch`; other tiles are not read.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func matmulInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: MatmulShape, _ tile: WeightTile
  ) {
    let block = matmulVariant.block
    let rowCount = (shape.depth &+ 1) & ~1
    let wide = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Int16.self)
    closeScratch(scratch, bytes: matmulVariant.scratchBytes(matmul: shape))
    let blocks = (shape.rows &+ block &- 1) / block
    for step in 0..<blocks {
      let row = (shape.descending ? blocks &- 1 &- step : step) &* block
      let rows = min(block, shape.rows &- row)
      if shape.depth == rowCount {
        widen(input + row &* shape.depth, wide, count: rows &* rowCount)
      } else {
        for i in 0..<rows { widen(input + (row &+ i) &* shape.depth, wide + i &* rowCount, count: shape.depth) }
      }
      multiplyBlock(
        wide, rowCount: rowCount, rows: rows, weights, biases, multipliers, channels: 0..<shape.columns,
        output + row &* shape.outputStride, outputRowBytes: shape.outputStride, shape.output)
    }
  }

  /// Copies `count` values as int16, in whole vectors: up to 15 too many are read and written.
  @inline(__always)
  static func widen(_ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int16>, count: Int) {
    var i = 0
    while i < count {
      edgepack_avx2_store_int16(output + i, edgepack_avx2_widen16(input + i))
      i &+= 16
    }
  }

  /// Sets the last vector of a scratch of `bytes`, which widening may not reach; so the arena's measured high-water mark is the planned
  /// one.
  @inline(__always)
  static func closeScratch(_ scratch: UnsafeMutablePointer<Int8>, bytes: Int) {
    edgepack_avx2_store_int8(scratch + bytes - widenSlack, edgepack_avx2_zero())
  }

  /// Up to four rows times the given channels. Inputs are widened before, since each is multiplied with every 16 channels; a load then
  /// brings two of them into all lanes.
  /// - Parameters:
  ///   - x: `rows` rows of `rowCount` values, an even number; where weights are 0, they do not matter.
  ///   - weights, biases, multipliers: of channel 0.
  ///   - output: channel 0 of the first row; rows are `outputRowBytes` apart.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #else
  @inline(never)
  #endif
  static func multiplyBlock(
    _ x: UnsafePointer<Int16>, rowCount: Int, rows: Int, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>,
    _ multipliers: UnsafePointer<Float>, channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>, outputRowBytes: Int,
    _ range: OutputRange
  ) {
    let requantize = Avx2Requantizer(range)
    // Missing rows repeat the last one and are not stored.
    let x1 = x + min(1, rows &- 1) &* rowCount
    let x2 = x + min(2, rows &- 1) &* rowCount
    let x3 = x + (rows &- 1) &* rowCount
    var channel = channels.lowerBound & ~15
    while channel < channels.upperBound {
      var w = weights + channel &* rowCount
      let constants = Avx2Channels(biases + channel, multipliers + channel)
      let target = Avx2TileTarget(output, channel: channel, wanted: channels)
      var row0 = Avx2Sums()
      if rows == 1 {
        // Two sums take turns along the depth, so that each addition need not wait for the one before.
        var odd = Avx2Sums()
        var k = 0
        while k &+ 4 <= rowCount {
          row0.add(x + k, Avx2Weights(w))
          odd.add(x + k + 2, Avx2Weights(w + 32))
          k &+= 4
          w += 64
        }
        if k < rowCount { row0.add(x + k, Avx2Weights(w)) }
        row0.add(odd)
        target.store(requantize(row0, constants))
      } else {
        var row1 = Avx2Sums()
        var row2 = Avx2Sums()
        var row3 = Avx2Sums()
        var k = 0
        while k < rowCount {
          let weights = Avx2Weights(w)
          row0.add(x + k, weights)
          row1.add(x1 + k, weights)
          row2.add(x2 + k, weights)
          row3.add(x3 + k, weights)
          k &+= 2
          w += 32
        }
        target.store(requantize(row0, constants))
        target.store(requantize(row1, constants), at: outputRowBytes)
        if rows > 2 { target.store(requantize(row2, constants), at: 2 &* outputRowBytes) }
        if rows > 3 { target.store(requantize(row3, constants), at: 3 &* outputRowBytes) }
      }
      channel &+= 16
    }
  }
}

/// Two weights of each of 16 channels, as int16.
struct Avx2Weights {
  let channels0to7: __m256i
  let channels8to15: __m256i

  @inline(__always) init(_ weights: UnsafePointer<Int8>) {
    channels0to7 = edgepack_avx2_widen16(weights)
    channels8to15 = edgepack_avx2_widen16(weights + 16)
  }
}

/// Sums of 16 channels of one row.
struct Avx2Sums {
  var channels0to7 = edgepack_avx2_zero()
  var channels8to15 = edgepack_avx2_zero()

  @inline(__always) mutating func add(_ x: UnsafePointer<Int16>, _ weights: Avx2Weights) {
    let values = edgepack_avx2_broadcast2(x)
    channels0to7 = edgepack_avx2_dot(channels0to7, values, weights.channels0to7)
    channels8to15 = edgepack_avx2_dot(channels8to15, values, weights.channels8to15)
  }

  @inline(__always) mutating func add(_ other: Avx2Sums) {
    channels0to7 = edgepack_avx2_add(channels0to7, other.channels0to7)
    channels8to15 = edgepack_avx2_add(channels8to15, other.channels8to15)
  }
}

/// Biases and multipliers of 16 channels.
struct Avx2Channels {
  let biases: (__m256i, __m256i)
  let multipliers: (__m256, __m256)

  @inline(__always) init(_ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>) {
    self.biases = (edgepack_avx2_load_int32(biases), edgepack_avx2_load_int32(biases + 8))
    self.multipliers = (edgepack_avx2_load_float(multipliers), edgepack_avx2_load_float(multipliers + 8))
  }
}

/// The part of a block of 16 channels that an output wants.
struct Avx2TileTarget {
  private let output: UnsafeMutablePointer<Int8>
  private let isWhole: Bool
  private let low: TileTarget
  private let high: TileTarget

  /// - Parameters:
  ///   - output: channel 0 of the first row.
  ///   - channels: the channels wanted; some lie in the block.
  @inline(__always) init(_ output: UnsafeMutablePointer<Int8>, channel: Int, wanted channels: Range<Int>) {
    self.output = output + channel
    isWhole = channel >= channels.lowerBound && channel &+ 16 <= channels.upperBound
    low = TileTarget(output, tile: channel..<channel &+ 8, wanted: channels)
    high = TileTarget(output, tile: channel &+ 8..<channel &+ 16, wanted: channels)
  }

  @inline(__always) func store(_ bytes: __m128i, at offset: Int = 0) {
    if isWhole {
      edgepack_avx2_store16(output + offset, bytes)
    } else {
      low.store(edgepack_avx2_bits_low(bytes), as: UInt64.self, at: offset)
      high.store(edgepack_avx2_bits_high(bytes), as: UInt64.self, at: offset)
    }
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

  /// 16 bytes, the first channel lowest.
  @inline(__always) func callAsFunction(_ sums: Avx2Sums, _ channels: Avx2Channels) -> __m128i {
    edgepack_avx2_narrow(
      vector(edgepack_avx2_add(sums.channels0to7, channels.biases.0), channels.multipliers.0),
      vector(edgepack_avx2_add(sums.channels8to15, channels.biases.1), channels.multipliers.1))
  }
}
#endif
