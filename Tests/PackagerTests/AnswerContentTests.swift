import Testing

@testable import Packager

struct AnswerContentTests {
  /// A profile may ask for no loss at all.
  @Test func aLimitThatNoSamplesShowGivesNoNumber() {
    #expect(samplesThatShow(0.01) == 100 && samplesThatShow(0.003) == 334 && samplesThatShow(1) == 1)
    for limit in [0, 1e-320, -0.5, .nan] { #expect(samplesThatShow(limit) == nil, "\(limit)") }
  }
}
