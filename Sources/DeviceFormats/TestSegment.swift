/// The content of the test segment: golden cases and checksums of generated cases (docs/file-formats.md).
///
/// Layout: golden count, generated count, input bytes, output bytes (4 × uint32); the checksums (uint32 each); then for each golden case
/// the input tensor and the output tensor, without gaps.
public struct TestSegment {
  private let base: UnsafeRawPointer
  public let goldenCount: Int
  public let generatedCount: Int
  public let inputBytes: Int
  public let outputBytes: Int

  static var headerBytes: Int { 16 }

  /// - Throws: `testSegment` if the counts do not fit into the segment.
  public init(_ reader: PackedWeightsReader) throws(PackedWeightsFault) {
    let segment = reader.segment(reader.segmentCount - 1)
    base = reader.base + segment.offset
    let golden = UInt64(base.word32(at: 0))
    let generated = UInt64(base.word32(at: 4))
    let input = UInt64(base.word32(at: 8))
    let output = UInt64(base.word32(at: 12))
    // Four counts of 32 bits each: the products fit 64 bits because golden cases are few. Without golden cases, the sizes may be any.
    guard golden <= 1024, UInt64(Self.headerBytes) + generated * 4 + golden * (input + output) <= UInt64(segment.length) else {
      throw PackedWeightsFault(.testSegment, at: segment.offset)
    }
    goldenCount = Int(golden)
    generatedCount = Int(generated)
    inputBytes = Int(truncatingIfNeeded: input)
    outputBytes = Int(truncatingIfNeeded: output)
  }

  /// CRC-32C of the output for generated input `index`.
  public func generatedChecksum(_ index: Int) -> UInt32 { base.word32(at: Self.headerBytes + index * 4) }

  public func goldenInput(_ index: Int) -> UnsafePointer<Int8> {
    (base + (Self.headerBytes + generatedCount * 4 + index * (inputBytes + outputBytes))).assumingMemoryBound(to: Int8.self)
  }

  public func goldenOutput(_ index: Int) -> UnsafePointer<Int8> { goldenInput(index) + inputBytes }
}
