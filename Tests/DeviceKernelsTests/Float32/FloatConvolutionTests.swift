import Testing

@testable import DeviceKernels

@Suite struct FloatConvolutionTests {
  /// The definition in double precision: an output may differ from it by the rounding of float32 sums, so by one step at most.
  @Test func followsTheDefinitionOnRandomShapes() {
    forRandomCases(300) { check, replay in
      var shape = check.convolutionShape(depthwise: check.random.once(in: 3))
      shape.outputStride = shape.outputChannels
      let memory = check.memory
      let inputCount = shape.inputHeight * shape.inputWidth * shape.inputChannels
      check.random.fill(memory.input, count: inputCount, pattern: .anything, minimum: -128)
      let weights = (0..<shape.patchDepth * shape.outputChannels).map { _ in Float(check.random.number(-1000...1000)) / 4096 }
      let biases = (0..<shape.outputChannels).map { _ in Float(check.random.number(-1000...1000)) / 16 }
      Portable.convolutionFloat32(memory.input, weights, biases, memory.expected, memory.scratch, shape)
      let expected = definition(memory.input, weights, biases, shape)
      let written = expectedBytes(check, expected.count)
      #expect(zip(written, expected).allSatisfy { abs(Double($0) - $1) <= 0.501 }, "\(shape), \(replay)")
    }
  }

  /// Not rounded, but clamped and shifted by the zero point.
  private func definition(_ input: UnsafePointer<Int8>, _ weights: [Float], _ biases: [Float], _ s: ConvolutionShape) -> [Double] {
    let groupInputs = s.inputChannels / s.groups
    var results: [Double] = []
    for y in 0..<s.outputHeight {
      for x in 0..<s.outputWidth {
        for o in 0..<s.outputChannels {
          var sum = Double(biases[o])
          for ky in 0..<s.kernelHeight {
            for kx in 0..<s.kernelWidth {
              let (row, column) = (y * s.strideY - s.padTop + ky * s.dilationY, x * s.strideX - s.padLeft + kx * s.dilationX)
              guard 0..<s.inputHeight ~= row, 0..<s.inputWidth ~= column else { continue }
              for i in 0..<groupInputs {
                let channel = o / (s.outputChannels / s.groups) * groupInputs + i
                let value = Double(input[(row * s.inputWidth + column) * s.inputChannels + channel]) - Double(s.inputZeroPoint)
                sum += value * Double(weights[((ky * s.kernelWidth + kx) * groupInputs + i) * s.outputChannels + o])
              }
            }
          }
          results.append(min(max(sum + Double(s.output.zeroPoint), Double(s.output.minimum)), Double(s.output.maximum)))
        }
      }
    }
    return results
  }

  /// One product is rounded before it is added: 1 + 2^-12 squared is 1 + 2^-11 + 2^-24, whose last part float32 drops. Fused with the
  /// bias that takes the rest away, it would remain.
  @Test func productsAreRoundedBeforeTheyAreAdded() {
    let shape = ConvolutionShape(
      inputHeight: 1, inputWidth: 1, inputChannels: 1, outputHeight: 1, outputWidth: 1, outputChannels: 1, groups: 1, kernelHeight: 1,
      kernelWidth: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, inputZeroPoint: 0,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    // 3 · w needs 25 bits; the bias takes away what it rounds to and leaves one half, a tie that goes to even 0. Fused, it would be less or
    // more than the tie.
    let weight = Float(bitPattern: 0x4B00_0001)  // 2^23 + 1
    let product = 3 * weight
    var output: [Int8] = [99]
    var scratch = [Int8](repeating: 0, count: 16)
    Portable.convolutionFloat32([3], [weight], [0 - product], &output, &scratch, shape)
    #expect(output == [0])
    #expect((0 - product).addingProduct(3, weight) != 0, "the case tells both apart")
  }
}
