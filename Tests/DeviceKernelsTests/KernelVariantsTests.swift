import Testing

@testable import DeviceKernels

@Suite struct KernelVariantsTests {
  @Test func everyOperationHasExactlyOneFormPerInstructionSet() {
    for operation in KernelOperation.allCases {
      for set in InstructionSet.allCases {
        #expect(KernelVariant.all.count { $0.operation == operation && $0.instructionSet == set } == 1, "\(operation) \(set)")
      }
    }
  }

  @Test func theFirstInstructionSetThatTheTargetHasWins() {
    #expect(KernelVariant.best(.matmul, for: [.neon]).instructionSet == .neon)
    #expect(KernelVariant.best(.matmul, for: [.avx2, .portable]).instructionSet == .avx2)
    #expect(KernelVariant.best(.matmul, for: [.avx512, .avx2, .portable]).instructionSet == .avx512)
    #expect(KernelVariant.best(.convolution, for: []).instructionSet == .portable)
  }

  @Test func scratchOfACommonLayerIsSmall() {
    let shape = ConvolutionShape(
      inputHeight: 16, inputWidth: 16, inputChannels: 64, outputHeight: 16, outputWidth: 16, outputChannels: 64, groups: 1,
      kernelHeight: 3, kernelWidth: 3, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 1, padLeft: 1, inputZeroPoint: 0,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    for variant in KernelVariant.all {
      let bytes = variant.scratchBytes(convolution: shape)
      let limit =
        switch variant.instructionSet {
        case .portable, .neon: 2_560
        // Four patches, as bytes and as int16.
        case .avx2: 4 * 576 * 3 + 64
        // Rows of a window with padding: 3 · 18 · 64 bytes, or 18 · 64 words, and what whole vectors overshoot.
        case .avx512: 5_760
        }
      #expect(bytes <= limit, "\(variant)")
      #expect(bytes > 0 || variant.operation == .matmul || variant.operation == .depthwiseConvolution, "\(variant)")
    }
  }
}
