#if EDGEPACK_AVX2
extension Avx2 {
  /// See `Portable.convolutionInt8`. Gathers the patches of four pixels of a row and multiplies them together; tile 8 × 4, other tiles
  /// are not read.
  public static func convolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, _ tile: WeightTile
  ) {
    let depth = shape.patchDepth
    let patchBytes = convolutionVariant.tile.paddedDepth(depth)
    let groupOutputs = shape.outputChannels / shape.groups
    forEachPatchBlock(input, output, scratch, shape, block: convolutionVariant.block, patchBytes: patchBytes) { count, pixel, group in
      multiplyBlock(
        scratch, rowBytes: patchBytes, rows: count, depth: depth, weights, biases, multipliers,
        channels: group &* groupOutputs..<(group &+ 1) &* groupOutputs, pixel, outputRowBytes: shape.outputStride, shape.output)
    }
  }
}
#endif
