import Testing

@testable import DeviceCompiler

@Suite struct ArenaVerificationTests {
  /// `output` (6 bytes) takes over from `input` (8 bytes) at step 0; `bystander` lives throughout.
  private let request = ArenaRequest(
    buffers: [
      ArenaBuffer(name: "input", bytes: 8, firstStep: -1, lastStep: 0), ArenaBuffer(name: "output", bytes: 6, firstStep: 0, lastStep: 1),
      ArenaBuffer(name: "bystander", bytes: 4, firstStep: -1, lastStep: 1),
    ],
    overlaps: [DiagonalOverlap(step: 0, input: 0, output: 1, ascending: 2, descending: 4)], alignment: 2)

  @Test func soundPlansPass() {
    #expect(violations(bytes: 14, [2, 0, 10]) == [])
    #expect(violations(bytes: 16, [0, 6, 12], descendingSteps: [0]) == [])
    #expect(verify(planArena(request), for: request) == [])
  }

  @Test func eachFaultIsNamed() {
    #expect(violations(bytes: 14, [2, 0]) == ["the plan has 2 offsets for 3 buffers"])
    #expect(violations(bytes: 16, [3, 0, 12]) == ["'input' begins at 3, not a multiple of 2"])
    #expect(violations(bytes: 14, [2, -2, 10]) == ["'output' begins below the arena, at -2"])
    #expect(violations(bytes: 16, [2, 0, 10]) == ["the arena is said to have 16 bytes, but ends at 14"])
    #expect(violations(bytes: 14, [2, 0, 10], lowerBound: 15) == ["the lower bound 15 is above the arena's 14 bytes"])
    #expect(violations(bytes: 12, [2, 0, 8]) == ["'input' and 'bystander' share bytes while both are alive at step -1"])
  }

  @Test func anOverlapInTheWrongRowOrderIsNamed() {
    #expect(
      violations(bytes: 14, [2, 0, 10], descendingSteps: [0])
        == ["step 0, last row first, writes 'output' over bytes of 'input' that it still needs"])
    #expect(
      violations(bytes: 12, [0, 0, 8]) == ["step 0, first row first, writes 'output' over bytes of 'input' that it still needs"])
  }

  @Test func anOverlapWithoutARuleIsNamed() {
    var request = request
    request.overlaps = []
    let plan = ArenaPlan(bytes: 14, lowerBound: 0, offsets: [2, 0, 10], descendingSteps: [])
    #expect(verify(plan, for: request) == ["'input' and 'output' share bytes while both are alive at step 0"])
  }

  private func violations(bytes: Int, _ offsets: [Int], descendingSteps: Set<Int> = [], lowerBound: Int = 0) -> [String] {
    let plan = ArenaPlan(bytes: bytes, lowerBound: lowerBound, offsets: offsets, descendingSteps: descendingSteps)
    return verify(plan, for: request)
  }
}
