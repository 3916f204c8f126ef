import DeviceFormats
import MutationSupport
import TestSupport
import Testing

/// Any flipped bit of an `.epk` file is refused with a place in the damaged part, or lies where nothing reads.
struct FlippedBitTests {
  @Test func everyBitIsRefusedAtItsPlaceOrReadByNobody() throws {
    var file = Specimens.weights(blocks: [100, 64, 33])
    let parts = try FileParts(file)
    var unread = 0
    for bit in 0..<file.count * 8 {
      let byte = bit / 8
      file[byte] ^= 1 << (bit % 8)
      let faults = PackedWeightsReader.faults(in: file)
      file[byte] ^= 1 << (bit % 8)
      if parts.padding.contains(byte) {
        // Between the table and the first page: no offset of the table leads there.
        unread += 1
        #expect(faults.isEmpty, "bit \(bit)")
      } else {
        let part = parts.part(of: byte)
        #expect(faults.count == 1 && faults.allSatisfy { part.contains($0.offset) }, "bit \(bit) of \(part): \(faults)")
      }
    }
    #expect(unread == parts.padding.count * 8)
  }
}
