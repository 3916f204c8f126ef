import DeviceFormats

/// Which bytes of an `.epk` file share a checksum.
public struct FileParts {
  public var header: Range<Int>
  /// Read by nobody.
  public var padding: Range<Int>
  public var segments: [Range<Int>]

  /// - Throws: `PackedWeightsFault` if the file is not sound.
  public init(_ file: [UInt8]) throws {
    self = try file.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { throw PackedWeightsFault(.truncated, at: 0) }
      let reader = try PackedWeightsReader(base, available: raw.count)
      let tableEnd = PackedWeights.headerBytes + reader.segmentCount * PackedWeights.entryBytes
      let segments = (0..<reader.segmentCount).map(reader.segment).map { $0.offset..<$0.offset + $0.length }
      return FileParts(header: 0..<tableEnd, padding: tableEnd..<segments[0].lowerBound, segments: segments)
    }
  }

  private init(header: Range<Int>, padding: Range<Int>, segments: [Range<Int>]) {
    (self.header, self.padding, self.segments) = (header, padding, segments)
  }

  public func part(of byte: Int) -> Range<Int> { segments.first { $0.contains(byte) } ?? header }
}
