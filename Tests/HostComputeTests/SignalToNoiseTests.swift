import Testing

@testable import HostCompute

struct SignalToNoiseTests {
  @Test func aTenthOfTheAmplitudeIsTwentyDecibels() {
    #expect(abs(sqnr(reference: [1, -2, 3], other: [1.1, -2.2, 3.3]) - 20) < 1e-4)
  }

  @Test func equalValuesHaveNoNoise() { #expect(sqnr(reference: [1, 2], other: [1, 2]) == .infinity) }
}
