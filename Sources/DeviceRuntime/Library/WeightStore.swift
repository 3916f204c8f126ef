import CIntrinsics

/// A weights file in the caller's memory, read in place. It was checked when the model was opened, so nothing is checked here.
struct WeightStore {
  private let base: UnsafeRawPointer

  /// - Parameter base: the first byte of a file that `check` has accepted.
  init(_ base: UnsafeRawPointer) { self.base = base }

  /// The first byte of a weight block. - Precondition: the emitted network's own numbers.
  @inline(__always)
  func pointer(segment: Int, offset: Int) -> UnsafeRawPointer {
    let entry = PackedWeights.headerBytes &+ segment &* PackedWeights.entryBytes
    return base + (Int(truncatingIfNeeded: base.word64(at: entry &+ PackedWeights.entryOffsetOffset)) &+ offset)
  }
}

/// The checks of a weights file, each as one of the numbers of CIntrinsicsLibrary.h.
enum WeightsCheck {
  /// Header, segment table and layout: `count` bytes from `base` on are the file that was written together with this library.
  static func header(_ base: UnsafeRawPointer, count: Int) -> Int32 {
    do throws(PackedWeightsFault) {
      let reader = try PackedWeightsReader(base, available: count)
      return isOurs(reader) ? EDGEPACK_OK : EDGEPACK_OTHER_WEIGHTS
    } catch {
      return status(of: error)
    }
  }

  /// The checksums of all segments that a run reads. - Precondition: `header` accepts the file.
  static func segments(_ base: UnsafeRawPointer, count: Int) -> Int32 {
    do throws(PackedWeightsFault) {
      let reader = try PackedWeightsReader(base, available: count)
      var index = 0
      while index < Network.segmentCount && index < reader.segmentCount {
        try reader.verify(segment: index)
        index &+= 1
      }
      return EDGEPACK_OK
    } catch {
      return status(of: error)
    }
  }

  static func status(of fault: PackedWeightsFault) -> Int32 {
    switch fault.reason {
    case .magic, .version: EDGEPACK_NOT_WEIGHTS
    case .truncated: EDGEPACK_TRUNCATED_WEIGHTS
    case .headerChecksum, .pageSize, .fileSize, .segmentTable, .segmentChecksum, .testSegment: EDGEPACK_DAMAGED_WEIGHTS
    }
  }

  private static func isOurs(_ reader: PackedWeightsReader) -> Bool {
    let expected = Network.layoutHash
    var index = 0
    while index < PackedWeights.hashBytes {
      if reader.layoutHash.load(fromByteOffset: index, as: UInt8.self) != expected[index] { return false }
      index &+= 1
    }
    return reader.segmentCount == Network.segmentCount + 1
  }
}
