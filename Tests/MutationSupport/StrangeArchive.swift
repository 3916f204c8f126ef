import CZlib
import TestSupport

/// A zip file whose records say what the test wants, true or not.
struct ArchiveBuilder {
  struct Member {
    var name: String
    var content: [UInt8]
    var isDeflated = false
    /// What the records claim instead of the truth.
    var claimedSize: Int?
    var claimedCompressedSize: Int?
    var claimedOffset: Int?
    var claimedMethod: Int?
    var isChecksumWrong = false
    /// The local header's own version of the sizes and the name.
    var localSize: Int?
    var localName: String?
  }

  var members: [Member] = []
  /// The end record's lies.
  var claimedEntries: Int?
  var claimedDirectoryOffset: Int?
  var claimedDirectorySize: Int?
  var comment: [UInt8] = []

  func bytes() -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let offset = file.count
      let data = member.isDeflated ? deflated(member.content) : member.content
      let checksum = Int(crc32_z(0, member.content, member.content.count)) ^ (member.isChecksumWrong ? 1 : 0)
      let size = member.claimedSize ?? member.content.count
      let compressed = member.claimedCompressedSize ?? data.count
      let method = member.claimedMethod ?? (member.isDeflated ? 8 : 0)
      let localName = Array((member.localName ?? member.name).utf8)
      file += little(0x0403_4b50, 4) + little(20, 2) + little(0, 2) + little(method, 2) + little(0, 4) + little(checksum, 4)
      file += little(compressed, 4) + little(member.localSize ?? size, 4) + little(localName.count, 2) + little(0, 2) + localName + data
      // Sizes beyond 32 bits stand in a zip64 field.
      let sizes = [size, compressed, member.claimedOffset ?? offset]
      let isLarge = sizes.map { $0 < 0 || $0 >= 0xffff_ffff }
      let wide = zip(sizes, isLarge).filter(\.1).flatMap { little($0.0, 8) }
      let extra = wide.isEmpty ? [] : little(1, 2) + little(wide.count, 2) + wide
      let narrow = zip(sizes, isLarge).map { $1 ? 0xffff_ffff : $0 }
      let name = Array(member.name.utf8)
      directory += little(0x0201_4b50, 4) + little(45, 2) + little(45, 2) + little(0, 2) + little(method, 2) + little(0, 4)
      directory += little(checksum, 4) + little(narrow[1], 4) + little(narrow[0], 4) + little(name.count, 2) + little(extra.count, 2)
      directory += little(0, 10) + little(narrow[2], 4) + name + extra
    }
    let offset = claimedDirectoryOffset ?? file.count
    let entries = claimedEntries ?? members.count
    return file + directory + little(0x0605_4b50, 4) + little(0, 4) + little(entries, 2) + little(entries, 2)
      + little(claimedDirectorySize ?? directory.count, 4) + little(offset, 4) + little(comment.count, 2) + comment
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> (8 * $0) : 0) }
  }

  /// Raw deflate data, as zip members hold.
  private func deflated(_ content: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else { return [] }
    defer { deflateEnd(&stream) }
    var source = content
    return source.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, UInt(input.count)))) { output, count in
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
        _ = deflate(&stream, Z_FINISH)
        count = output.count - Int(stream.avail_out)
      }
    }
  }
}

/// What an npz file can get wrong in a way that no flipped bit does.
enum ArchiveDamage: String, CaseIterable {
  case none, sizeLie, compressedSizeLie, offsetLie, method, checksum, localHeader, entries, directory, bomb, names, comment, overlap
  case headerShape, headerType, headerText, headerLength, fortranOrder, notFinite, labels, noSamples, scalar
}

extension ArchiveBuilder {
  /// An archive of samples `x` and labels `y` with one damage.
  init(_ damage: ArchiveDamage, _ random: inout SeededGenerator) {
    var samples = arrayFile("<f4", "(4, 1, 3)", random.bytes(48).enumerated().map { $0.offset % 4 == 3 ? 0x3F : $0.element })
    let labels = arrayFile(
      "<i8", damage == .labels ? random.pick(["(3,)", "(4, 2)", "()", "(0,)"]) : "(4,)", Array(repeating: 0, count: 32))
    switch damage {
    case .headerShape, .headerType, .headerText, .headerLength, .fortranOrder, .notFinite, .noSamples, .scalar:
      samples = Self.strangeArray(damage, &random)
    default: break
    }
    if damage == .bomb {
      let size = random.pick([1 << 20, 3 << 20])
      samples = arrayFile("|u1", "(\(random.pick([size, size * 300, 1 << 40])),)", Array(repeating: 0, count: size))
    }
    members = [
      .init(name: "x.npy", content: samples, isDeflated: damage == .bomb || random.oneIn(2)), .init(name: "y.npy", content: labels),
    ]
    lie(damage, &random)
  }

