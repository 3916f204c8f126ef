import Testing

@testable import DeviceKernels

@Suite struct RequantizeTests {
  static let ranges = [
    OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), OutputRange(zeroPoint: -128, minimum: -128, maximum: 127),
    OutputRange(zeroPoint: 127, minimum: -128, maximum: 127), OutputRange(zeroPoint: -3, minimum: -3, maximum: 41),
    OutputRange(zeroPoint: 100, minimum: -7, maximum: -7),
  ]

  /// Powers of two and odd multiples of them, where products can be exact ties; and arbitrary ones.
  static var multipliers: [Float] {
    var random = RandomSequence(seed: propertySeed)
    let factors: [Float] = [1, 3, 5]
    let exact = (-40...2).flatMap { exponent in factors.map { Float(sign: .plus, exponent: exponent, significand: $0) } }
    return exact.filter { $0 < 8 } + (0..<300).map { _ in random.multiplier() }
  }

  @Test func accumulatorsBesideEveryTieRoundAsTheContractSays() {
    var ties = 0
    for range in RequantizeTests.ranges {
      let requantize = Requantizer(range)
      for multiplier in RequantizeTests.multipliers {
        for k in -260...260 {
          let tie = ((Double(k) + 0.5) / Double(multiplier)).rounded()
          guard abs(tie) < 2_147_483_640 else { continue }
          for accumulator in Int32(tie) - 2...Int32(tie) + 2 {
            let expected = Reference.requantize(Int64(accumulator), multiplier, range)
            let result = requantize(accumulator, multiplier)
            if result != expected {
              Issue.record("\(accumulator) · \(multiplier) in \(range): \(result), not \(expected); EDGEPACK_SEED=\(propertySeed)")
              return
            }
            if Double(accumulator) * Double(multiplier) == Double(k) + 0.5 { ties += 1 }
          }
        }
      }
    }
    #expect(ties > 10_000, "the accumulators must hit exact ties")
  }

  @Test func extremeAccumulatorsSaturate() {
    for range in RequantizeTests.ranges {
      let requantize = Requantizer(range)
      for multiplier: Float in [0x1p-40, 0x1p-31, 0.999_999_94, 7.999_999_5] {
        for accumulator in [Int32.min, Int32.min + 1, -1, 0, 1, Int32.max - 1, Int32.max] {
          #expect(requantize(accumulator, multiplier) == Reference.requantize(Int64(accumulator), multiplier, range))
        }
      }
    }
  }

  @Test func halvesGoToTheEvenNeighbour() {
    let requantize = Requantizer(OutputRange(zeroPoint: 0, minimum: -128, maximum: 127))
    #expect([-5, -3, -1, 1, 3, 5].map { requantize($0, 0.5) } == [-2, -2, 0, 0, 2, 2])
  }

  /// `float32(16777217)` is 16777216, so the product is a tie; rounding the exact product 2.5000001 once would give 3.
  @Test func theConversionRounds() {
    let requantize = Requantizer(OutputRange(zeroPoint: 0, minimum: -128, maximum: 127))
    let multiplier: Float = 2.5 * 0x1p-24
    #expect(16_777_217 * Double(multiplier) > 2.5)
    #expect(requantize(16_777_217, multiplier) == 2)
  }

  /// 3 times the float above 2.5 / 3 is above 2.5 by half a unit in the last place and rounds to the tie.
  @Test func theProductRounds() {
    let requantize = Requantizer(OutputRange(zeroPoint: 0, minimum: -128, maximum: 127))
    let multiplier: Float = 0.833_333_4
    #expect(3 * Double(multiplier) > 2.5)
    #expect(requantize(3, multiplier) == 2)
  }
}
