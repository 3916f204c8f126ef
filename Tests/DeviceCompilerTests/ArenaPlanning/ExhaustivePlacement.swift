@testable import DeviceCompiler

/// The true optimum of a tiny request: every offset of every buffer, with either row order at every step.
struct ExhaustivePlacement {
  private let request: ArenaRequest
  private let steps: [Int]
  private var offsets: [Int] = []
  private var best: Int

  /// - Parameter atMost: a size known to be enough.
  static func smallestArena(_ request: ArenaRequest, atMost: Int) -> Int {
    var search = ExhaustivePlacement(request: request, best: atMost)
    for descending in 0..<(1 << search.steps.count) {
      let descendingSteps = Set(search.steps.indices.filter { descending & (1 << $0) != 0 }.map { search.steps[$0] })
      search.place(descendingSteps, end: 0)
    }
    return search.best
  }

  private init(request: ArenaRequest, best: Int) {
    self.request = request
    self.best = best
    steps = Set(request.overlaps.map(\.step)).sorted()
  }

  private mutating func place(_ descendingSteps: Set<Int>, end: Int) {
    let index = offsets.count
    if index == request.buffers.count {
      best = min(best, end)
      return
    }
    var offset = 0
    while offset + request.buffers[index].bytes < best {
      if offsets.indices.allSatisfy({ mayMeet($0, offsets[$0], index, offset, descendingSteps) }) {
        offsets.append(offset)
        place(descendingSteps, end: max(end, offset + request.buffers[index].bytes))
        offsets.removeLast()
      }
      offset += request.alignment
    }
  }

  private func mayMeet(_ one: Int, _ oneOffset: Int, _ other: Int, _ otherOffset: Int, _ descendingSteps: Set<Int>) -> Bool {
    let (first, second) = (request.buffers[one], request.buffers[other])
    if first.firstStep > second.lastStep || second.firstStep > first.lastStep { return true }
    if oneOffset + first.bytes <= otherOffset || otherOffset + second.bytes <= oneOffset { return true }
    let (input, inputOffset, output, outputOffset) =
      first.firstStep < second.firstStep ? (one, oneOffset, other, otherOffset) : (other, otherOffset, one, oneOffset)
    let (dying, born) = (request.buffers[input], request.buffers[output])
    guard dying.firstStep < born.firstStep, dying.lastStep == born.firstStep else { return false }
    guard let rule = request.overlaps.first(where: { $0.input == input && $0.output == output }) else { return false }
    if descendingSteps.contains(rule.step) { return outputOffset + born.bytes >= inputOffset + dying.bytes + rule.descending }
    return outputOffset <= inputOffset - rule.ascending
  }
}
