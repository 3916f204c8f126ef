#if !hasFeature(Embedded)
/// Where each weight block goes in an `.epk` file. Known before the file can be written: the emitted program names these places, and the
/// file carries the hash of that program's text.
public struct PackedWeightsLayout: Sendable, Hashable {
  /// The segment in which a block begins, and the byte within it.
  public struct Placement: Sendable, Hashable {
    public var segment: Int
    public var offset: Int
  }

  struct Part: Sendable, Hashable {
    var length: Int
    var isContinuation: Bool
    var firstStep: Int
    var lastStep: Int
  }

  public let pageSize: Int
  /// Blocks share a segment up to this size.
  private let segmentBytes: Int
  public private(set) var placements: [Placement] = []
  var parts: [Part] = []

  /// Segments that hold weights; the test segment follows them.
  public var weightSegmentCount: Int { parts.count }

  /// Header and table with the padding behind them: where segment 0 begins.
  public var headBytes: Int {
    (PackedWeights.headerBytes + (parts.count + 1) * PackedWeights.entryBytes).rounded(upTo: pageSize)
  }

  /// Segments that are read together: one that begins with a block, and its continuations. In order, each with its length in bytes.
  public var runs: [(segments: Range<Int>, bytes: Int)] {
    var runs: [(segments: Range<Int>, bytes: Int)] = []
    for (index, part) in parts.enumerated() {
      if part.isContinuation, let last = runs.last {
        runs[runs.count - 1] = (last.segments.lowerBound..<index + 1, last.bytes + part.length)
      } else {
        runs.append((index..<index + 1, part.length))
      }
    }
    return runs
  }

  /// - Parameters:
  ///   - blocks: sizes in bytes and reading steps, in the order of first use.
  ///   - pageSize: a power of two, at least 4096.
  ///   - segmentBytes: consecutive blocks share a segment up to this size.
  public init(blocks: [(bytes: Int, step: Int)], pageSize: Int, segmentBytes: Int = PackedWeights.segmentBytes) {
    precondition(pageSize >= PackedWeights.minimumPageSize && pageSize & (pageSize - 1) == 0)
    self.pageSize = pageSize
    self.segmentBytes = segmentBytes.rounded(upTo: pageSize)
    for block in blocks { place(bytes: max(block.bytes, 1), step: block.step) }
    // Kernels may read behind a block. Behind all but the last one other weights follow; the test segment need not be mapped.
    if let last = parts.indices.last { parts[last].length += PackedWeights.blockAlignment }
    for index in parts.indices { parts[index].length = parts[index].length.rounded(upTo: pageSize) }
  }

  private mutating func place(bytes: Int, step: Int) {
    if let last = parts.indices.last, !isLarge(parts[last]) {
      let offset = parts[last].length.rounded(upTo: PackedWeights.blockAlignment)
      if offset + bytes <= segmentBytes {
        placements.append(Placement(segment: last, offset: offset))
        parts[last].length = offset + bytes
        parts[last].lastStep = step
        return
      }
    }
    placements.append(Placement(segment: parts.count, offset: 0))
    var rest = bytes
    var isContinuation = false
    repeat {
      let length = min(rest, segmentBytes)
      parts.append(Part(length: length, isContinuation: isContinuation, firstStep: step, lastStep: step))
      rest -= length
      isContinuation = true
    } while rest > 0
  }

  /// A block of several segments shares none of them.
  private func isLarge(_ part: Part) -> Bool { part.isContinuation || part.length >= segmentBytes }
}

/// What the self-test compares with.
public struct PackedTestCases: Sendable, Hashable {
  public struct Golden: Sendable, Hashable {
    /// The int8 tensor of the first step, as it lies in the arena.
    public var input: [Int8]
    /// The int8 answer.
    public var output: [Int8]

    public init(input: [Int8], output: [Int8]) {
      self.input = input
      self.output = output
    }
  }

  public var golden: [Golden]
  /// CRC-32C of the answer to generated input 0, 1, ….
  public var generatedChecksums: [UInt32]
  public var inputBytes: Int
  public var outputBytes: Int

  public init(golden: [Golden], generatedChecksums: [UInt32], inputBytes: Int, outputBytes: Int) {
    precondition(golden.allSatisfy { $0.input.count == inputBytes && $0.output.count == outputBytes })
    self.golden = golden
    self.generatedChecksums = generatedChecksums
    self.inputBytes = inputBytes
    self.outputBytes = outputBytes
  }

