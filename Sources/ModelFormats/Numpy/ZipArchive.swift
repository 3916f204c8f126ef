import Diagnostics
import Foundation

/// The table of contents of a zip file. Source: PKWARE APPNOTE 6.3.9, §4.3 (records) and §4.5.3 (zip64 sizes).
struct ZipArchive {
  struct Member: Hashable {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    var compressedSize: Int
    /// What the directory claims; readers find out whether it is true.
    var size: Int
    var headerOffset: Int
  }

  let file: InputFile
  let members: [Member]

  /// - Throws: `file-unreadable`, or `corrupt-data` saying which record is damaged.
  init(_ file: InputFile) throws(Failure) {
    self.file = file
    let directory = try ZipDirectory.locate(in: file)
    guard let records = try file.bytes(at: directory.offset, count: directory.size) else {
      throw corrupt(file.path, "its table of contents lies outside the file")
    }
    var members: [Member] = []
    var position = 0
    for _ in 0..<directory.entries {
      let (member, next) = try Self.member(in: records, at: position, of: file)
      members.append(member)
      position = next
    }
    self.members = members
    try requireBearableSize()
  }

  /// A small file must not ask for much memory: what is compressed may grow to four times the file and this much.
  private static let freeBytes = 224 << 20

  private func requireBearableSize() throws(Failure) {
    let total = members.filter(\.isDeflated).reduce(CheckedInt(0)) { $0 + CheckedInt($1.size) }
    let limit = CheckedInt(file.size) * 4 + CheckedInt(Self.freeBytes)
    guard let most = limit.value, total.within(0...most) == nil else { return }
    throw Failure(
      .corruptData, "\(fileName(file.path)) claims \(total.value.map(String.init) ?? "too many") bytes of arrays in \(file.size) bytes",
      at: Location(file: file.path), hint: "if that is true, save it uncompressed: `numpy.savez` instead of `numpy.savez_compressed`")
  }

  private static func member(in records: [UInt8], at start: Int, of file: InputFile) throws(Failure) -> (Member, next: Int) {
    let cutOff = corrupt(file.path, "its table of contents is damaged")
    let field = { (offset: Int, count: Int) in littleEndian(records, start + offset, count) }
    guard
      field(0, 4) == 0x0201_4b50, let flags = field(8, 2), let method = field(10, 2), let checksum = field(16, 4),
      var compressedSize = field(20, 4), var size = field(24, 4), let nameLength = field(28, 2), let extraLength = field(30, 2),
      let commentLength = field(32, 2), var headerOffset = field(42, 4)
    else { throw cutOff }
    let nameEnd = start + 46 + nameLength
    let extraEnd = nameEnd + extraLength
    let next = extraEnd + commentLength
    guard next <= records.count else { throw cutOff }
    let name = String(decoding: records[(start + 46)..<nameEnd], as: UTF8.self)
    let saturated = [size, compressedSize, headerOffset].map { $0 == 0xffff_ffff }
    if saturated.contains(true) {
      guard let sizes = zip64Sizes(records, nameEnd..<extraEnd, saturated) else { throw cutOff }
      (size, compressedSize, headerOffset) = (sizes[0] ?? size, sizes[1] ?? compressedSize, sizes[2] ?? headerOffset)
    }
    guard flags & 1 == 0 else { throw corrupt(file.path, "\(name) is encrypted") }
    guard method == 0 || method == 8 else {
      throw corrupt(file.path, "\(name) is compressed by method \(method); stored and deflated members are read")
    }
    // Deflate cannot shrink by more than 1032 to 1, so a larger claim is damage.
    let possible = CheckedInt(compressedSize) * (method == 0 ? 1 : 1032)
    guard compressedSize <= file.size, possible.within(size...Int.max) != nil, method == 8 || size == compressedSize else {
      throw corrupt(file.path, "\(name) claims \(size) bytes from \(compressedSize)")
    }
    let member = Member(
      name: name, isDeflated: method == 8, checksum: UInt32(checksum), compressedSize: compressedSize, size: size,
      headerOffset: headerOffset)
    return (member, next)
  }

  /// The 64-bit sizes of an extra field 0x0001, for those of (size, compressed size, offset) that are saturated; nil if damaged.
  private static func zip64Sizes(_ records: [UInt8], _ range: Range<Int>, _ saturated: [Bool]) -> [Int?]? {
    var position = range.lowerBound
    while position + 4 <= range.upperBound, let kind = littleEndian(records, position, 2),
      let length = littleEndian(records, position + 2, 2)
    {
      let end = position + 4 + length
      guard end <= range.upperBound else { return nil }
      guard kind == 1 else {
        position = end
        continue
      }
      var sizes: [Int?] = []
      position += 4
      for isStored in saturated {
        guard isStored else {
          sizes.append(nil)
          continue
        }
        guard position + 8 <= end, let value = littleEndian(records, position, 8) else { return nil }
        sizes.append(value)
        position += 8
      }
      return sizes
    }
    return nil
  }
}

/// Where the table of contents lies: the record at the end of a zip file, or its zip64 form.
private struct ZipDirectory {
  var offset: Int
  var size: Int
  var entries: Int

  static func locate(in file: InputFile) throws(Failure) -> ZipDirectory {
    // The end record has 22 bytes and a comment of at most 65,535.
    let tailSize = min(file.size, 22 + 65_535)
    guard let tail = try file.bytes(at: file.size - tailSize, count: tailSize) else {
      throw corrupt(file.path, "it changes while it is read")
    }
    var position = tail.count - 22
    while position >= 0, littleEndian(tail, position, 4) != 0x0605_4b50 { position -= 1 }
    guard
      position >= 0, let entries = littleEndian(tail, position + 10, 2), let size = littleEndian(tail, position + 12, 4),
      let offset = littleEndian(tail, position + 16, 4)
    else { throw corrupt(file.path, "it has no table of contents at its end: it is cut off or no npz file") }
    var directory = ZipDirectory(offset: offset, size: size, entries: entries)
    if entries == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff, position >= 20,
      littleEndian(tail, position - 20, 4) == 0x0706_4b50
    {
      guard
        let recordOffset = littleEndian(tail, position - 12, 8), let record = try file.bytes(at: recordOffset, count: 56),
        littleEndian(record, 0, 4) == 0x0606_4b50, let entries = littleEndian(record, 32, 8),
        let size = littleEndian(record, 40, 8), let offset = littleEndian(record, 48, 8)
      else { throw corrupt(file.path, "its zip64 end record is damaged") }
      directory = ZipDirectory(offset: offset, size: size, entries: entries)
    }
    guard directory.entries <= directory.size / 46, directory.size <= file.size else {
      throw corrupt(file.path, "its table of contents claims \(directory.entries) members in \(directory.size) bytes")
    }
    return directory
  }
}

/// A fault of a data file, optionally of one array in it.
func corrupt(_ path: String, _ reason: String, array: String? = nil) -> Failure {
  let subject = array.map { "array \($0) of \(fileName(path))" } ?? fileName(path)
  return Failure(
    .corruptData, "\(subject) cannot be read: \(reason)", at: Location(file: path, element: array.map { "array \($0)" }),
    hint: "copy or save the file again; `numpy.load` would refuse it as well")
}

/// The little-endian number of `count` ≤ 8 bytes at `offset`; nil outside `bytes`, or if it does not fit a non-negative `Int`.
func littleEndian(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int? {
  guard offset >= 0, offset <= bytes.count - count else { return nil }
  return Int(exactly: (0..<count).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) })
}
