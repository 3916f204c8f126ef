import DeviceFormats
import Testing

/// A file with three small blocks, one of 600,000 bytes, and a small one behind it.
private struct Example {
  static let sizes = [100, 64, 5000, 600_000, 33]
  let blocks = sizes.enumerated().map { index, size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) } }
  let layout = PackedWeightsLayout(blocks: sizes.enumerated().map { ($1, $0) }, pageSize: 4096)
  let tests = PackedTestCases(
    golden: [.init(input: [1, -2, 3], output: [4, -5]), .init(input: [-128, 127, 0], output: [6, 7])],
    generatedChecksums: [0xDEAD_BEEF, 17], inputBytes: 3, outputBytes: 2)

  func file() -> [UInt8] {
    PackedWeightsWriter(
      layout: layout, modelHash: [UInt8](repeating: 1, count: 32), targetHash: [UInt8](repeating: 2, count: 32),
      layoutHash: [UInt8](repeating: 3, count: 32)
    ).file(blocks: blocks, tests: tests)
  }
}

struct PackedWeightsTests {
  @Test func readsBackWhatWasWritten() throws {
    let example = Example()
    let file = example.file()
    try file.withUnsafeBytes { raw in
      let reader = try PackedWeightsReader(raw.baseAddress!, available: raw.count)
      #expect(reader.fileBytes == file.count)
      #expect(reader.modelHash == [UInt8](repeating: 1, count: 32))
      #expect(reader.targetHash == [UInt8](repeating: 2, count: 32))
      #expect(reader.layoutHashBytes == [UInt8](repeating: 3, count: 32))
      for (block, placement) in zip(example.blocks, example.layout.placements) {
        let start = reader.segment(placement.segment).offset + placement.offset
        #expect(Array(raw[start..<start + block.count]) == block)
      }
      let tests = try TestSegment(reader)
      #expect(tests.goldenCount == 2 && tests.generatedCount == 2 && tests.inputBytes == 3 && tests.outputBytes == 2)
      #expect(tests.generatedChecksum(0) == 0xDEAD_BEEF && tests.generatedChecksum(1) == 17)
      #expect((0..<3).map { tests.goldenInput(1)[$0] } == [-128, 127, 0])
      #expect((0..<2).map { tests.goldenOutput(1)[$0] } == [6, 7])
    }
    #expect(PackedWeightsReader.faults(in: file).isEmpty)
  }

  /// The runtime maps the weights without the test segment: what kernels may read behind the last block must lie before it.
  @Test(arguments: [3904, 3905, 3968, 3969, 262_144, 524_288]) func theLastBlockHasReadableBytesBehindIt(_ size: Int) {
    let layout = PackedWeightsLayout(blocks: [(100, 0), (size, 1)], pageSize: 4096)
    let tests = PackedTestCases(golden: [], generatedChecksums: [], inputBytes: 1, outputBytes: 1)
    let hash = [UInt8](repeating: 0, count: 32)
    let file = PackedWeightsWriter(layout: layout, modelHash: hash, targetHash: hash, layoutHash: hash)
      .file(blocks: [[UInt8](repeating: 1, count: 100), [UInt8](repeating: 2, count: size)], tests: tests)
    #expect(PackedWeightsReader.faults(in: file).isEmpty)
    file.withUnsafeBytes { raw in
      guard let base = raw.baseAddress, let reader = try? PackedWeightsReader(base, available: raw.count) else { return }
      let place = layout.placements[1]
      let end = reader.segment(place.segment).offset + place.offset + size
      #expect(raw[end - size..<end].allSatisfy { $0 == 2 })
      #expect(end + PackedWeights.blockAlignment <= reader.segment(reader.segmentCount - 1).offset)
    }
  }

