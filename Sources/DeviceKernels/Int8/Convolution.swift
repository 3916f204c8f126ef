extension Portable {
  /// 2-D convolution, int8 to int8. This is the specification; tuned variants equal it byte for byte.
  /// - Parameters:
  ///   - input: `[H, W, C]` int8. At most 64 bytes past its end are read, their values do not matter.
  ///   - weights: `[O, Kh · Kw · C / groups]` int8 in −127…127, in the order of `tile`.
  ///   - biases: int32, one an output channel padded to the tile, the input's zero point and the variant's
  ///     `inputOffset` folded in: `b − (z_x + inputOffset) · Σw` over all taps.
  ///   - multipliers: float32, one an output channel padded to the tile, 2^−40 ≤ m < 8.
  ///   - output: `[H', W', O]` int8, pixels `outputStride` bytes apart. Rows are written in order (last to first if `descending`); while
  ///     row r is written, the input rows that it and the rows to come read must be intact. So it may overlap the input by
  ///     `ConvolutionShape.overlapDistance`.
  ///   - scratch: `KernelVariant.scratchBytes(convolution:)` bytes apart from all other buffers.
  /// - Rounding: exact sums modulo 2^32, then `Requantizer`. Padding reads the input's zero point.
  /// - Source: docs/numeric-contract.md §2, §3; ONNX QLinearConv-10.
  public static func convolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, _ tile: WeightTile
  ) {
    let requantize = Requantizer(shape.output)
    let depth = shape.patchDepth
    let groupOutputs = shape.outputChannels / shape.groups
    clearScratch(scratch, block: 1, patchBytes: tile.paddedDepth(depth))
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      for column in 0..<shape.outputWidth {
        let pixel = output + (row &* shape.outputWidth &+ column) &* shape.outputStride
        for group in 0..<shape.groups {
          gatherPatch(input, scratch, shape, group: group, row: row, column: column)
          for channel in group &* groupOutputs..<(group &+ 1) &* groupOutputs {
            let start = weights + tile.channelOffset(channel, depthCount: depth)
            let sum = biases[channel] &+ dotProduct(scratch, start, depth: depth, tile: tile)
            pixel[channel] = requantize(sum, multipliers[channel])
          }
        }
      }
    }
  }
}