  var segmentBytes: [UInt8] {
    var bytes: [UInt8] = []
    for count in [golden.count, generatedChecksums.count, inputBytes, outputBytes] { bytes.append(word: UInt32(count)) }
    for checksum in generatedChecksums { bytes.append(word: checksum) }
    for golden in golden {
      bytes.append(contentsOf: golden.input.map(UInt8.init(bitPattern:)))
      bytes.append(contentsOf: golden.output.map(UInt8.init(bitPattern:)))
    }
    return bytes
  }
}

/// Writes `.epk` files.
public struct PackedWeightsWriter: Sendable {
  public var layout: PackedWeightsLayout
  public var modelHash: [UInt8]
  public var targetHash: [UInt8]
  public var layoutHash: [UInt8]

  /// - Precondition: hashes of 32 bytes.
  public init(layout: PackedWeightsLayout, modelHash: [UInt8], targetHash: [UInt8], layoutHash: [UInt8]) {
    precondition([modelHash, targetHash, layoutHash].allSatisfy { $0.count == PackedWeights.hashBytes })
    self.layout = layout
    self.modelHash = modelHash
    self.targetHash = targetHash
    self.layoutHash = layoutHash
  }

  /// The whole file. - Precondition: `blocks` are those that the layout was made for.
  public func file(blocks: [[UInt8]], tests: PackedTestCases) -> [UInt8] {
    precondition(blocks.count == layout.placements.count)
    let page = layout.pageSize
    let testBytes = tests.segmentBytes
    let testPart = PackedWeightsLayout.Part(
      length: testBytes.count.rounded(upTo: page), isContinuation: false, firstStep: 0, lastStep: 0)
    let parts = layout.parts + [testPart]
    let offsets = parts.reduce(into: [layout.headBytes]) { $0.append(($0.last ?? 0) + $1.length) }

    var file = [UInt8](repeating: 0, count: offsets[parts.count])
    for (block, placement) in zip(blocks, layout.placements) {
      file.replace(at: offsets[placement.segment] + placement.offset, with: block)
    }
    file.replace(at: offsets[parts.count - 1], with: testBytes)
    writeTable(parts, offsets: offsets, into: &file)
    writeHeader(segmentCount: parts.count, into: &file)
    return file
  }

  private func writeTable(_ parts: [PackedWeightsLayout.Part], offsets: [Int], into file: inout [UInt8]) {
    for (index, part) in parts.enumerated() {
      let kind: SegmentKind = index == parts.count - 1 ? .test : part.isContinuation ? .continuation : .weights
      var entry: [UInt8] = []
      entry.append(word64: UInt64(offsets[index]))
      entry.append(word64: UInt64(part.length))
      entry.append(word: Checksum.of(file[offsets[index]..<offsets[index + 1]]))
      entry.append(word: kind.rawValue)
      entry.append(word: UInt32(part.firstStep))
      entry.append(word: UInt32(part.lastStep))
      file.replace(at: PackedWeights.headerBytes + index * PackedWeights.entryBytes, with: entry)
    }
  }

  private func writeHeader(segmentCount: Int, into file: inout [UInt8]) {
    var header: [UInt8] = []
    header.append(word64: PackedWeights.magic)
    header.append(word: PackedWeights.formatVersion)
    header.append(word: UInt32(layout.pageSize))
    header.append(word64: UInt64(file.count))
    header.append(word: UInt32(segmentCount))
    header.append(word: 0)
    header += modelHash + targetHash + layoutHash
    file.replace(at: 0, with: header)
    let tableEnd = PackedWeights.headerBytes + segmentCount * PackedWeights.entryBytes
    var checksum: [UInt8] = []
    checksum.append(word: Checksum.of(file[..<tableEnd]))
    file.replace(at: PackedWeights.headerChecksumOffset, with: checksum)
  }
}

extension Int {
  fileprivate func rounded(upTo multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}

extension [UInt8] {
  fileprivate mutating func append(word: UInt32) { append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }) }
  fileprivate mutating func append(word64: UInt64) { append(contentsOf: (0..<8).map { UInt8(truncatingIfNeeded: word64 >> ($0 * 8)) }) }
  fileprivate mutating func replace(at offset: Int, with bytes: [UInt8]) {
    replaceSubrange(offset..<offset + bytes.count, with: bytes)
  }
}
#endif
