/// Checks a plan against its request, pair by pair, straight from the definitions and without the planner's data structures.
/// - Returns: what is wrong, in words; empty for a sound plan.
public func verify(_ plan: ArenaPlan, for request: ArenaRequest) -> [String] {
  guard plan.offsets.count == request.buffers.count else {
    return ["the plan has \(plan.offsets.count) offsets for \(request.buffers.count) buffers"]
  }
  var violations = sizeViolations(plan, request)
  for one in request.buffers.indices {
    for other in request.buffers.indices where one < other {
      let firstIsOlder = request.buffers[one].firstStep <= request.buffers[other].firstStep
      let pair = firstIsOlder ? (older: one, newer: other) : (older: other, newer: one)
      if let violation = sharingViolation(pair.older, pair.newer, plan, request) { violations.append(violation) }
    }
  }
  return violations
}

private func sizeViolations(_ plan: ArenaPlan, _ request: ArenaRequest) -> [String] {
  var violations: [String] = []
  for (buffer, offset) in zip(request.buffers, plan.offsets) {
    if offset < 0 { violations.append("'\(buffer.name)' begins below the arena, at \(offset)") }
    if offset % request.alignment != 0 {
      violations.append("'\(buffer.name)' begins at \(offset), not a multiple of \(request.alignment)")
    }
  }
  let highestEnd = zip(request.buffers, plan.offsets).filter { $0.0.bytes > 0 }.map { $0.0.bytes + $0.1 }.max() ?? 0
  if plan.bytes != highestEnd { violations.append("the arena is said to have \(plan.bytes) bytes, but ends at \(highestEnd)") }
  if plan.lowerBound > plan.bytes { violations.append("the lower bound \(plan.lowerBound) is above the arena's \(plan.bytes) bytes") }
  return violations
}

private func sharingViolation(_ older: Int, _ newer: Int, _ plan: ArenaPlan, _ request: ArenaRequest) -> String? {
  let (first, second) = (request.buffers[older], request.buffers[newer])
  let (firstStart, secondStart) = (plan.offsets[older], plan.offsets[newer])
  let (firstEnd, secondEnd) = (firstStart + first.bytes, secondStart + second.bytes)
  let livesMeet = first.firstStep <= second.lastStep && second.firstStep <= first.lastStep
  let bytesMeet = max(firstStart, secondStart) < min(firstEnd, secondEnd)
  guard livesMeet && bytesMeet else { return nil }

  let step = second.firstStep
  let rules = request.overlaps.filter { $0.input == older && $0.output == newer && $0.step == step }
  guard !rules.isEmpty, first.firstStep < step, first.lastStep == step else {
    return "'\(first.name)' and '\(second.name)' share bytes while both are alive at step \(step)"
  }
  let isDescending = plan.descendingSteps.contains(step)
  let holds = rules.allSatisfy { rule in
    isDescending ? secondEnd - firstEnd >= rule.descending : firstStart - secondStart >= rule.ascending
  }
  if holds { return nil }
  let order = isDescending ? "last row first" : "first row first"
  return "step \(step), \(order), writes '\(second.name)' over bytes of '\(first.name)' that it still needs"
}
