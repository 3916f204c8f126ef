import TestSupport

/// Damages that any file can suffer, whatever it holds.
enum ByteDamage: String, CaseIterable {
  case flipBit, flipBits, setByte, setInteger, setVarint, truncate, extend, splice, duplicate, remove, zero

  static func random(_ random: inout SeededGenerator) -> ByteDamage {
    allCases[Int.random(in: allCases.indices, using: &random)]
  }

  /// - Parameter other: a sound file of the same format, to take pieces from.
  func apply(to file: inout DamagedFile, other: [UInt8], _ random: inout SeededGenerator) {
    file.damages.append(rawValue)
    guard !file.bytes.isEmpty else { return file.bytes = random.bytes(16) }
    let place = Int.random(in: file.bytes.indices, using: &random)
    switch self {
    case .flipBit: file.bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case .flipBits:
      for _ in 0..<Int.random(in: 2...32, using: &random) {
        file.bytes[Int.random(in: file.bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    case .setByte: file.bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &random) ?? 0
    case .setInteger: overwrite(&file.bytes, at: place, with: random.boundaryInteger())
    case .setVarint: overwrite(&file.bytes, at: place, with: Self.varint(UInt64.random(in: (1 << 31)...UInt64.max, using: &random)))
    case .truncate: file.bytes.removeLast(file.bytes.count - place)
    case .extend: file.bytes += random.bytes(Int.random(in: 1...256, using: &random))
    case .splice:
      // The beginning of one file and the end of another.
      file.bytes = Array(file.bytes[..<place]) + other.suffix(Int.random(in: 0...other.count, using: &random))
    case .duplicate:
      let length = Int.random(in: 1...min(256, file.bytes.count - place), using: &random)
      file.bytes.insert(
        contentsOf: file.bytes[place..<place + length], at: Int.random(in: 0...file.bytes.count, using: &random))
    case .remove: file.bytes.removeSubrange(place..<place + Int.random(in: 1...min(64, file.bytes.count - place), using: &random))
    case .zero:
      let length = Int.random(in: 1...min(4096, file.bytes.count - place), using: &random)
      file.bytes.replaceSubrange(place..<place + length, with: repeatElement(0, count: length))
    }
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with new: [UInt8]) {
    bytes.replaceSubrange(place..<min(bytes.count, place + new.count), with: new.prefix(bytes.count - place))
  }

  /// A number as protocol buffers write it.
  static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

extension SeededGenerator {
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  /// A number at which arithmetic goes wrong, in 1, 2, 4 or 8 little-endian bytes.
  mutating func boundaryInteger() -> [UInt8] {
    let size = [1, 2, 4, 8].randomElement(using: &self) ?? 8
    let value = absurd()
    return (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A number that no size, count, axis or factor should be.
  mutating func absurd() -> Int {
    let choices = [
      0, -1, 1, 2, -2, 255, 256, 4095, 65_535, 65_536, 1 << 20, 1 << 24, 1 << 31, (1 << 31) - 1, -(1 << 31), 1 << 32, 1 << 40, 1 << 61,
      1 << 62, .max, .max - 1, .min, .min + 1,
    ]
    return oneIn(6) ? Int.random(in: 1...100_000, using: &self) : choices.randomElement(using: &self) ?? 0
  }

  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int.random(in: choices.indices, using: &self)] }
}
