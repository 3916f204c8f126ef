#if arch(arm64) || EDGEPACK_AVX2
/// Walks a convolution for kernels that compute several pixels of a row together: gathers up to `block` patches of one group into
/// `scratch`, `patchBytes` apart, and hands them over.
/// - Parameter body: receives the number of patches, the first pixel's output and the group.
@inline(__always)
func forEachPatchBlock(
  _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape,
  block: Int, patchBytes: Int, _ body: (Int, UnsafeMutablePointer<Int8>, Int) -> Void
) {
  clearScratch(scratch, block: block, patchBytes: patchBytes)
  for step in 0..<shape.outputHeight {
    let row = shape.descending ? shape.outputHeight &- 1 &- step : step
    var column = 0
    while column < shape.outputWidth {
      let count = min(block, shape.outputWidth &- column)
      let pixel = output + (row &* shape.outputWidth &+ column) &* shape.outputStride
      for group in 0..<shape.groups {
        for i in 0..<count {
          gatherPatch(input, scratch + i &* patchBytes, shape, group: group, row: row, column: column &+ i)
        }
        body(count, pixel, group)
      }
      column &+= block
    }
  }
}
#endif
