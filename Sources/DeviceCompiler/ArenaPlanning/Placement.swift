/// Offsets of some or all buffers, and the rules for adding one more.
struct Placement {
  private static let unplaced = -1

  let problem: ArenaProblem
  private(set) var offsets: [Int]
  /// Pairs of buffers looked at so far: the measure of work, the same on every machine.
  private(set) var comparisons = 0

  /// Nothing is placed, except that empty buffers lie at 0.
  init(_ problem: ArenaProblem) {
    self.problem = problem
    offsets = problem.buffers.map { $0.bytes > 0 ? Placement.unplaced : 0 }
  }

  /// A complete placement found elsewhere.
  init(_ problem: ArenaProblem, offsets: [Int]) {
    self.problem = problem
    self.offsets = offsets
  }

  func isPlaced(_ buffer: Int) -> Bool { offsets[buffer] != Placement.unplaced }

  mutating func place(_ buffer: Int, at offset: Int) { offsets[buffer] = offset }

  mutating func remove(_ buffer: Int) { offsets[buffer] = Placement.unplaced }

  /// The highest end of any placed buffer.
  var bytes: Int {
    var highest = 0
    for (buffer, offset) in zip(problem.buffers, offsets) where offset != Placement.unplaced && buffer.bytes > 0 {
      highest = max(highest, offset + buffer.bytes)
    }
    return highest
  }

  /// Whether `buffer` can lie at `offset` beside everything placed so far.
  mutating func allows(_ buffer: Int, at offset: Int) -> Bool {
    let end = offset + problem.buffers[buffer].bytes
    var sharingRules: [Int] = []
    for neighbour in problem.neighbours[buffer] {
      let otherOffset = offsets[neighbour.buffer]
      guard otherOffset != Placement.unplaced else { continue }
      comparisons += 1
      if end <= otherOffset || otherOffset + problem.buffers[neighbour.buffer].bytes <= offset { continue }
      guard let rule = neighbour.rule else { return false }
      let isOutput = problem.rules[rule].output == buffer
      let directions = problem.rules[rule].directions(
        inputOffset: isOutput ? otherOffset : offset, outputOffset: isOutput ? offset : otherOffset)
      if directions.isEmpty { return false }
      sharingRules.append(rule)
    }
    if sharingRules.allSatisfy({ problem.rulesOfSameStep[$0].count == 1 }) { return true }
    // A step with several overlaps: one row order must do for all of them.
    offsets[buffer] = offset
    defer { offsets[buffer] = Placement.unplaced }
    return !sharingRules.contains { commonDirections(ofStepOf: $0).isEmpty }
  }

  /// Row orders that the places of a rule's two buffers leave; both if they share nothing or are not placed yet.
  func directions(of index: Int) -> RowDirections {
    let rule = problem.rules[index]
    let input = offsets[rule.input]
    let output = offsets[rule.output]
    if input == Placement.unplaced || output == Placement.unplaced { return .both }
    if input + rule.inputBytes <= output || output + rule.outputBytes <= input { return .both }
    return rule.directions(inputOffset: input, outputOffset: output)
  }

  private func commonDirections(ofStepOf rule: Int) -> RowDirections {
    problem.rulesOfSameStep[rule].reduce(RowDirections.both) { $0.intersection(directions(of: $1)) }
  }

  /// Steps that can only run last row first.
  var descendingSteps: Set<Int> {
    var steps: Set<Int> = []
    for (index, rule) in problem.rules.enumerated() where !directions(of: index).contains(.ascending) { steps.insert(rule.step) }
    return steps
  }
}

// MARK: - Where a buffer can go

extension Placement {
  /// Offsets at which `buffer` rests on something: the arena's floor, another buffer's end, or the edge of an overlap rule. The lowest
  /// allowed offset is always among them, since each is where a forbidden stretch ends.
  func restingOffsets(of buffer: Int) -> [Int] {
    var candidates = [0]
    for neighbour in problem.neighbours[buffer] where isPlaced(neighbour.buffer) {
      let other = offsets[neighbour.buffer]
      candidates.append(other + problem.buffers[neighbour.buffer].bytes)
      guard let index = neighbour.rule else { continue }
      let rule = problem.rules[index]
      candidates.append(rule.output == buffer ? other + rule.smallestRise : other + rule.ascending)
    }
    return candidates.map { $0.roundedUp(to: problem.alignment) }
  }

  /// Offsets at which `buffer` hangs below something: the ceiling `limit`, another buffer's start, or the edge of an overlap rule.
  func hangingOffsets(of buffer: Int, limit: Int) -> [Int] {
    let bytes = problem.buffers[buffer].bytes
    var candidates = [limit - bytes]
    for neighbour in problem.neighbours[buffer] where isPlaced(neighbour.buffer) {
      let other = offsets[neighbour.buffer]
      candidates.append(other - bytes)
      guard let index = neighbour.rule else { continue }
      let rule = problem.rules[index]
      candidates.append(rule.output == buffer ? other - rule.ascending : other - rule.smallestRise)
    }
    return candidates.map { $0.roundedDown(to: problem.alignment) }
  }

  /// Offsets that suit a partner not placed yet: tight to its rule if the partner goes to the floor or to the ceiling `limit`.
  func foresightedOffsets(of buffer: Int, limit: Int) -> [Int] {
    var candidates: [Int] = []
    for neighbour in problem.neighbours[buffer] where !isPlaced(neighbour.buffer) {
      guard let index = neighbour.rule else { continue }
      let rule = problem.rules[index]
      let ceiling = limit - problem.buffers[neighbour.buffer].bytes
      if rule.output == buffer {
        candidates.append(rule.smallestRise.roundedUp(to: problem.alignment))
        candidates.append((ceiling - rule.ascending).roundedDown(to: problem.alignment))
      } else {
        candidates.append(rule.ascending.roundedUp(to: problem.alignment))
        candidates.append((ceiling - rule.smallestRise).roundedDown(to: problem.alignment))
      }
    }
    return candidates
  }
}
