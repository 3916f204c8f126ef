import DeviceFormats
import TestSupport

/// Damages to the fields of an `.epk` file. Half of them make the header's checksum right again, as somebody who forges a file would.
enum WeightsDamage: String, CaseIterable {
  case version, pageSize, fileSize, segmentCount, hash, entryOffset, entryLength, entryChecksum, entryKind, entrySteps, segmentByte
  case testCounts, cutSegment, appendedPage, swappedEntries
}

extension FileMutator {
  func damageWeights(_ file: inout DamagedFile, _ random: inout SeededGenerator) {
    let damage = WeightsDamage.allCases[Int.random(in: WeightsDamage.allCases.indices, using: &random)]
    file.damages.append(damage.rawValue)
    let count = file.bytes.word(at: PackedWeights.segmentCountOffset)
    let entry = PackedWeights.headerBytes + PackedWeights.entryBytes * Int.random(in: 0..<max(1, count), using: &random)
    let tests = file.bytes.count - PackedWeights.minimumPageSize
    switch damage {
    case .version: file.bytes.put(random.absurd(), at: PackedWeights.versionOffset, 4)
    case .pageSize: file.bytes.put(random.pick([random.absurd(), 8192, 16_384, 1 << 24]), at: PackedWeights.pageSizeOffset, 4)
    case .fileSize:
      let size = random.pick([random.absurd(), file.bytes.count + 4096, file.bytes.count - 4096, 0])
      file.bytes.put(size, at: PackedWeights.fileSizeOffset, 8)
    case .segmentCount:
      file.bytes.put(random.pick([random.absurd(), count - 1, count + 1, 65_536]), at: PackedWeights.segmentCountOffset, 4)
    case .hash: file.bytes[Int.random(in: PackedWeights.modelHashOffset..<PackedWeights.headerBytes, using: &random)] ^= 1
    case .entryOffset: file.bytes.put(strangePlace(file, &random), at: entry + PackedWeights.entryOffsetOffset, 8)
    case .entryLength: file.bytes.put(strangePlace(file, &random), at: entry + PackedWeights.entryLengthOffset, 8)
    case .entryChecksum: file.bytes[entry + PackedWeights.entryChecksumOffset] ^= 0x10
    case .entryKind: file.bytes.put(random.pick([0, 1, 2, 3, -1]), at: entry + PackedWeights.entryKindOffset, 4)
    case .entrySteps: file.bytes.put(random.absurd(), at: entry + PackedWeights.entryFirstStepOffset, 4)
    case .segmentByte: file.bytes[Int.random(in: 4096..<file.bytes.count, using: &random)] ^= 1
    case .testCounts:
      file.bytes.put(random.absurd(), at: tests + 4 * Int.random(in: 0..<4, using: &random), 4)
      resealSegment(count - 1, of: &file.bytes)
    case .cutSegment: file.bytes.removeLast(4096)
    case .appendedPage: file.bytes += Array(repeating: 0, count: 4096)
    case .swappedEntries:
      let second = PackedWeights.headerBytes + PackedWeights.entryBytes
      for index in 0..<PackedWeights.entryBytes { file.bytes.swapAt(PackedWeights.headerBytes + index, second + index) }
    }
    if random.oneIn(2) { resealHeader(of: &file.bytes) }
  }

  private func strangePlace(_ file: DamagedFile, _ random: inout SeededGenerator) -> Int {
    random.pick([random.absurd(), 0, 4096, 8192, file.bytes.count, file.bytes.count - 4096, .max - 4095, 1 << 62])
  }
}

/// Makes the checksum of one segment right again.
private func resealSegment(_ index: Int, of file: inout [UInt8]) {
  let entry = PackedWeights.headerBytes + index * PackedWeights.entryBytes
  let (start, length) = (file.word(at: entry), file.word(at: entry + PackedWeights.entryLengthOffset))
  guard start + length <= file.count else { return }
  file.put(Int(Checksum.of(file[start..<start + length])), at: entry + PackedWeights.entryChecksumOffset, 4)
}

/// Makes the checksum of header and table right again.
public func resealHeader(of file: inout [UInt8]) {
  let tableEnd = PackedWeights.headerBytes + file.word(at: PackedWeights.segmentCountOffset) * PackedWeights.entryBytes
  guard tableEnd <= file.count else { return }
  file.put(0, at: PackedWeights.headerChecksumOffset, 4)
  file.put(Int(Checksum.of(file[..<tableEnd])), at: PackedWeights.headerChecksumOffset, 4)
}

extension [UInt8] {
  /// The 32-bit number at `offset`.
  fileprivate func word(at offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) } }

  fileprivate mutating func put(_ value: Int, at offset: Int, _ count: Int) {
    for index in 0..<count { self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }
}
