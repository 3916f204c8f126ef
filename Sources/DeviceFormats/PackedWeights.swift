/// Where everything lies in an `.epk` file, format version 1 (docs/file-formats.md). All numbers are little-endian.
public enum PackedWeights {
  /// `EDGEPK\r\n`: the line end shows a file that went through a text conversion.
  public static var magic: UInt64 { 0x0A0D_4B50_4547_4445 }
  public static var formatVersion: UInt32 { 1 }

  // The header.
  public static var magicOffset: Int { 0 }
  public static var versionOffset: Int { 8 }
  public static var pageSizeOffset: Int { 12 }
  public static var fileSizeOffset: Int { 16 }
  public static var segmentCountOffset: Int { 24 }
  /// CRC-32C of header and table, computed with these four bytes zero.
  public static var headerChecksumOffset: Int { 28 }
  public static var modelHashOffset: Int { 32 }
  public static var targetHashOffset: Int { 64 }
  public static var layoutHashOffset: Int { 96 }
  public static var hashBytes: Int { 32 }
  public static var headerBytes: Int { 128 }

  // One entry of the segment table, which follows the header.
  public static var entryBytes: Int { 32 }
  public static var entryOffsetOffset: Int { 0 }
  public static var entryLengthOffset: Int { 8 }
  public static var entryChecksumOffset: Int { 16 }
  public static var entryKindOffset: Int { 20 }
  public static var entryFirstStepOffset: Int { 24 }
  public static var entryLastStepOffset: Int { 28 }

  public static var minimumPageSize: Int { 4096 }
  /// Consecutive blocks share a segment up to this size.
  public static var segmentBytes: Int { 262_144 }
  /// Blocks begin at multiples of this within their segment, and as many bytes of weight segments lie behind each block: kernels may read
  /// them.
  public static var blockAlignment: Int { 64 }
  /// More segments than any file needs; bounds the table before its checksum is known.
  public static var maximumSegments: Int { 65_536 }
}

/// What a segment holds.
public enum SegmentKind: UInt32 {
  /// One or more whole weight blocks, or the beginning of one that is larger than a segment.
  case weights = 0
  /// More of the block that began in the segment before.
  case continuation = 1
  /// Golden cases and checksums for the self-test. Exactly one, the last segment.
  case test = 2
}

/// One entry of the segment table.
public struct Segment {
  /// In bytes from the file's start, a multiple of the page size.
  public var offset: Int
  /// In bytes, padding included, a multiple of the page size.
  public var length: Int
  /// CRC-32C of all `length` bytes.
  public var checksum: UInt32
  public var kind: SegmentKind
  /// The steps that read it; 0 and 0 for the test segment.
  public var firstStep: UInt32
  public var lastStep: UInt32

  public init(offset: Int, length: Int, checksum: UInt32, kind: SegmentKind, firstStep: UInt32, lastStep: UInt32) {
    self.offset = offset
    self.length = length
    self.checksum = checksum
    self.kind = kind
    self.firstStep = firstStep
    self.lastStep = lastStep
  }
}

/// Why bytes are no `.epk` file, and the byte that says so.
public struct PackedWeightsFault: Error, Equatable {
  public enum Reason: UInt8, Equatable, Sendable {
    case truncated, magic, version, headerChecksum, pageSize, fileSize, segmentTable, segmentChecksum, testSegment
  }

  public var reason: Reason
  /// In bytes from the file's start.
  public var offset: Int

  @inlinable public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// What is wrong there, without a full stop.
  public var message: StaticString {
    switch reason {
    case .truncated: "the file ends too early"
    case .magic: "this is no weights file"
    case .version: "format version not supported"
    case .headerChecksum: "header damaged (checksum differs)"
    case .pageSize: "impossible page size"
    case .fileSize: "impossible file size"
    case .segmentTable: "impossible segment table"
    case .segmentChecksum: "weights damaged (segment checksum differs)"
    case .testSegment: "impossible test segment"
    }
  }
}
