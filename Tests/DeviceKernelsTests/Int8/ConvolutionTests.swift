import Testing

@testable import DeviceKernels

@Suite struct ConvolutionTests {
  @Test func equalsTheDefinitionOnRandomShapes() {
    forRandomCases(1_000) { check, replay in
      let shape = check.convolutionShape(depthwise: false)
      check.drawData(
        inputBytes: shape.inputHeight * shape.inputWidth * shape.inputChannels, channels: shape.outputChannels, depth: shape.patchDepth,
        tile: .rows)
      let memory = check.memory
      Portable.convolutionInt8(
        memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
      let expected = Reference.convolution(memory.input, memory.weights, memory.biases, memory.multipliers, shape)
      let written = expectedBytes(check, expected.count, width: shape.outputChannels, stride: shape.outputStride)
      #expect(written == expected, "\(shape), \(replay)")
    }
  }

  /// Whoever packs for a tuned kernel can run the portable one on the same bytes; with output and input apart or as close as allowed.
  @Test(arguments: KernelVariant.all.filter { $0.operation == .convolution })
  func readsEveryWeightOrder(_ variant: KernelVariant) {
    withCrossCheckMemory { memory in
      var check = CrossCheck(
        memory: memory, seed: propertySeed, convolution: variant, depthwiseConvolution: .best(.depthwiseConvolution, for: []),
        matmul: .best(.matmul, for: []))
      check.checkConvolution(cases: 500)
      #expect(check.outcome.failedCase == -1, "\(check.outcome), EDGEPACK_SEED=\(propertySeed)")
      #expect(check.outcome.nearTies > 1_000)
    }
  }

  /// 3 × 3 mean of a 3 × 3 image of ones with padding: counts of covered pixels, by hand.
  @Test func paddingReadsTheZeroPoint() {
    let shape = ConvolutionShape(
      inputHeight: 3, inputWidth: 3, inputChannels: 1, outputHeight: 3, outputWidth: 3, outputChannels: 1, groups: 1, kernelHeight: 3,
      kernelWidth: 3, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 1, padLeft: 1, inputZeroPoint: 5,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    // Stored 6 is the value 1; the folded bias takes 5 off every tap, padding included.
    let input = [Int8](repeating: 6, count: 9)
    let weights = [Int8](repeating: 1, count: 9)
    var output = [Int8](repeating: 0, count: 9)
    var scratch = [Int8](repeating: 0, count: 64)
    Portable.convolutionInt8(input, weights, [-45], [1], &output, &scratch, shape, .rows)
    #expect(output == [4, 6, 4, 6, 9, 6, 4, 6, 4])
  }

  @Test func sumsWrapAroundLikeTheDeviceRegisters() {
    let shape = ConvolutionShape(
      inputHeight: 1, inputWidth: 1, inputChannels: 1, outputHeight: 1, outputWidth: 1, outputChannels: 1, groups: 1, kernelHeight: 1,
      kernelWidth: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, inputZeroPoint: 0,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    var output: [Int8] = [0]
    var scratch = [Int8](repeating: 0, count: 32)
    Portable.convolutionInt8([100], [100], [Int32.max], [1], &output, &scratch, shape, .rows)
    #expect(output == [-128])
  }
}
