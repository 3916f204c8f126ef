import CIntrinsics

/// The weights file inside the image, read in place from flash. A segment's checksum is verified when the first step asks for it: flash
/// that was programmed badly is found before its bytes are used.
struct WeightStore {
  let reader: PackedWeightsReader
  private var verified = Network.SegmentFlags(repeating: 0)
  private(set) var segmentsTouched = 0

  /// Checks header and layout; ends the program with a message if the weights are not this program's.
  init() {
    let start = UnsafeRawPointer(edgepack_weights_start())
    let end = UnsafeRawPointer(edgepack_weights_end())
    guard let start, let end else { fail("the image has no weights") }
    do throws(PackedWeightsFault) {
      reader = try PackedWeightsReader(start, available: end - start)
    } catch {
      Self.refuse(error)
    }
    var index = 0
    let expected = Network.layoutHash
    while index < PackedWeights.hashBytes {
      if reader.layoutHash.load(fromByteOffset: index, as: UInt8.self) != expected[index] {
        fail("the weights belong to another program (layout hash differs)")
      }
      index &+= 1
    }
    if reader.segmentCount != Network.segmentCount + 1 { fail("the weights have another number of segments") }
  }

  /// The first byte of a weight block. - Precondition: the emitted network's own numbers.
  @inline(__always)
  mutating func pointer(segment: Int, offset: Int) -> UnsafeRawPointer {
    if verified[segment &>> 5] & (1 &<< UInt32(segment & 31)) == 0 { touch(segment) }
    return reader.base + (reader.segment(segment).offset + offset)
  }

  /// Verifies a segment and those that continue its last block.
  @inline(never)
  private mutating func touch(_ first: Int) {
    var index = first
    repeat {
      do throws(PackedWeightsFault) { try reader.verify(segment: index) } catch { Self.refuse(error) }
      verified[index &>> 5] |= 1 &<< UInt32(index & 31)
      segmentsTouched &+= 1
      index &+= 1
    } while index < Network.segmentCount && reader.segment(index).kind == .continuation
  }

  /// The self-test's cases, checked like a segment of weights.
  func tests() -> TestSegment {
    do throws(PackedWeightsFault) {
      try reader.verify(segment: reader.segmentCount - 1)
      return try TestSegment(reader)
    } catch {
      Self.refuse(error)
    }
  }

  @inline(never)
  private static func refuse(_ fault: PackedWeightsFault) -> Never {
    failProgram {
      $0.put("weights, byte ")
      $0.put(fault.offset)
      $0.put(": ")
      $0.put(fault.message)
    }
  }
}
