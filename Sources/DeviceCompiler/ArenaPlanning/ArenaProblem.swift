/// A request in the form that placement works on: who meets whom, and under which rule.
struct ArenaProblem {
  /// A buffer that is alive at the same time as another one.
  struct Neighbour {
    var buffer: Int
    /// Index into `rules`, if the two may share bytes.
    var rule: Int?
  }

  let buffers: [ArenaBuffer]
  let alignment: Int
  /// For each buffer, every other buffer whose lifetime meets its own. Empty buffers meet nobody.
  let neighbours: [[Neighbour]]
  /// One rule a pair of output and dying input.
  let rules: [OverlapRule]
  /// For each rule, all rules of its step, itself included: one row order must satisfy them together.
  let rulesOfSameStep: [[Int]]

  /// - Parameter withOverlaps: false plans as if no two buffers may ever share bytes.
  /// - Precondition: sizes are not negative, lifetimes not reversed, overlaps name buffers of the request.
  init(_ request: ArenaRequest, withOverlaps: Bool = true) {
    precondition(request.alignment >= 1, "alignment must be positive")
    precondition(request.buffers.allSatisfy { $0.bytes >= 0 && $0.firstStep <= $0.lastStep }, "malformed buffer")
    precondition(
      request.overlaps.allSatisfy { request.buffers.indices.contains($0.input) && request.buffers.indices.contains($0.output) },
      "overlap of a buffer that does not exist")
    buffers = request.buffers
    alignment = request.alignment
    rules = withOverlaps ? ArenaProblem.rules(of: request) : []
    neighbours = ArenaProblem.neighbours(request.buffers, rules)
    let rulesByStep = Dictionary(grouping: rules.indices) { [rules] in rules[$0].step }
    rulesOfSameStep = rules.map { rulesByStep[$0.step] ?? [] }
  }

  /// Merges the entries of each pair and drops those whose buffers do not hand over at the step: they would share bytes longer than
  /// the rule covers.
  private static func rules(of request: ArenaRequest) -> [OverlapRule] {
    var indexOfPair: [[Int]: Int] = [:]
    var rules: [OverlapRule] = []
    for overlap in request.overlaps {
      let input = request.buffers[overlap.input]
      let output = request.buffers[overlap.output]
      guard overlap.isHandover(from: input, to: output), input.bytes > 0, output.bytes > 0 else { continue }
      // Beyond these limits a distance changes nothing: the buffers lie apart, or wherever they like. Inside, sums cannot overflow.
      let meaningful = -(input.bytes + output.bytes)...output.bytes
      let rule = OverlapRule(
        step: overlap.step, input: overlap.input, output: overlap.output, inputBytes: input.bytes, outputBytes: output.bytes,
        ascending: overlap.ascending.clamped(to: meaningful), descending: overlap.descending.clamped(to: meaningful))
      if let index = indexOfPair[[overlap.input, overlap.output]] {
        rules[index].ascending = max(rules[index].ascending, rule.ascending)
        rules[index].descending = max(rules[index].descending, rule.descending)
      } else {
        indexOfPair[[overlap.input, overlap.output]] = rules.count
        rules.append(rule)
      }
    }
    return rules
  }

  private static func neighbours(_ buffers: [ArenaBuffer], _ rules: [OverlapRule]) -> [[Neighbour]] {
    var ruleOfPair: [[Int]: Int] = [:]
    for (index, rule) in rules.enumerated() {
      ruleOfPair[[rule.input, rule.output]] = index
      ruleOfPair[[rule.output, rule.input]] = index
    }
    return buffers.indices.map { one in
      buffers.indices.compactMap { other in
        guard one != other, buffers[one].bytes > 0, buffers[other].bytes > 0 else { return nil }
        guard buffers[one].meets(buffers[other]) else { return nil }
        return Neighbour(buffer: other, rule: rules.isEmpty ? nil : ruleOfPair[[one, other]])
      }
    }
  }
}

extension DiagonalOverlap {
  /// The input dies at the very step that brings the output to life, so that the two meet at no other step.
  func isHandover(from input: ArenaBuffer, to output: ArenaBuffer) -> Bool {
    input.firstStep < step && input.lastStep == step && output.firstStep == step
  }
}

extension ArenaBuffer {
  /// Both are alive at some step.
  func meets(_ other: ArenaBuffer) -> Bool { firstStep <= other.lastStep && other.firstStep <= lastStep }

  func isAlive(at step: Int) -> Bool { firstStep <= step && step <= lastStep }
}
