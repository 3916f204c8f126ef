#if arch(arm64)
import CIntrinsics

extension Neon {
  /// See `Portable.depthwiseConvolutionInt8`. Eight channels at a time along a row; windows of 3 × 3 taps inside the input keep their
  /// weights in registers.
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
        let finish = NeonDepthwiseFinish(biases + channel, multipliers + channel, shape.output, channels: min(8, channels &- channel))
        let taps = weights + channel
        let x = input + channel
        let line = output + (row &* shape.outputWidth &* channels &+ channel)
        for column in 0..<inside.lowerBound { finish(line + column &* channels, neonSums(x, taps, shape, row: row, column: column)) }
        if !inside.isEmpty { insideRow(x, NeonTaps3x3(taps, channels), shape, row: row, inside, line, finish) }
        for column in inside.upperBound..<shape.outputWidth {
          finish(line + column &* channels, neonSums(x, taps, shape, row: row, column: column))
        }
        channel &+= 8
      }
    }
  }

  /// Pixels of a row whose 3 × 3 windows lie inside the input.
  @inline(__always)
  private static func insideRow(
    _ input: UnsafePointer<Int8>, _ taps: NeonTaps3x3, _ shape: ConvolutionShape, row: Int, _ columns: Range<Int>,
    _ line: UnsafeMutablePointer<Int8>, _ finish: NeonDepthwiseFinish
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
  @inline(never)
  private static func neonSums(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ shape: ConvolutionShape, row: Int, column: Int
  ) -> NeonDepthwiseSums {
    let padding = edgepack_neon_splat_int8(Int8(truncatingIfNeeded: shape.inputZeroPoint))
    var sums = NeonDepthwiseSums()
    var weight = weights
    var y = row &* shape.strideY &- shape.padTop
    for _ in 0..<shape.kernelHeight {
      var x = column &* shape.strideX &- shape.padLeft
      for _ in 0..<shape.kernelWidth {
        let isInput = y >= 0 && y < shape.inputHeight && x >= 0 && x < shape.inputWidth
        let value = isInput ? edgepack_neon_load8(input + (y &* shape.inputWidth &+ x) &* shape.inputChannels) : padding
        sums.add(edgepack_neon_multiply(value, edgepack_neon_load8(weight)))
        weight += shape.inputChannels
        x &+= shape.dilationX
      }
      y &+= shape.dilationY
    }
    return sums
  }
}

/// Sums of eight channels.
struct NeonDepthwiseSums {
  var low = edgepack_neon_splat_int32(0)
  var high = edgepack_neon_splat_int32(0)

  @inline(__always) mutating func add(_ products: int16x8_t) {
    low = edgepack_neon_add_low(low, products)
    high = edgepack_neon_add_high(high, products)
  }
}

/// Nine weights of eight channels.
private struct NeonTaps3x3 {
  let rows: (Row, Row, Row)
  typealias Row = (int8x8_t, int8x8_t, int8x8_t)

  @inline(__always) init(_ weights: UnsafePointer<Int8>, _ channels: Int) {
    func row(_ index: Int) -> Row {
      let first = weights + index &* 3 &* channels
      return (edgepack_neon_load8(first), edgepack_neon_load8(first + channels), edgepack_neon_load8(first + 2 &* channels))
    }
    rows = (row(0), row(1), row(2))
  }

  /// Products are summed by two in int16 before they are widened.
  @inline(__always) func sums(_ x: UnsafePointer<Int8>, rowBytes: Int, tapBytes: Int) -> NeonDepthwiseSums {
    let x1 = x + rowBytes
    let x2 = x1 + rowBytes
    var sums = NeonDepthwiseSums()
    var products = edgepack_neon_multiply(edgepack_neon_load8(x), rows.0.0)
    sums.add(edgepack_neon_multiply_add(products, edgepack_neon_load8(x + tapBytes), rows.0.1))
    products = edgepack_neon_multiply(edgepack_neon_load8(x + 2 &* tapBytes), rows.0.2)
    sums.add(edgepack_neon_multiply_add(products, edgepack_neon_load8(x1), rows.1.0))
    products = edgepack_neon_multiply(edgepack_neon_load8(x1 + tapBytes), rows.1.1)
    sums.add(edgepack_neon_multiply_add(products, edgepack_neon_load8(x1 + 2 &* tapBytes), rows.1.2))
    products = edgepack_neon_multiply(edgepack_neon_load8(x2), rows.2.0)
    sums.add(edgepack_neon_multiply_add(products, edgepack_neon_load8(x2 + tapBytes), rows.2.1))
    sums.add(edgepack_neon_multiply(edgepack_neon_load8(x2 + 2 &* tapBytes), rows.2.2))
    return sums
  }
}

/// Biases, multipliers and bounds of up to eight channels: turns sums into stored bytes.
private struct NeonDepthwiseFinish {
  let biases: (int32x4_t, int32x4_t)
  let multipliers: (float32x4_t, float32x4_t)
  let requantize: NeonRequantizer
  let channels: Int

  @inline(__always)
  init(_ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>, _ range: OutputRange, channels: Int) {
    self.biases = (edgepack_neon_load_int32(biases), edgepack_neon_load_int32(biases + 4))
    self.multipliers = (edgepack_neon_load_float(multipliers), edgepack_neon_load_float(multipliers + 4))
    requantize = NeonRequantizer(range)
    self.channels = channels
  }

  @inline(__always) func callAsFunction(_ output: UnsafeMutablePointer<Int8>, _ sums: NeonDepthwiseSums) {
    let low = requantize.vector(edgepack_neon_add(sums.low, biases.0), multipliers.0)
    let high = requantize.vector(edgepack_neon_add(sums.high, biases.1), multipliers.1)
    let bytes = edgepack_neon_narrow(low, high)
    if channels == 8 {
      edgepack_neon_store8(output, bytes)
    } else {
      storeBytes(output, edgepack_neon_bits(bytes), count: channels)
    }
  }
}
#endif
