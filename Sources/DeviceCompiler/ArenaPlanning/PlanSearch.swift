/// Improves on the greedy placements until the bound is met or the work is used up.
struct PlanSearch {
  /// Work of all searches together, in comparisons of buffers: under half a second on a 2020s core.
  private static let totalBudget = 60_000_000
  /// The share of one depth-first search, so that one hopeless order cannot starve the others.
  private static let searchBudget = 4_000_000

  private let problem: ArenaProblem
  private let bound: LowerBound
  private var best: Placement
  private var bestBytes: Int
  private var remaining = PlanSearch.totalBudget

  init(_ problem: ArenaProblem, bound: LowerBound, start: Placement) {
    self.problem = problem
    self.bound = bound
    best = start
    bestBytes = start.bytes
  }

  mutating func run() -> Placement {
    let orders = sweepOrders()
    if bestBytes > bound.bytes { _ = fit(into: bound.bytes, orders) }
    if bestBytes > bound.bytes { shuffleOrders() }
    bisect(orders)
    return best
  }

  // MARK: Depth first, under a limit

  /// From each of the busiest steps outwards: first what is alive there, then forward in time, then backward. What dies before the step
  /// never meets what is born after it, so the two halves do not disturb each other.
  private func sweepOrders() -> [[Int]] {
    let all = problem.buffers.indices.filter { problem.buffers[$0].bytes > 0 }
    var orders: [[Int]] = []
    for need in bound.busiestFirst.prefix(4) {
      let alive = all.filter { problem.buffers[$0].isAlive(at: need.step) }
      let later = all.filter { problem.buffers[$0].firstStep > need.step }
      let earlier = all.filter { problem.buffers[$0].lastStep < need.step }
      let order =
        sorted(alive) { -problem.buffers[$0].bytes } + sorted(later) { problem.buffers[$0].firstStep }
        + sorted(earlier) { -problem.buffers[$0].lastStep }
      if !orders.contains(order) { orders.append(order) }
    }
    return orders
  }

  private func sorted(_ buffers: [Int], by key: (Int) -> Int) -> [Int] {
    buffers.map { (key($0), -problem.buffers[$0].bytes, $0) }.sorted(by: <).map(\.2)
  }

  private mutating func fit(into limit: Int, _ orders: [[Int]]) -> Bool {
    for order in orders where remaining > 0 {
      var search = LimitSearch(problem, order: order, limit: limit)
      let found = search.run(budget: min(remaining, PlanSearch.searchBudget))
      remaining -= search.work
      if let found {
        consider(found)
        return true
      }
    }
    return false
  }

  /// Halves the gap between the best placement and the largest limit that the search could not meet. That such a limit cannot be met
  /// at all is not proven: the search tries tight offsets only.
  private mutating func bisect(_ orders: [[Int]]) {
    var unmet = bound.bytes
    while remaining > 0 && bestBytes - unmet > 1 {
      let limit = unmet + (bestBytes - unmet) / 2
      if !fit(into: limit, orders) { unmet = limit }
    }
  }

  // MARK: Local search over greedy orders

  /// Moves one buffer at a time to an earlier turn, mostly one that ends at the top, and keeps what does not make it worse.
  private mutating func shuffleOrders() {
    var generator = SplitMix64(state: 0x5EED)
    var order = best.offsets.indices.filter { problem.buffers[$0].bytes > 0 }.sorted { (best.offsets[$0], $0) < (best.offsets[$1], $1) }
    guard order.count > 1 else { return }
    var current = GreedyPlacement.place(problem, order: order)
    var currentBytes = current.bytes
    let reserve = remaining / 2
    for _ in 0..<(100 + 20 * order.count) where remaining > reserve && bestBytes > bound.bytes {
      var candidate = order
      let top = order.indices.filter { current.offsets[order[$0]] + problem.buffers[order[$0]].bytes == currentBytes }
      let from = generator.next(below: 4) == 0 ? generator.next(below: order.count) : top[generator.next(below: top.count)]
      let buffer = candidate.remove(at: from)
      candidate.insert(buffer, at: generator.next(below: from + 1))
      let placement = GreedyPlacement.place(problem, order: candidate)
      remaining -= placement.comparisons
      guard placement.bytes <= currentBytes else { continue }
      (order, current, currentBytes) = (candidate, placement, placement.bytes)
      consider(placement)
    }
  }

  private mutating func consider(_ placement: Placement) {
    let bytes = placement.bytes
    if bytes < bestBytes { (best, bestBytes) = (placement, bytes) }
  }
}
