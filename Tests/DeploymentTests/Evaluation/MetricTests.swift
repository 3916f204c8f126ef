import Testing

@testable import Deployment

struct MetricTests {
  @Test func topOneIsTheShareOfRightAnswers() {
    let value = MetricValue.top1(isCorrect: [true, true, false, true])
    #expect(value.value == 0.75)
    #expect(value.samples == 4)
    #expect(value.interval.contains(0.75))
  }

  /// Differences 1, −2, 0, 3: mean square 14/4; variance of the squares (1, 4, 0, 9) is 49/3.
  @Test func rootMeanSquareErrorByHand() {
    let value = MetricValue.rmse(squaredErrors: [1, 4, 0, 9])
    #expect(abs(value.value - 3.5.squareRoot()) < 1e-15)
    let standardError = (49.0 / 3 / 4).squareRoot() / (2 * 3.5.squareRoot())
    #expect(abs(value.interval.upperBound - (3.5.squareRoot() + 1.959963984540054 * standardError)) < 1e-12)
  }

  @Test func perfectAndSingleAnswersHaveAnInterval() {
    #expect(MetricValue.rmse(squaredErrors: [0, 0]).interval == 0...0)
    #expect(MetricValue.rmse(squaredErrors: [4]).interval == 2...2)
  }

  /// Pairs (positive, negative): 0.9 beats 0.8, 0.4, 0.4 and 0.1; 0.4 loses to 0.8, ties twice, beats 0.1: (4 + 2) of 8.
  @Test func areaUnderCurveCountsTiesHalf() {
    let value = MetricValue.auc(scores: [0.9, 0.4, 0.8, 0.4, 0.4, 0.1], isPositive: [true, true, false, false, false, false])
    #expect(value.value == 6.0 / 8)
  }

  @Test func areaUnderCurveAtItsEnds() {
    #expect(MetricValue.auc(scores: [1, 2, 3, 4], isPositive: [false, false, true, true]).value == 1)
    #expect(MetricValue.auc(scores: [1, 2, 3, 4], isPositive: [true, true, false, false]).value == 0)
    #expect(MetricValue.auc(scores: [5, 5, 5, 5], isPositive: [true, false, true, false]).value == 0.5)
  }

  /// Every pair counted one by one, against ranks.
  @Test func areaUnderCurveEqualsItsDefinition() {
    let seed: UInt64 = 20
    var state = seed
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    for size in 2..<40 {
      let scores = (0..<size).map { _ in Double(next() % 7) }
      let isPositive = (0..<size).map { $0 == 0 || ($0 > 1 && next() % 2 == 0) }
      var wins = 0.0
      var pairs = 0.0
      for a in 0..<size where isPositive[a] {
        for b in 0..<size where !isPositive[b] {
          pairs += 1
          wins += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0
        }
      }
      let value = MetricValue.auc(scores: scores, isPositive: isPositive).value
      #expect(abs(value - wins / pairs) < 1e-12, "seed \(seed), size \(size)")
    }
  }

  /// R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  @Test(arguments: [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718), (20, 20, 0.8389, 1)])
  func wilsonIntervalMatchesPublishedValues(successes: Int, samples: Int, low: Double, high: Double) {
    let interval = ConfidenceInterval.wilson(successes: successes, of: samples)
    #expect(abs(interval.lowerBound - low) <= 5e-5)
    #expect(abs(interval.upperBound - high) <= 5e-5)
  }

  /// Area 0.75 with 2 positives and 2 negatives by Hanley and McNeil's formula, computed by hand: Q1 = 0.6, Q2 = 9/14.
  @Test func intervalOfTheAreaByHand() {
    let value = MetricValue.auc(scores: [3, 1, 2, 0], isPositive: [true, true, false, false])
    let variance = (0.75 * 0.25 + (0.6 - 0.5625) + (9.0 / 14 - 0.5625)) / 4
    #expect(value.value == 0.75)
    #expect(abs(value.interval.lowerBound - (0.75 - 1.959963984540054 * variance.squareRoot())) < 1e-12)
    #expect(value.interval.upperBound == 1)
  }
}
