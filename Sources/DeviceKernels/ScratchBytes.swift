extension KernelVariant {
  /// Scratch of a convolution in bytes: the patches of the pixels computed together, or the rows of a window in the kernel's form.
  ///
  /// A patch is copied in chunks of up to 16 bytes and the last chunk may overshoot, hence `gatherSlack`.
  public func scratchBytes(convolution shape: ConvolutionShape) -> Int {
    switch (operation, instructionSet) {
    case (.convolution, .avx512): StagedRows(shape, block: block).bytes
    case (.depthwiseConvolution, .avx512): InterleavedRows(shape).bytes
    case (.convolution, .portable), (.convolution, .neon): block * tile.paddedDepth(shape.patchDepth) + gatherSlack
    case (.convolution, .avx2): 3 * block * tile.paddedDepth(shape.patchDepth) + gatherSlack + widenSlack
    case (.depthwiseConvolution, .portable), (.depthwiseConvolution, .neon), (.depthwiseConvolution, .avx2), (.matmul, _): 0
    }
  }

  /// Scratch of a matrix product in bytes: the rows computed together, in the kernel's form. A single row is read where it lies.
  public func scratchBytes(matmul shape: MatmulShape) -> Int {
    switch instructionSet {
    case .portable, .neon: 0
    case .avx2: 2 * min(block, shape.rows) * tile.paddedDepth(shape.depth) + widenSlack
    case .avx512: shape.rows == 1 ? 0 : (min(block, shape.rows) + 3) * tile.paddedDepth(shape.depth) + StagedRows.vector
    }
  }
}

/// Bytes behind the last int16 that widening in vectors of 16 may overwrite, rounded up.
let widenSlack = 32

/// Bytes behind the last patch that a gather may overwrite, one less than the largest `EDGEPACK_CHUNK`, rounded up. The same on every
/// target, so that a layer's scratch does not depend on the compiler's view of the core.
let gatherSlack = 16
