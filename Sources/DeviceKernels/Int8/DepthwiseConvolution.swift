extension Portable {
  /// 2-D convolution of each channel with its own window, int8 to int8 (groups = input channels = output channels).
  /// - Parameters:
  ///   - input: `[H, W, C]` int8. At most 64 bytes past its end are read, their values do not matter.
  ///   - weights: `[Kh · Kw][C]` int8 in −127…127 (tuned kernels: in the order of `WeightTile.depthwiseOffset`).
  ///   - biases: int32, one a channel padded to the variant's tile, the input's zero point and the variant's
  ///     `inputOffset` folded in: `b − (z_x + inputOffset) · Σw` over all taps.
  ///   - multipliers: float32, one a channel padded to the variant's tile, 2^−40 ≤ m < 8.
  ///   - output: `[H', W', C]` int8. Overlap contract as `convolutionInt8`: one row at a time, in order.
  ///   - scratch: `KernelVariant.scratchBytes(convolution:)` bytes apart from all other buffers.
  /// - Rounding: exact sums modulo 2^32, then `Requantizer`. Padding reads the input's zero point.
  /// - Source: docs/numeric-contract.md §2, §3; ONNX QLinearConv-10.
  public static func depthwiseConvolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape
  ) {
    let requantize = Requantizer(shape.output)
    let channels = shape.inputChannels
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      for column in 0..<shape.outputWidth {
        let pixel = output + (row &* shape.outputWidth &+ column) &* channels
        let window = Window(shape, row: row, column: column)
        for channel in 0..<channels {
          let taps = weights + channel
          let sum =
            window.isInside
            ? window.insideSum(input + channel, taps, shape) : window.borderSum(input + channel, taps, shape)
          pixel[channel] = requantize(biases[channel] &+ sum, multipliers[channel])
        }
      }
    }
  }
}

/// The window of one output pixel of a depthwise convolution.
struct Window {
  /// Input position of the first tap; outside the input where padding is read.
  let top: Int
  let left: Int
  /// Whether every tap lies inside the input.
  let isInside: Bool

  @inline(__always) init(_ shape: ConvolutionShape, row: Int, column: Int) {
    top = row &* shape.strideY &- shape.padTop
    left = column &* shape.strideX &- shape.padLeft
    let bottom = top &+ (shape.kernelHeight &- 1) &* shape.dilationY
    let right = left &+ (shape.kernelWidth &- 1) &* shape.dilationX
    isInside = top >= 0 && left >= 0 && bottom < shape.inputHeight && right < shape.inputWidth
  }

  /// `Σ x · w` of one channel where no tap reads padding.
  @inline(__always)
  func insideSum(_ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ shape: ConvolutionShape) -> Int32 {
    let channels = shape.inputChannels
    var sum: Int32 = 0
    var weight = weights
    var line = input + (top &* shape.inputWidth &+ left) &* channels
    for _ in 0..<shape.kernelHeight {
      var x = line
      for _ in 0..<shape.kernelWidth {
        sum &+= Int32(x.pointee) &* Int32(weight.pointee)
        weight += channels
        x += shape.dilationX &* channels
      }
      line += shape.dilationY &* shape.inputWidth &* channels
    }
    return sum
  }

  /// `Σ x · w` of one channel, padding as the input's zero point.
  @inline(__always)
  func borderSum(_ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ shape: ConvolutionShape) -> Int32 {
    var sum: Int32 = 0
    var weight = weights
    for tapRow in 0..<shape.kernelHeight {
      let y = top &+ tapRow &* shape.dilationY
      for tapColumn in 0..<shape.kernelWidth {
        let x = left &+ tapColumn &* shape.dilationX
        let isInput = y >= 0 && y < shape.inputHeight && x >= 0 && x < shape.inputWidth
        let value = isInput ? Int32(input[(y &* shape.inputWidth &+ x) &* shape.inputChannels]) : shape.inputZeroPoint
        sum &+= value &* Int32(weight.pointee)
        weight += shape.inputChannels
      }
    }
    return sum
  }
}

#if arch(arm64) || EDGEPACK_AVX2
/// Output columns of a row whose windows lie inside the input in every tap; empty, within `0...outputWidth`, if there are none.
@inline(__always)
func insideColumns(_ shape: ConvolutionShape, row: Int) -> Range<Int> {
  let top = row &* shape.strideY &- shape.padTop
  let reachX = (shape.kernelWidth &- 1) &* shape.dilationX
  let last = shape.inputWidth &- 1 &- reachX &+ shape.padLeft
  guard top >= 0, top &+ (shape.kernelHeight &- 1) &* shape.dilationY < shape.inputHeight, last >= 0 else { return 0..<0 }
  // The padding of a part of a row may be negative.
  let first = min(max(0, (shape.padLeft &+ shape.strideX &- 1) / shape.strideX), shape.outputWidth)
  return first..<max(first, min(shape.outputWidth, last / shape.strideX &+ 1))
}
#endif
