import Testing

@testable import DeviceKernels

@Suite struct PoolingTests {
  @Test func maximumIsTheLargestInsideValueClamped() {
    forRandomCases(500) { check, replay in
      let shape = check.poolingShape()
      let memory = check.memory
      check.random.fill(
        memory.input, count: shape.inputHeight * shape.inputWidth * shape.channels, pattern: .anything, minimum: -128)
      Portable.maximumPoolInt8(memory.input, memory.expected, shape)
      let expected = Reference.windows(memory.input, shape).map { values in
        Int8(min(max(values.max() ?? -128, Int64(shape.output.minimum)), Int64(shape.output.maximum)))
      }
      #expect(expectedBytes(check, expected.count) == expected, "\(shape), \(replay)")
    }
  }

  @Test func averageUsesTheMultiplierOfItsCount() {
    forRandomCases(500) { check, replay in
      let shape = check.poolingShape()
      let memory = check.memory
      check.random.fill(
        memory.input, count: shape.inputHeight * shape.inputWidth * shape.channels, pattern: .anything, minimum: -128)
      for count in 1...shape.kernelHeight * shape.kernelWidth { memory.multipliers[count - 1] = 1 / Float(count) }
      Portable.averagePoolInt8(memory.input, memory.multipliers, memory.expected, shape)
      let expected = Reference.windows(memory.input, shape).map { values in
        let sum = values.reduce(0) { $0 + $1 - Int64(shape.inputZeroPoint) }
        return Reference.requantize(sum, memory.multipliers[max(values.count, 1) - 1], shape.output)
      }
      #expect(expectedBytes(check, expected.count) == expected, "\(shape), \(replay)")
    }
  }
}
