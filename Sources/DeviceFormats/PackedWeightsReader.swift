/// An `.epk` file in memory whose header and table have been found sound. Segments are checked one by one, when they are first used.
public struct PackedWeightsReader {
  public let base: UnsafeRawPointer
  public let segmentCount: Int
  public let pageSize: Int
  /// What the header says; the memory may go on behind it (a file on a larger block device).
  public let fileBytes: Int

  /// - Parameters:
  ///   - base: the file's first byte; must stay readable as long as the reader is used.
  ///   - available: readable bytes from there.
  /// - Throws: the first fault of the header or the table. After success no offset or length of the table leads out of the file.
  public init(_ base: UnsafeRawPointer, available: Int) throws(PackedWeightsFault) {
    guard available >= PackedWeights.headerBytes else { throw PackedWeightsFault(.truncated, at: available) }
    guard base.word64(at: PackedWeights.magicOffset) == PackedWeights.magic else { throw PackedWeightsFault(.magic, at: 0) }
    guard base.word32(at: PackedWeights.versionOffset) == PackedWeights.formatVersion else {
      throw PackedWeightsFault(.version, at: PackedWeights.versionOffset)
    }
    let count = base.word32(at: PackedWeights.segmentCountOffset)
    guard count >= 1, count <= UInt32(PackedWeights.maximumSegments) else {
      throw PackedWeightsFault(.segmentTable, at: PackedWeights.segmentCountOffset)
    }
    let tableEnd = PackedWeights.headerBytes + Int(count) * PackedWeights.entryBytes
    // A table that its own file cannot hold is a damaged count, not a file that was cut off.
    guard UInt64(tableEnd) <= base.word64(at: PackedWeights.fileSizeOffset) else {
      throw PackedWeightsFault(.segmentTable, at: PackedWeights.segmentCountOffset)
    }
    guard available >= tableEnd else { throw PackedWeightsFault(.truncated, at: available) }
    guard Self.headerChecksum(base, tableEnd: tableEnd) == base.word32(at: PackedWeights.headerChecksumOffset) else {
      throw PackedWeightsFault(.headerChecksum, at: PackedWeights.headerChecksumOffset)
    }
    let page = base.word32(at: PackedWeights.pageSizeOffset)
    guard page >= UInt32(PackedWeights.minimumPageSize), page <= 1 << 24, page & (page &- 1) == 0 else {
      throw PackedWeightsFault(.pageSize, at: PackedWeights.pageSizeOffset)
    }
    let size = base.word64(at: PackedWeights.fileSizeOffset)
    guard size <= UInt64(Int.max), Int(size) % Int(page) == 0 else {
      throw PackedWeightsFault(.fileSize, at: PackedWeights.fileSizeOffset)
    }
    guard Int(size) <= available else { throw PackedWeightsFault(.truncated, at: available) }
    self.base = base
    segmentCount = Int(count)
    pageSize = Int(page)
    fileBytes = Int(size)
    try checkTable(tableEnd: tableEnd)
  }

  /// CRC-32C of header and table with the checksum's own bytes as zeros.
  static func headerChecksum(_ base: UnsafeRawPointer, tableEnd: Int) -> UInt32 {
    let own = PackedWeights.headerChecksumOffset
    var checksum = Checksum()
    checksum.add(base, count: own)
    checksum.addZeros(count: 4)
    checksum.add(base + (own + 4), count: tableEnd - own - 4)
    return checksum.value
  }

  /// Segments follow each other without gaps from the first page after the table to the file's end; the last one is the test segment.
  private func checkTable(tableEnd: Int) throws(PackedWeightsFault) {
    var expected = (tableEnd + pageSize - 1) & ~(pageSize - 1)
    var index = 0
    while index < segmentCount {
      let entry = PackedWeights.headerBytes + index * PackedWeights.entryBytes
      let length = base.word64(at: entry + PackedWeights.entryLengthOffset)
      let kind = SegmentKind(rawValue: base.word32(at: entry + PackedWeights.entryKindOffset))
      guard base.word64(at: entry + PackedWeights.entryOffsetOffset) == UInt64(expected), expected <= fileBytes,
        length > 0, length <= UInt64(fileBytes - expected), Int(length) & (pageSize - 1) == 0,
        let kind, (kind == .test) == (index == segmentCount - 1), kind != .continuation || index > 0,
        base.word32(at: entry + PackedWeights.entryFirstStepOffset) <= base.word32(at: entry + PackedWeights.entryLastStepOffset)
      else { throw PackedWeightsFault(.segmentTable, at: entry) }
      expected += Int(length)
      index += 1
    }
    guard expected == fileBytes else { throw PackedWeightsFault(.fileSize, at: PackedWeights.fileSizeOffset) }
  }

  /// - Precondition: `0 ≤ index < segmentCount`.
  public func segment(_ index: Int) -> Segment {
    precondition(index >= 0 && index < segmentCount)
    let entry = PackedWeights.headerBytes + index * PackedWeights.entryBytes
    return Segment(
      offset: Int(truncatingIfNeeded: base.word64(at: entry + PackedWeights.entryOffsetOffset)),
      length: Int(truncatingIfNeeded: base.word64(at: entry + PackedWeights.entryLengthOffset)),
      checksum: base.word32(at: entry + PackedWeights.entryChecksumOffset),
      kind: SegmentKind(rawValue: base.word32(at: entry + PackedWeights.entryKindOffset)) ?? .test,
      firstStep: base.word32(at: entry + PackedWeights.entryFirstStepOffset),
      lastStep: base.word32(at: entry + PackedWeights.entryLastStepOffset))
  }

  /// Reads all of a segment. - Throws: `segmentChecksum` at the segment's offset.
  public func verify(segment index: Int) throws(PackedWeightsFault) {
    let segment = segment(index)
    guard Checksum.of(base + segment.offset, count: segment.length) == segment.checksum else {
      throw PackedWeightsFault(.segmentChecksum, at: segment.offset)
    }
  }

  /// The first byte of the layout hash, which must equal the program's.
  public var layoutHash: UnsafeRawPointer { base + PackedWeights.layoutHashOffset }
}

extension UnsafeRawPointer {
  @inline(__always) func word32(at offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
  @inline(__always) func word64(at offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
}

#if !hasFeature(Embedded)
extension PackedWeightsReader {
  public var modelHash: [UInt8] { hash(at: PackedWeights.modelHashOffset) }
  public var targetHash: [UInt8] { hash(at: PackedWeights.targetHashOffset) }
  public var layoutHashBytes: [UInt8] { hash(at: PackedWeights.layoutHashOffset) }

  private func hash(at offset: Int) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: base + offset, count: PackedWeights.hashBytes))
  }

  /// Every fault of a whole file: the header's first one, or each damaged segment.
  public static func faults(in file: [UInt8]) -> [PackedWeightsFault] { file.withUnsafeBytes { faults(in: $0) } }

  /// Every fault of a whole file in memory.
  public static func faults(in file: UnsafeRawBufferPointer) -> [PackedWeightsFault] {
    guard let base = file.baseAddress else { return [PackedWeightsFault(.truncated, at: 0)] }
    do throws(PackedWeightsFault) {
      let reader = try PackedWeightsReader(base, available: file.count)
      var faults: [PackedWeightsFault] = []
      for index in 0..<reader.segmentCount {
        do throws(PackedWeightsFault) { try reader.verify(segment: index) } catch { faults.append(error) }
      }
      return faults
    } catch {
      return [error]
    }
  }
}
#endif