  private mutating func lie(_ damage: ArchiveDamage, _ random: inout SeededGenerator) {
    switch damage {
    case .sizeLie:
      let lie = random.oneIn(2) ? random.absurd() : members[0].content.count + Int.random(in: -9...9, using: &random)
      members[0].claimedSize = lie
      if random.oneIn(2) { members[0].claimedCompressedSize = lie }
    case .compressedSizeLie: members[0].claimedCompressedSize = random.absurd()
    case .offsetLie: members[0].claimedOffset = random.absurd()
    case .method: members[0].claimedMethod = random.pick([0, 1, 8, 9, 12, 14, 99, 0xffff])
    case .checksum: members[0].isChecksumWrong = true
    case .localHeader:
      random.oneIn(2) ? (members[0].localSize = random.absurd()) : (members[0].localName = String(repeating: "n", count: 70))
    case .entries: claimedEntries = random.absurd()
    case .directory: random.oneIn(2) ? (claimedDirectoryOffset = random.absurd()) : (claimedDirectorySize = random.absurd())
    case .names:
      members[0].name = random.pick([
        "", "x", "../x.npy", "x.npy\0", "\u{1B}[2J.npy", "y.npy", String(repeating: "x", count: 60_000) + ".npy",
      ])
    case .comment: comment = random.bytes(random.pick([1, 21, 22, 60_000]))
    case .overlap: members += Array(repeating: members[0], count: 300)
    default: break
    }
  }

  private static func strangeArray(_ damage: ArchiveDamage, _ random: inout SeededGenerator) -> [UInt8] {
    let data = random.bytes(48)
    switch damage {
    case .headerShape:
      let sizes = (0..<random.pick([1, 2, 3, 40, 1000])).map { _ in "\(random.absurd())" }.joined(separator: ", ")
      return arrayFile("<f4", "(\(sizes),)", data)
    case .headerType:
      let types = [
        ">f4", "<f2", "<c8", "|O", "<U4", "|S0", "<M8[ns]", "f4", "<f16", "", "|b1", "<u8", String(repeating: "<", count: 40_000),
      ]
      return arrayFile(random.pick(types), "(4, 1, 3)", data)
    case .headerText:
      let texts = [
        "", "{", "{'descr': ", "{'descr': '<f4'}", String(repeating: "{", count: 60_000), String(repeating: "('", count: 20_000),
        "{'a': 'b',,}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }", "{'shape': (999999999999999999999999999,)}", "\0\0\0",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 1, 3), 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 12}",
      ]
      return arrayFile(header: random.pick(texts), data)
    case .headerLength:
      var bytes = arrayFile("<f4", "(4, 1, 3)", data)
      bytes[6] = random.pick([0, 1, 2, 3, 4, 255])
      (bytes[8], bytes[9]) = (random.pick([0, 1, 0xFF]), random.pick([0, 1, 0xFF]))
      return bytes
    case .fortranOrder:
      return arrayFile(header: "{'descr': '<f4', 'fortran_order': \(random.pick(["True", "1", "None"])), 'shape': (4, 1, 3), }", data)
    case .notFinite:
      let words: [Float] = (0..<12).map { $0 == 7 ? random.pick([.nan, .infinity, -.infinity]) : Float($0) }
      return arrayFile("<f4", "(4, 1, 3)", words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word.bitPattern >> (8 * $0)) } })
    case .noSamples: return arrayFile("<f4", random.pick(["(0, 1, 3)", "(4, 0, 3)", "(0,)", "(0, 4611686018427387904, 4)"]), [])
    default: return arrayFile("<f4", "()", [0, 0, 0, 0])
    }
  }
}

/// A `.npy` file with the given texts in its header.
func arrayFile(_ descriptor: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
  arrayFile(header: "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(shape), }\n", data)
}

private func arrayFile(header: String, _ data: [UInt8]) -> [UInt8] {
  let text = Array(header.utf8.prefix(65_535))
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text + data
}

extension FileMutator {
  func replaceByStrangeArchive(_ file: inout DamagedFile, _ random: inout SeededGenerator) {
    let damage = ArchiveDamage.allCases[Int.random(in: ArchiveDamage.allCases.indices, using: &random)]
    file.damages.append(damage.rawValue)
    file.bytes = ArchiveBuilder(damage, &random).bytes()
  }
}
