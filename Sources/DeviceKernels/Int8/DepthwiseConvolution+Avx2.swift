#if EDGEPACK_AVX2
import CIntrinsics

extension Avx2 {
  /// See `Portable.depthwiseConvolutionInt8`. Sixteen channels at a time along a row; windows of 3 × 3 taps inside the input keep their
  /// weights in registers.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func depthwiseConvolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape
  ) {
    let channels = shape.inputChannels
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      let inside = shape.kernelHeight == 3 && shape.kernelWidth == 3 ? insideColumns(shape, row: row) : 0..<0
      var channel = 0
      while channel < channels {
        let finish = Avx2DepthwiseFinish(biases + channel, multipliers + channel, shape.output, channels: min(16, channels &- channel))
        let taps = weights + channel
        let x = input + channel
        let line = output + (row &* shape.outputWidth &* channels &+ channel)
        for column in 0..<inside.lowerBound { finish(line + column &* channels, avx2Sums(x, taps, shape, row: row, column: column)) }
        if !inside.isEmpty { insideRow(x, Avx2Taps3x3(taps, channels), shape, row: row, inside, line, finish) }
        for column in inside.upperBound..<shape.outputWidth {
          finish(line + column &* channels, avx2Sums(x, taps, shape, row: row, column: column))
        }
        channel &+= 16
      }
    }
  }

  /// Pixels of a row whose 3 × 3 windows lie inside the input.
  @inline(__always)
  private static func insideRow(
    _ input: UnsafePointer<Int8>, _ taps: Avx2Taps3x3, _ shape: ConvolutionShape, row: Int, _ columns: Range<Int>,
    _ line: UnsafeMutablePointer<Int8>, _ finish: Avx2DepthwiseFinish
  ) {
    let channels = shape.inputChannels
    let top = row &* shape.strideY &- shape.padTop
    let left = columns.lowerBound &* shape.strideX &- shape.padLeft
    let rowBytes = shape.dilationY &* shape.inputWidth &* channels
    let tapBytes = shape.dilationX &* channels
    var x = input + (top &* shape.inputWidth &+ left) &* channels
    var pixel = line + columns.lowerBound &* channels
    for _ in columns {
      finish(pixel, taps.sums(x, rowBytes: rowBytes, tapBytes: tapBytes))
      x += shape.strideX &* channels
      pixel += channels
    }
  }

  /// Any window: padding reads the input's zero point.
  @inline(__always)
  private static func avx2Sums(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ shape: ConvolutionShape, row: Int, column: Int
  ) -> Avx2DepthwiseSums {
    let padding = edgepack_avx2_splat_int16(Int16(truncatingIfNeeded: shape.inputZeroPoint))
    var sums = Avx2DepthwiseSums()
    var weight = weights
    var y = row &* shape.strideY &- shape.padTop
    for _ in 0..<shape.kernelHeight {
      var x = column &* shape.strideX &- shape.padLeft
      for _ in 0..<shape.kernelWidth {
        let isInput = y >= 0 && y < shape.inputHeight && x >= 0 && x < shape.inputWidth
        let value = isInput ? edgepack_avx2_widen16(input + (y &* shape.inputWidth &+ x) &* shape.inputChannels) : padding
        sums.add(value, edgepack_avx2_zero(), Avx2TapPair(edgepack_avx2_widen16(weight), edgepack_avx2_zero()))
        weight += shape.inputChannels
        x &+= shape.dilationX
      }
      y &+= shape.dilationY
    }
    return sums
  }
}

/// The weights of two taps of 16 channels, side by side as `vpmaddwd` wants them.
private struct Avx2TapPair {
  let low: __m256i
  let high: __m256i

  @inline(__always) init(_ first: __m256i, _ second: __m256i) {
    low = edgepack_avx2_pairs_low(first, second)
    high = edgepack_avx2_pairs_high(first, second)
  }
}

/// Sums of 16 channels: 0–3 with 8–11, and 4–7 with 12–15.
private struct Avx2DepthwiseSums {
  var low = edgepack_avx2_zero()
  var high = edgepack_avx2_zero()

  @inline(__always) mutating func add(_ first: __m256i, _ second: __m256i, _ weights: Avx2TapPair) {
    low = edgepack_avx2_dot(low, edgepack_avx2_pairs_low(first, second), weights.low)
    high = edgepack_avx2_dot(high, edgepack_avx2_pairs_high(first, second), weights.high)
  }
}

/// Nine weights of 16 channels, in pairs.
private struct Avx2Taps3x3 {
  let pair0: Avx2TapPair
  let pair1: Avx2TapPair
  let pair2: Avx2TapPair
  let pair3: Avx2TapPair
  let last: Avx2TapPair

  @inline(__always) init(_ weights: UnsafePointer<Int8>, _ channels: Int) {
    func tap(_ index: Int) -> __m256i { edgepack_avx2_widen16(weights + index &* channels) }
    pair0 = Avx2TapPair(tap(0), tap(1))
    pair1 = Avx2TapPair(tap(2), tap(3))
    pair2 = Avx2TapPair(tap(4), tap(5))
    pair3 = Avx2TapPair(tap(6), tap(7))
    last = Avx2TapPair(tap(8), edgepack_avx2_zero())
  }

  @inline(__always) func sums(_ x: UnsafePointer<Int8>, rowBytes: Int, tapBytes: Int) -> Avx2DepthwiseSums {
    func value(_ row: Int, _ column: Int) -> __m256i { edgepack_avx2_widen16(x + (row &* rowBytes &+ column &* tapBytes)) }
    var sums = Avx2DepthwiseSums()
    sums.add(value(0, 0), value(0, 1), pair0)
    sums.add(value(0, 2), value(1, 0), pair1)
    sums.add(value(1, 1), value(1, 2), pair2)
    sums.add(value(2, 0), value(2, 1), pair3)
    sums.add(value(2, 2), edgepack_avx2_zero(), last)
    return sums
  }
}

/// Biases, multipliers and bounds of up to 16 channels: turns sums into stored bytes.
private struct Avx2DepthwiseFinish {
  let biases: (__m256i, __m256i)
  let multipliers: (__m256, __m256)
  let requantize: Avx2Requantizer
  let channels: Int

  @inline(__always)
  init(_ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>, _ range: OutputRange, channels: Int) {
    self.biases = (edgepack_avx2_load_paired_int32(biases, 0), edgepack_avx2_load_paired_int32(biases, 1))
    self.multipliers = (edgepack_avx2_load_paired_float(multipliers, 0), edgepack_avx2_load_paired_float(multipliers, 1))
    requantize = Avx2Requantizer(range)
    self.channels = channels
  }

  @inline(__always) func callAsFunction(_ output: UnsafeMutablePointer<Int8>, _ sums: Avx2DepthwiseSums) {
    let low = requantize.vector(edgepack_avx2_add(sums.low, biases.0), multipliers.0)
    let high = requantize.vector(edgepack_avx2_add(sums.high, biases.1), multipliers.1)
    let bytes = edgepack_avx2_narrow16(low, high)
    if channels == 16 {
      edgepack_avx2_store16(output, bytes)
    } else {
      TileTarget(output, tile: 0..<8, wanted: 0..<channels).store(edgepack_avx2_bits_low(bytes), as: UInt64.self)
      TileTarget(output, tile: 8..<16, wanted: 0..<channels).store(edgepack_avx2_bits_high(bytes), as: UInt64.self)
    }
  }
}
#endif
