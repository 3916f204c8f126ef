import Testing

@testable import DeviceCompiler

@Suite struct LowerBoundTests {
  @Test func buffersWithoutOverlapsAddUp() {
    #expect(bound([(10, -1, 1), (20, 0, 1), (7, 1, 2), (5, 3, 4)], [], alignment: 1) == 37)
  }

  @Test func onlyTheTopmostBufferEscapesRounding() {
    // Three blocks of 16; the buffer of 1 byte lies on top and gives 15 bytes back.
    #expect(bound([(9, 0, 0), (16, 0, 0), (1, 0, 0)], [], alignment: 16) == 33)
  }

  @Test(arguments: [
    (ascending: 3, descending: 5, bytes: 13),  // the nearer row order: input + 3
    (ascending: 9, descending: 2, bytes: 12),
    (ascending: 8, descending: 8, bytes: 18),  // as far as lying apart
    (ascending: 100, descending: Int.max, bytes: 18),  // no last row first
    (ascending: 0, descending: 0, bytes: 10),  // the output inside the input
    (ascending: -4, descending: 6, bytes: 10),
  ])
  func anOverlappedPairNeedsItsSmallestUnion(ascending: Int, descending: Int, bytes: Int) {
    let overlap = DiagonalOverlap(step: 0, input: 0, output: 1, ascending: ascending, descending: descending)
    let request = request([(10, -1, 0), (8, 0, 1)], [overlap], alignment: 1)
    #expect(LowerBound(ArenaProblem(request)).bytes == bytes)
    #expect(planArena(request).bytes == bytes)
  }

  @Test func anAdditionNeedsItsTwoInputs() {
    let overlaps = [0, 1].map { DiagonalOverlap(step: 0, input: $0, output: 2, ascending: 0, descending: 0) }
    #expect(bound([(12, -1, 0), (12, -1, 0), (12, 0, 1)], overlaps, alignment: 4) == 24)
  }

  private func bound(_ buffers: [(Int, Int, Int)], _ overlaps: [DiagonalOverlap], alignment: Int) -> Int {
    LowerBound(ArenaProblem(request(buffers, overlaps, alignment: alignment))).bytes
  }

  private func request(_ buffers: [(Int, Int, Int)], _ overlaps: [DiagonalOverlap], alignment: Int) -> ArenaRequest {
    let named = buffers.enumerated().map { ArenaBuffer(name: "b\($0)", bytes: $1.0, firstStep: $1.1, lastStep: $1.2) }
    return ArenaRequest(buffers: named, overlaps: overlaps, alignment: alignment)
  }
}
