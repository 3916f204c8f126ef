extension KernelVariant {
  /// Scratch of a convolution in bytes: the gathered patches of the pixels computed together. 0 for depthwise convolutions.
  ///
  /// A patch is copied in chunks of up to 16 bytes and the last chunk may overshoot, hence `gatherSlack`.
  public func scratchBytes(convolution shape: ConvolutionShape) -> Int {
    switch operation {
    case .convolution: block * tile.paddedDepth(shape.patchDepth) + gatherSlack
    case .depthwiseConvolution, .matmul: 0
    }
  }
}

/// Bytes behind the last patch that a gather may overwrite, one less than the largest `EDGEPACK_CHUNK`, rounded up. The same on every
/// target, so that a layer's scratch does not depend on the compiler's view of the core.
let gatherSlack = 16