  @Test func smallBlocksShareASegmentAndLargeOnesHaveTheirOwn() throws {
    let example = Example()
    #expect(example.layout.placements.map(\.segment) == [0, 0, 0, 1, 4])
    #expect(example.layout.placements.map(\.offset) == [0, 128, 192, 0, 0])
    try example.file().withUnsafeBytes { raw in
      let reader = try PackedWeightsReader(raw.baseAddress!, available: raw.count)
      let segments = (0..<reader.segmentCount).map(reader.segment)
      #expect(segments.map(\.kind) == [.weights, .weights, .continuation, .continuation, .weights, .test])
      #expect(segments.dropLast().map(\.firstStep) == [0, 3, 3, 3, 4])
      #expect(segments.dropLast().map(\.lastStep) == [2, 3, 3, 3, 4])
      for segment in segments { #expect(segment.offset % 4096 == 0 && segment.length % 4096 == 0) }
      // What 32-bit kernels and vector kernels may touch behind a block.
      for (block, placement) in zip(example.blocks, example.layout.placements) {
        #expect(segments[placement.segment].offset + placement.offset + block.count + 64 <= raw.count)
      }
    }
  }

  @Test(arguments: [4096, 16_384, 65_536]) func segmentsFollowTheProfilesPage(pageSize: Int) throws {
    let layout = PackedWeightsLayout(blocks: [(10, 0), (300_000, 1)], pageSize: pageSize)
    let hash = [UInt8](repeating: 0, count: 32)
    let file = PackedWeightsWriter(layout: layout, modelHash: hash, targetHash: hash, layoutHash: hash).file(
      blocks: [[UInt8](repeating: 1, count: 10), [UInt8](repeating: 2, count: 300_000)],
      tests: PackedTestCases(golden: [], generatedChecksums: [], inputBytes: 0, outputBytes: 0))
    #expect(PackedWeightsReader.faults(in: file).isEmpty)
    #expect(file.count % pageSize == 0)
    file.withUnsafeBytes { raw in
      let reader = try? PackedWeightsReader(raw.baseAddress!, available: raw.count)
      for index in 0..<(reader?.segmentCount ?? 0) { #expect((reader?.segment(index).offset ?? 1) % pageSize == 0) }
    }
  }

  @Test func everyFlippedBitOfHeaderAndTableIsRefused() {
    var file = Example().file()
    let tableEnd = PackedWeights.headerBytes + 6 * PackedWeights.entryBytes
    for bit in 0..<tableEnd * 8 {
      file[bit / 8] ^= 1 << (bit % 8)
      #expect(!PackedWeightsReader.faults(in: file).isEmpty, "bit \(bit)")
      file[bit / 8] ^= 1 << (bit % 8)
    }
  }

  @Test func aDamagedSegmentIsNamedByItsOffset() {
    let example = Example()
    var file = example.file()
    // Segment 0 begins at 4096, has two pages; one byte of a block, one of the padding, one of the file's last byte.
    for (position, offset) in [(4096 + 130, 4096), (4096 + 8191, 4096), (file.count - 1, file.count - 4096)] {
      file[position] ^= 0x10
      #expect(PackedWeightsReader.faults(in: file) == [PackedWeightsFault(.segmentChecksum, at: offset)])
      file[position] ^= 0x10
    }
  }

  @Test func allDamagedSegmentsAreReported() {
    var file = Example().file()
    file[5000] ^= 1
    file[20_000] ^= 1
    #expect(PackedWeightsReader.faults(in: file).map(\.reason) == [.segmentChecksum, .segmentChecksum])
  }

  @Test func everyTruncationIsRefused() {
    let file = Example().file()
    for length in Array(0..<400) + [4096, 8192, 300_000, file.count - 4096, file.count - 1] {
      #expect(PackedWeightsReader.faults(in: Array(file[..<length])).map(\.reason) == [.truncated], "\(length) bytes")
    }
  }

  @Test func aTableThatLeadsOutOfTheFileIsRefusedDespiteItsChecksum() {
    for (field, bytes) in [(8, 3), (8, 7), (0, 6), (20, 1), (24, 1)] {
      for value: UInt8 in [1, 0x7F, 0xFF] {
        var file = Example().file()
        let position = PackedWeights.headerBytes + field + bytes
        if file[position] == value { continue }
        file[position] = value
        reseal(&file)
        #expect(PackedWeightsReader.faults(in: file).map(\.reason) == [.segmentTable], "byte \(position) = \(value)")
      }
    }
  }

  @Test func aTestSegmentThatClaimsMoreThanItHoldsIsRefused() throws {
    var file = Example().file()
    let start = file.count - 4096
    file[start + 10] = 0xFF
    try file.withUnsafeBytes { raw in
      let reader = try PackedWeightsReader(raw.baseAddress!, available: raw.count)
      #expect(throws: PackedWeightsFault(.testSegment, at: start)) { try TestSegment(reader) }
    }
  }

  /// Makes the header's checksum right again, as somebody who forges a file would.
  private func reseal(_ file: inout [UInt8]) {
    let tableEnd = PackedWeights.headerBytes + 6 * PackedWeights.entryBytes
    for index in 0..<4 { file[PackedWeights.headerChecksumOffset + index] = 0 }
    let checksum = Checksum.of(file[..<tableEnd])
    for index in 0..<4 { file[PackedWeights.headerChecksumOffset + index] = UInt8(truncatingIfNeeded: checksum >> (index * 8)) }
  }
}
