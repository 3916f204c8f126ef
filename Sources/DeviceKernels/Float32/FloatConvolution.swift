import CIntrinsics

extension Portable {
  /// 2-D convolution with float32 weights between int8 tensors: what a layer becomes that stays float. Dense layers are convolutions of
  /// 1 × 1 over their rows; depthwise ones have as many groups as channels.
  /// - Parameters:
  ///   - input: `[H, W, C]` int8.
  ///   - weights: `[Kh · Kw · C / groups][O]` float32, already times `s_x / s_y`.
  ///   - biases: `[O]` float32, already divided by `s_y`.
  ///   - output: `[H', W', O]` int8. Overlap contract as `convolutionInt8`: one row at a time, in order.
  ///   - scratch: `ConvolutionShape.floatScratchBytes` bytes apart from all other buffers, aligned to 4.
  /// - Rounding: a sum starts at its bias; window by rows, columns and channels, each `(x − z_x) · w` is rounded to float32, added, and
  ///   the sum is rounded. Never fused, never in another order, so every processor gives the same bytes. Then clamped, rounded half to
  ///   even and shifted by `z_y`. Taps in the padding are left out.
  /// - Source: docs/numeric-contract.md §2, §8.
  public static func convolutionFloat32(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Float>, _ biases: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Int8>,
    _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape
  ) {
    let requantize = Requantizer(shape.output)
    let sums = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      for column in 0..<shape.outputWidth {
        for channel in 0..<shape.outputChannels { sums[channel] = biases[channel] }
        addWindow(input, weights, sums, shape, row: row, column: column)
        let pixel = output + (row &* shape.outputWidth &+ column) &* shape.outputStride
        for channel in 0..<shape.outputChannels { pixel[channel] = requantize(scaled: sums[channel]) }
      }
    }
  }

  /// Adds all taps of one output pixel to its sums.
  private static func addWindow(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ shape: ConvolutionShape,
    row: Int, column: Int
  ) {
    let groupInputs = shape.inputChannels / shape.groups
    let groupOutputs = shape.outputChannels / shape.groups
    for tapRow in 0..<shape.kernelHeight {
      let inputRow = row &* shape.strideY &- shape.padTop &+ tapRow &* shape.dilationY
      if inputRow < 0 || inputRow >= shape.inputHeight { continue }
      for tapColumn in 0..<shape.kernelWidth {
        let inputColumn = column &* shape.strideX &- shape.padLeft &+ tapColumn &* shape.dilationX
        if inputColumn < 0 || inputColumn >= shape.inputWidth { continue }
        let pixel = input + (inputRow &* shape.inputWidth &+ inputColumn) &* shape.inputChannels
        let tap = weights + (tapRow &* shape.kernelWidth &+ tapColumn) &* groupInputs &* shape.outputChannels
        for group in 0..<shape.groups {
          for channel in 0..<groupInputs {
            let value = edgepack_float_from_int32(Int32(pixel[group &* groupInputs &+ channel]) &- shape.inputZeroPoint)
            let factors = tap + (channel &* shape.outputChannels &+ group &* groupOutputs)
            let groupSums = sums + group &* groupOutputs
            for output in 0..<groupOutputs { groupSums[output] += value * factors[output] }
          }
        }
      }
    }
  }
}

extension ConvolutionShape {
  /// Scratch of `convolutionFloat32` in bytes: one float32 sum an output channel.
  public var floatScratchBytes: Int { outputChannels * 4 }
}
