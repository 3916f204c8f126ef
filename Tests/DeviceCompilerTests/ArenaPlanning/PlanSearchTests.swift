import Testing

@testable import DeviceCompiler

@Suite struct PlanSearchTests {
  @Test func randomRequestsGetSoundPlansBetweenTheBoundAndPlainGreed() {
    for seed in 0..<200 {
      var generator = SplitMix64(state: UInt64(seed))
      let request = randomRequest(buffers: 1 + generator.next(below: 24), largest: 400, &generator)
      let plan = planArena(request)
      #expect(verify(plan, for: request) == [], "seed \(seed)")
      #expect(plan.bytes >= plan.lowerBound, "seed \(seed)")
      #expect(plan.bytes <= plainGreedyBySize(request), "seed \(seed)")
    }
  }

  @Test func tinyRequestsGetTheOptimum() {
    for seed in 0..<600 {
      var generator = SplitMix64(state: UInt64(seed))
      let request = randomRequest(buffers: 1 + generator.next(below: 5), largest: 6, &generator)
      let plan = planArena(request)
      let optimum = ExhaustivePlacement.smallestArena(request, atMost: plan.bytes)
      #expect(plan.bytes == optimum, "seed \(seed)")
      #expect(plan.lowerBound <= optimum, "seed \(seed)")
    }
  }

  @Test func theSameRequestGetsTheSamePlan() {
    for seed in 0..<10 {
      var generator = SplitMix64(state: UInt64(seed))
      let request = randomRequest(buffers: 40, largest: 1_000, &generator)
      #expect(planArena(request) == planArena(request), "seed \(seed)")
    }
  }

  @Test func hundredsOfBuffersStayWithinAQuarterOfTheBound() {
    var generator = SplitMix64(state: 7)
    let request = randomRequest(buffers: 600, largest: 5_000, &generator)
    let plan = planArena(request)
    #expect(verify(plan, for: request) == [])
    #expect(plan.bytes * 4 <= plan.lowerBound * 5)
  }

  @Test func anEmptyRequestNeedsNothing() {
    let plan = planArena(ArenaRequest(buffers: [], overlaps: [], alignment: 16))
    #expect(plan == ArenaPlan(bytes: 0, lowerBound: 0, offsets: [], descendingSteps: []))
  }

  @Test func emptyBuffersTakeNoSpaceAndTroubleNobody() {
    let request = ArenaRequest(
      buffers: [
        ArenaBuffer(name: "empty", bytes: 0, firstStep: 0, lastStep: 3), ArenaBuffer(name: "full", bytes: 5, firstStep: 1, lastStep: 2),
      ], overlaps: [], alignment: 4)
    let plan = planArena(request)
    #expect(plan.bytes == 5)
    #expect(verify(plan, for: request) == [])
  }

  @Test func anOverlapThatOutlivesItsStepIsNotUsed() {
    let overlap = DiagonalOverlap(step: 0, input: 0, output: 1, ascending: 0, descending: 0)
    let request = ArenaRequest(
      buffers: [
        ArenaBuffer(name: "input", bytes: 8, firstStep: -1, lastStep: 1), ArenaBuffer(name: "output", bytes: 8, firstStep: 0, lastStep: 2),
      ], overlaps: [overlap], alignment: 1)
    let plan = planArena(request)
    #expect(plan.bytes == 16)
    #expect(plan.lowerBound == 16)
  }

  @Test func oneRowOrderServesAllOverlapsOfAStep() {
    // Over the first input only first row first, over the second only last row first: both at once is impossible.
    let never = Int.max
    let request = ArenaRequest(
      buffers: [
        ArenaBuffer(name: "left", bytes: 4, firstStep: -1, lastStep: 0), ArenaBuffer(name: "right", bytes: 4, firstStep: -1, lastStep: 0),
        ArenaBuffer(name: "sum", bytes: 8, firstStep: 0, lastStep: 1),
      ],
      overlaps: [
        DiagonalOverlap(step: 0, input: 0, output: 2, ascending: 0, descending: never),
        DiagonalOverlap(step: 0, input: 1, output: 2, ascending: never, descending: 0),
      ], alignment: 1)
    let plan = planArena(request)
    #expect(verify(plan, for: request) == [])
    #expect(plan.bytes == 12)
  }
}

/// The textbook planner: large buffers first, each at the lowest gap between the buffers that live at the same time. No overlaps.
private func plainGreedyBySize(_ request: ArenaRequest) -> Int {
  var placed: [(buffer: ArenaBuffer, offset: Int)] = []
  for buffer in request.buffers.enumerated().sorted(by: { ($1.element.bytes, $0.offset) < ($0.element.bytes, $1.offset) }).map(\.element) {
    var offset = 0
    for other in placed.sorted(by: { $0.offset < $1.offset }) {
      guard other.buffer.firstStep <= buffer.lastStep, buffer.firstStep <= other.buffer.lastStep else { continue }
      if other.offset < offset + buffer.bytes {
        let end = other.offset + other.buffer.bytes
        offset = max(offset, (end + request.alignment - 1) / request.alignment * request.alignment)
      }
    }
    placed.append((buffer, offset))
  }
  return placed.map { $0.offset + $0.buffer.bytes }.max() ?? 0
}
