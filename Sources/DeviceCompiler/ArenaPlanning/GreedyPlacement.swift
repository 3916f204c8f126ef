/// Places buffers one after another, each as low as it can go.
enum GreedyPlacement {
  /// - Parameter order: every buffer that is not empty, once.
  static func place(_ problem: ArenaProblem, order: [Int]) -> Placement {
    var placement = Placement(problem)
    for buffer in order {
      let offsets = placement.restingOffsets(of: buffer).sorted()
      var previous = -1
      for offset in offsets where offset > previous {
        previous = offset
        if placement.allows(buffer, at: offset) {
          placement.place(buffer, at: offset)
          break
        }
      }
      // Above everything placed so far there is always room, and the highest end is a resting offset.
      precondition(placement.isPlaced(buffer), "no room for a buffer in an arena without a limit")
    }
    return placement
  }

  /// Orders worth trying: large first; by time; long-lived first; busiest step first, its largest buffers first.
  static func orders(_ problem: ArenaProblem, _ bound: LowerBound) -> [[Int]] {
    let buffers = problem.buffers
    let all = buffers.indices.filter { buffers[$0].bytes > 0 }
    func sorted(_ keys: (Int) -> (Int, Int)) -> [Int] {
      all.map { (keys($0).0, keys($0).1, $0) }.sorted(by: <).map(\.2)
    }
    let bySize = sorted { (-buffers[$0].bytes, buffers[$0].firstStep) }
    let byTime = sorted { (buffers[$0].firstStep, -buffers[$0].bytes) }
    let byLifetime = sorted { (buffers[$0].firstStep - buffers[$0].lastStep, -buffers[$0].bytes) }
    return [bySize, byTime, byLifetime, byBreadth(problem, bound, bySize: bySize)]
  }

  private static func byBreadth(_ problem: ArenaProblem, _ bound: LowerBound, bySize: [Int]) -> [Int] {
    var isListed = problem.buffers.map { _ in false }
    var order: [Int] = []
    for need in bound.busiestFirst {
      for buffer in bySize where !isListed[buffer] && problem.buffers[buffer].isAlive(at: need.step) {
        isListed[buffer] = true
        order.append(buffer)
      }
    }
    return order
  }
}
