#if EDGEPACK_AVX2
extension Avx2 {
  /// See `Portable.convolutionInt8`. Gathers the patches of four pixels of a row, widens them to int16 and multiplies them together;
  /// tile 16 × 2, other tiles are not read.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func convolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, _ tile: WeightTile
  ) {
    let block = convolutionVariant.block
    let patchBytes = (shape.patchDepth &+ 1) & ~1
    let groupOutputs = shape.outputChannels / shape.groups
    let wide = UnsafeMutableRawPointer(scratch + (block &* patchBytes &+ gatherSlack)).assumingMemoryBound(to: Int16.self)
    closeScratch(scratch, bytes: convolutionVariant.scratchBytes(convolution: shape))
    forEachPatchBlock(input, output, scratch, shape, block: block, patchBytes: patchBytes) { count, pixel, group in
      widen(scratch, wide, count: count &* patchBytes)
      multiplyBlock(
        wide, rowCount: patchBytes, rows: count, weights, biases, multipliers,
        channels: group &* groupOutputs..<(group &+ 1) &* groupOutputs, pixel, outputRowBytes: shape.outputStride, shape.output)
    }
  }
}
#endif
