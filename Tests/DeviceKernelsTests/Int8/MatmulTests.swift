import Testing

@testable import DeviceKernels

@Suite struct MatmulTests {
  @Test func equalsTheDefinitionOnRandomShapes() {
    forRandomCases(1_000) { check, replay in
      let shape = check.matmulShape()
      let memory = check.memory
      check.drawData(inputBytes: shape.rows * shape.depth, channels: shape.columns, depth: shape.depth, tile: .rows)
      Portable.matmulInt8(memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
      let expected = Reference.matmul(memory.input, memory.weights, memory.biases, memory.multipliers, shape)
      let written = expectedBytes(check, expected.count, width: shape.columns, stride: shape.outputStride)
      #expect(written == expected, "\(shape), \(replay)")
    }
  }

  @Test(arguments: KernelVariant.all.filter { $0.operation == .matmul })
  func readsEveryWeightOrder(_ variant: KernelVariant) {
    withCrossCheckMemory { memory in
      var check = CrossCheck(
        memory: memory, seed: propertySeed, convolution: .best(.convolution, for: []),
        depthwiseConvolution: .best(.depthwiseConvolution, for: []), matmul: variant)
      check.checkMatmul(cases: 500)
      #expect(check.outcome.failedCase == -1, "\(check.outcome), EDGEPACK_SEED=\(propertySeed)")
    }
  }
}
