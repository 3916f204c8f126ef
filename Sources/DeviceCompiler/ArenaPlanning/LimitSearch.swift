/// Looks for a placement that ends below a limit: depth first in a given order, over all tight offsets.
///
/// What lies ahead depends only on the placed buffers that an unplaced one will meet. A dead end is remembered by their offsets, so that
/// in a chain of layers, where only one or two buffers are alive from one layer to the next, the search stays small.
struct LimitSearch {
  private struct Level {
    var offsets: [Int]
    var next = 0
    var state: [Int]
  }

  private let order: [Int]
  private let limit: Int
  /// For each depth, the placed buffers that a later one will meet.
  private let frontiers: [[Int]]
  private var placement: Placement
  private var deadEnds: Set<[Int]> = []
  private var candidatesListed = 0

  /// A candidate offset costs about as much to list, sort and remember as ten comparisons of buffers (measured).
  var work: Int { placement.comparisons + 10 * candidatesListed }

  init(_ problem: ArenaProblem, order: [Int], limit: Int) {
    self.order = order
    self.limit = limit
    placement = Placement(problem)
    frontiers = LimitSearch.frontiers(problem, order)
  }

  /// - Parameter budget: give up after about this much work, in comparisons of buffers.
  mutating func run(budget: Int) -> Placement? {
    guard !order.isEmpty else { return placement }
    var levels = [level(at: 0)]
    while let depth = levels.indices.last {
      let buffer = order[depth]
      if placement.isPlaced(buffer) { placement.remove(buffer) }
      guard let offset = nextOffset(for: buffer, in: &levels[depth]) else {
        deadEnds.insert(levels[depth].state)
        levels.removeLast()
        continue
      }
      if work > budget { return nil }
      placement.place(buffer, at: offset)
      if depth + 1 == order.count { return placement }
      let deeper = level(at: depth + 1)
      if !deadEnds.contains(deeper.state) { levels.append(deeper) }
    }
    return nil
  }

  private mutating func nextOffset(for buffer: Int, in level: inout Level) -> Int? {
    while level.next < level.offsets.count {
      let offset = level.offsets[level.next]
      level.next += 1
      if placement.allows(buffer, at: offset) { return offset }
    }
    return nil
  }

  private mutating func level(at depth: Int) -> Level {
    let buffer = order[depth]
    let highest = limit - placement.problem.buffers[buffer].bytes
    let candidates =
      placement.restingOffsets(of: buffer) + placement.hangingOffsets(of: buffer, limit: limit)
      + placement.foresightedOffsets(of: buffer, limit: limit)
    candidatesListed += candidates.count
    let offsets = Set(candidates.filter { 0 <= $0 && $0 <= highest }).sorted()
    return Level(offsets: offsets, state: [depth] + frontiers[depth].map { placement.offsets[$0] })
  }

  private static func frontiers(_ problem: ArenaProblem, _ order: [Int]) -> [[Int]] {
    var position = problem.buffers.map { _ in -1 }
    for (index, buffer) in order.enumerated() { position[buffer] = index }
    var frontiers = order.map { _ in [Int]() }
    for (index, buffer) in order.enumerated() {
      let last = problem.neighbours[buffer].map { position[$0.buffer] }.max() ?? -1
      if last > index {
        for depth in index + 1...last { frontiers[depth].append(buffer) }
      }
    }
    return frontiers
  }
}
