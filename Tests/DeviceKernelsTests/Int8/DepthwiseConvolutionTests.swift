import Testing

@testable import DeviceKernels

@Suite struct DepthwiseConvolutionTests {
  @Test func equalsAGroupedConvolutionOnRandomShapes() {
    forRandomCases(1_000) { check, replay in
      let shape = check.convolutionShape(depthwise: true)
      let memory = check.memory
      check.drawData(
        inputBytes: shape.inputHeight * shape.inputWidth * shape.inputChannels, channels: shape.inputChannels, depth: shape.patchDepth,
        tile: .rows)
      Portable.depthwiseConvolutionInt8(
        memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape)
      // The definition wants `[C][Kh · Kw]`, the kernel reads `[Kh · Kw][C]`.
      for channel in 0..<shape.inputChannels {
        for tap in 0..<shape.patchDepth {
          memory.tiledWeights[channel * shape.patchDepth + tap] = memory.weights[tap * shape.inputChannels + channel]
        }
      }
      let expected = Reference.convolution(memory.input, memory.tiledWeights, memory.biases, memory.multipliers, shape)
      #expect(expectedBytes(check, expected.count) == expected, "\(shape), \(replay)")
    }
  }
}
