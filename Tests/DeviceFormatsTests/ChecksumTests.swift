import DeviceFormats
import Testing

struct ChecksumTests {
  /// RFC 3720 §B.4, and the check value of the CRC catalogue.
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      ([UInt8](0..<32), 0x46DD_794E),
      ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
      ([UInt8]("123456789".utf8), 0xE306_9283),
      ([], 0),
    ] as [([UInt8], UInt32)])
  func equalsThePublishedValues(bytes: [UInt8], expected: UInt32) {
    #expect(Checksum.of(bytes) == expected)
  }

  @Test func zerosCountLikeZeroBytes() {
    let bytes: [UInt8] = [1, 2, 3]
    var checksum = Checksum()
    bytes.withUnsafeBytes { checksum.add($0.baseAddress!, count: 3) }
    checksum.addZeros(count: 4)
    #expect(checksum.value == Checksum.of(bytes + [0, 0, 0, 0]))
  }
}

struct GeneratedInputTests {
  /// Computed apart with Python's integers: state ← state · 1664525 + 1013904223 mod 2³², highest byte.
  @Test func isTheDocumentedSequence() {
    #expect(GeneratedInput.bytes(seed: 0, count: 6) == [60, 71, -47, -86, 98, -97])
    #expect(GeneratedInput.bytes(seed: 63, count: 6) == [66, -2, -12, -1, 95, -70])
  }

  @Test func usesEveryByteValue() {
    #expect(Set(GeneratedInput.bytes(seed: 1, count: 4096)).count == 256)
  }
}
