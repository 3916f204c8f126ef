import Testing

@testable import DeviceCompiler

@Suite struct LimitSearchTests {
  @Test func theSearchFindsWhatGreedMissesAndNothingBelowTheOptimum() {
    var missedByGreed = 0
    var foundBySearch = 0
    for seed in 0..<1_000 {
      var generator = SplitMix64(state: UInt64(seed))
      let request = randomRequest(buffers: 5, largest: 6, &generator)
      let problem = ArenaProblem(request)
      let bound = LowerBound(problem)
      let greedy = GreedyPlacement.orders(problem, bound).map { GreedyPlacement.place(problem, order: $0).bytes }.min() ?? 0
      let optimum = ExhaustivePlacement.smallestArena(request, atMost: greedy)
      guard optimum < greedy else { continue }
      missedByGreed += 1
      let order = GreedyPlacement.orders(problem, bound)[0]
      var search = LimitSearch(problem, order: order, limit: optimum)
      if let found = search.run(budget: 1_000_000) {
        foundBySearch += 1
        #expect(found.bytes == optimum, "seed \(seed)")
      }
      var tooTight = LimitSearch(problem, order: order, limit: optimum - 1)
      #expect(tooTight.run(budget: 1_000_000)?.bytes == nil, "seed \(seed)")
    }
    #expect(missedByGreed >= 10)
    #expect(foundBySearch * 2 > missedByGreed)
  }

  @Test func theSearchStopsWhenItsBudgetIsUsedUp() {
    var generator = SplitMix64(state: 3)
    let request = randomRequest(buffers: 60, largest: 1_000, &generator)
    let problem = ArenaProblem(request)
    let bound = LowerBound(problem)
    var search = LimitSearch(problem, order: GreedyPlacement.orders(problem, bound)[1], limit: bound.bytes)
    #expect(search.run(budget: 1_000)?.bytes == nil)
    #expect(search.work < 100_000)
  }
}
