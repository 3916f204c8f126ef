import DeviceFormats
import TestSupport
import Testing

@testable import DeviceCompiler

@Suite struct WeightResidenceTests {
  private func residence(_ blocks: [Int], limit: Int?) -> (WeightResidence, PackedWeightsLayout) {
    let layout = PackedWeightsLayout(
      blocks: blocks.enumerated().map { ($1, $0) }, pageSize: 4096, segmentBytes: WeightResidence.segmentBytes(limit))
    return (WeightResidence(layout, limit: limit), layout)
  }

  @Test func whatFitsIsNeverGivenBack() {
    for limit in [nil, 8192, 9000] {
      let (residence, _) = residence([1000, 2000], limit: limit)
      #expect(residence.windowBytes == 0 && residence.pinnedSegments == 0)
      #expect(residence.bytes == 8192, "a page of header and table, a page of weights")
    }
  }

  /// Sixteen blocks of 128 KiB and a mebibyte: two blocks slide, the last of which has a page behind it that kernels may read; the head and
  /// 64 KiB around faults are set aside; the rest stays.
  @Test func theFirstSegmentsStayAsFarAsThereIsRoomBesideTheWindow() {
    let (residence, _) = residence(Array(repeating: 131_072, count: 16), limit: 1 << 20)
    #expect(residence.windowBytes == 2 * 131_072 + 4096)
    #expect(residence.pinnedSegments == 5, "1,048,576 - 4,096 - 65,536 - 266,240 bytes hold five")
    #expect(residence.bytes <= 1 << 20)
  }

  @Test func theLimitHoldsWhereverTheLargestBlockAllowsIt() {
    for seed in SeededGenerator.seeds(500) {
      var random = SeededGenerator(seed: seed)
      let blocks = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int.random(in: 1...600_000, using: &random) }
      let limit = Int.random(in: 131_072...4_194_304, using: &random)
      let (residence, layout) = residence(blocks, limit: limit)
      let runs = layout.runs
      let all = layout.headBytes + runs.reduce(0) { $0 + $1.bytes }
      let largest = runs.map(\.bytes).max() ?? 0
      #expect(residence.windowBytes == 0 ? all <= limit : residence.windowBytes >= largest, "EDGEPACK_SEED=\(seed)")
      #expect(residence.bytes <= max(limit, layout.headBytes + 65_536 + largest), "EDGEPACK_SEED=\(seed)")
      // A pinned segment never parts a block.
      #expect(runs.contains { $0.segments.lowerBound == residence.pinnedSegments }, "EDGEPACK_SEED=\(seed)")
    }
  }
}
