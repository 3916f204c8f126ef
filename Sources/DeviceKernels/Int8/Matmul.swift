extension Portable {
  /// `input · weightsᵀ`, int8 to int8: a dense layer, or a 1×1 convolution of stride 1 whose rows are pixels.
  /// - Parameters:
  ///   - input: `[M, K]` int8. At most 64 bytes past its end are read, their values do not matter.
  ///   - weights: `[N, K]` int8 in −127…127, in the order of `tile`.
  ///   - biases: int32, one a column padded to the tile, the input's zero point and the variant's `inputOffset` folded
  ///     in: `b − (z_x + inputOffset) · Σw`.
  ///   - multipliers: float32, one a column padded to the tile, 2^−40 ≤ m < 8.
  ///   - output: `[M, N]` int8, rows `outputStride` bytes apart. Blocks of the variant's `block` rows, counted from row 0, are written in
  ///     order (last to first if `descending`); a block's inputs are read until its last output is written. So it may overlap the input
  ///     by `MatmulShape.overlapDistance(block:)`; here blocks are single rows.
  ///   - scratch: `KernelVariant.scratchBytes(matmul:)` bytes apart from all other buffers.
  /// - Rounding: exact sums modulo 2^32, then `Requantizer`.
  /// - Source: docs/numeric-contract.md §2; ONNX QLinearMatMul-10.
  public static func matmulInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: MatmulShape, _ tile: WeightTile
  ) {
    let requantize = Requantizer(shape.output)
    for step in 0..<shape.rows {
      let row = shape.descending ? shape.rows &- 1 &- step : step
      let x = input + row &* shape.depth
      let line = output + row &* shape.outputStride
      for column in 0..<shape.columns {
        let start = weights + tile.channelOffset(column, depthCount: shape.depth)
        let sum = biases[column] &+ dotProduct(x, start, depth: shape.depth, tile: tile)
        line[column] = requantize(sum, multipliers[column])
      }
    }
  }
}
