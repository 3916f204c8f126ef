import CZlib
import Diagnostics

/// A `.npy` file: one array.
public enum NpyFile {
  /// - Throws: `file-not-found`, `file-unreadable` or `corrupt-data`.
  public static func read(path: String) throws(Failure) -> StoredArray {
    try readArray(from: FileSource(InputFile(path: path)))
  }

  /// The bytes of a `.npy` file, version 1.0.
  public static func encode(_ array: StoredArray) -> [UInt8] {
    NpyHeader.encode(array.elementType, shape: array.shape) + array.bytes
  }

  /// - Throws: `folder-unwritable`.
  public static func write(_ array: StoredArray, to path: String) throws(Failure) {
    try writeFile([NpyHeader.encode(array.elementType, shape: array.shape), array.bytes], to: path)
  }
}

/// A `.npz` file: named arrays in a zip file. Arrays are read one at a time, when asked for.
public struct NpzFile {
  public let path: String
  /// In the order of the file.
  public let names: [String]
  private let archive: ZipArchive

  /// Reads the table of contents only.
  /// - Throws: `file-not-found`, `file-unreadable` or `corrupt-data`.
  public init(path: String) throws(Failure) { try self.init(InputFile(path: path)) }

  init(_ file: InputFile) throws(Failure) {
    path = file.path
    archive = try ZipArchive(file)
    names = archive.members.compactMap { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : nil }
  }

  /// - Throws: `missing-array` with the names that there are, `file-unreadable` or `corrupt-data`.
  public func array(_ name: String) throws(Failure) -> StoredArray { try readArray(from: source(name)) }

  /// What the file says of each array, for messages: `x uint8[5000, 96, 96, 3]`; the name alone if its header is damaged.
  public var contents: [String] {
    names.map { name in
      guard let source = try? source(name), let header = try? readHeader(from: source) else { return name }
      return "\(name) \(header.elementType.rawValue)\(header.shape)"
    }
  }

  private func source(_ name: String) throws(Failure) -> ZipMemberSource {
    guard let member = archive.members.first(where: { $0.name == name + ".npy" }) else {
      let found = names.isEmpty ? "it holds no arrays" : "it holds \(names.joined(separator: ", "))"
      throw Failure(.missingArray, "\(fileName(path)) has no array \(name): \(found)", at: Location(file: path))
    }
    return try ZipMemberSource(member, of: archive.file, array: name)
  }

  /// Writes arrays in the given order, stored without compression. The same arrays give the same bytes: there are no time stamps.
  /// - Throws: `folder-unwritable`.
  public static func write(_ arrays: [(name: String, array: StoredArray)], to path: String) throws(Failure) {
    var chunks: [[UInt8]] = []
    var directory: [UInt8] = []
    var offset = 0
    for (name, array) in arrays {
      let header = NpyHeader.encode(array.elementType, shape: array.shape)
      let record = ZipRecord(name: name + ".npy", chunks: [header, array.bytes], offset: offset)
      chunks += [record.localHeader, header, array.bytes]
      directory += record.directoryEntry
      offset += record.localHeader.count + record.size
    }
    try writeFile(chunks + [directory, ZipRecord.end(entries: arrays.count, directory: directory.count, offset: offset)], to: path)
  }
}

/// The records of one stored member. Sizes always take the zip64 form, which every reader of npz files knows, so that an array of any
/// size is written the same way.
private struct ZipRecord {
  var name: [UInt8]
  var checksum: UInt32
  var size: Int
  var offset: Int

  init(name: String, chunks: [[UInt8]], offset: Int) {
    self.name = Array(name.utf8)
    self.offset = offset
    size = chunks.reduce(0) { $0 + $1.count }
    checksum = UInt32(chunks.reduce(UInt(0)) { crc32_z($0, $1, $1.count) })
  }

  var localHeader: [UInt8] {
    bytes(0x0403_4b50, 4) + bytes(45, 2) + commonFields + bytes(20, 2) + name + bytes(1, 2) + bytes(16, 2) + bytes(size, 8)
      + bytes(size, 8)
  }

  var directoryEntry: [UInt8] {
    bytes(0x0201_4b50, 4) + bytes(45, 2) + bytes(45, 2) + commonFields + bytes(28, 2) + bytes(0, 10) + bytes(0xffff_ffff, 4) + name
      + bytes(1, 2) + bytes(24, 2) + bytes(size, 8) + bytes(size, 8) + bytes(offset, 8)
  }

  /// Flags, method, time, date (1 January 1980), checksum, saturated sizes, length of the name.
  private var commonFields: [UInt8] {
    bytes(0, 2) + bytes(0, 2) + bytes(0, 2) + bytes(0x21, 2) + bytes(Int(checksum), 4) + bytes(0xffff_ffff, 4) + bytes(0xffff_ffff, 4)
      + bytes(name.count, 2)
  }

  /// The zip64 end record, its locator, and the classic end record with saturated fields.
  static func end(entries: Int, directory: Int, offset: Int) -> [UInt8] {
    let record =
      bytes(0x0606_4b50, 4) + bytes(44, 8) + bytes(45, 2) + bytes(45, 2) + bytes(0, 8) + bytes(entries, 8) + bytes(entries, 8)
      + bytes(directory, 8) + bytes(offset, 8)
    let locator = bytes(0x0706_4b50, 4) + bytes(0, 4) + bytes(offset + directory, 8) + bytes(1, 4)
    let classic = bytes(0x0605_4b50, 4) + bytes(0, 4) + bytes(0xffff, 2) + bytes(0xffff, 2) + bytes(0xffff_ffff, 4) + bytes(0xffff_ffff, 4)
    return record + locator + classic + bytes(0, 2)
  }
}

/// `value` in `count` little-endian bytes; bytes beyond the eighth are zero.
private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
}

private func readHeader(from source: some ByteSource) throws(Failure) -> NpyHeader {
  var prefix = try source.bytes(min(8, source.size))
  let lengthBytes = try source.interpreting { () throws(FormatFault) in try NpyHeader.lengthBytes(prefix) }
  prefix += try source.bytes(lengthBytes)
  let length = try source.interpreting { () throws(FormatFault) in try NpyHeader.textLength(prefix) }
  let text = try source.bytes(length)
  return try source.interpreting { () throws(FormatFault) in try NpyHeader(text: text, start: prefix.count) }
}

private func readArray(from source: some ByteSource) throws(Failure) -> StoredArray {
  let header = try readHeader(from: source)
  guard (CheckedInt(header.byteCount) + CheckedInt(header.dataOffset)).value == source.size else {
    let held = max(0, source.size - header.dataOffset)
    throw source.damaged("its header claims \(header.byteCount) bytes of elements, it holds \(held)")
  }
  let bytes = try source.bytes(header.byteCount)
  let excess = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
  defer { excess.deallocate() }
  guard try source.read(into: excess) == 0 else { throw source.damaged("there is more data than its size says") }
  try source.finish()
  return StoredArray(elementType: header.elementType, shape: header.shape, bytes: bytes)
}
