import Crypto
import Deployment
import Diagnostics
import Foundation

/// A saved stage as one file (docs/file-formats.md): a line that names the format, a line of JSON that says what follows, the stage's value
/// as JSON, the bytes of its files, and SHA-256 of everything before. One file, so that it is written or not, and one checksum, so that
/// nothing damaged is ever used.
struct StageArchive {
  static let magic = "edgepack-stage 1\n"

  struct File: Equatable {
    /// Relative to the staging folder.
    var path: String
    var isExecutable: Bool
    var content: Data
  }

  /// What it depends on, hashed (`StageKey`).
  var key: String
  var value: Data
  var files: [File]

  private struct Header: Codable {
    struct Entry: Codable {
      var path: String
      var executable: Bool
      var bytes: Int
    }

    var key: String
    var valueBytes: Int
    var files: [Entry]
  }

  /// Why a file is not used.
  enum Refusal: Error, Equatable {
    /// It is whole as far as one can see, but was saved for other inputs.
    case otherKey
    case damaged(String)
  }

  init(key: String, value: Data, files: [File]) {
    self.key = key
    self.value = value
    self.files = files
  }

  /// - Parameter key: is compared before the checksum is computed, which for large weights takes long.
  init(_ data: Data, key: String) throws(Refusal) {
    var rest = data
    guard rest.starts(with: Data(Self.magic.utf8)) else { throw .damaged("it does not begin as a saved stage") }
    rest = rest.dropFirst(Self.magic.utf8.count)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), let header = try? JSONDecoder().decode(Header.self, from: rest[..<end]) else {
      throw .damaged("its table cannot be read")
    }
    guard header.key == key else { throw .otherKey }
    guard data.count > SHA256.byteCount, Array(SHA256.hash(data: data.dropLast(SHA256.byteCount))) == Array(data.suffix(SHA256.byteCount))
    else { throw .damaged("its checksum differs") }

    rest = rest[(end + 1)...].dropLast(SHA256.byteCount)
    func take(_ count: Int) throws(Refusal) -> Data {
      guard count >= 0, count <= rest.count else { throw .damaged("its table names more bytes than it has") }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    self.key = key
    value = try take(header.valueBytes)
    files = []
    for entry in header.files {
      guard Self.staysInside(entry.path) else { throw .damaged("\(entry.path) is no path inside a build") }
      files.append(File(path: entry.path, isExecutable: entry.executable, content: try take(entry.bytes)))
    }
    guard rest.isEmpty else { throw .damaged("it is longer than its table says") }
  }

  /// The file's bytes; equal archives give equal bytes.
  func encoded() throws(Failure) -> Data {
    let header = Header(
      key: key, valueBytes: value.count,
      files: files.map { Header.Entry(path: $0.path, executable: $0.isExecutable, bytes: $0.content.count) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let table = try? encoder.encode(header) else { throw Failure(.internalError, "the table of a saved stage is no JSON") }
    var data = Data(Self.magic.utf8) + table + Data("\n".utf8) + value
    for file in files { data += file.content }
    return data + Data(SHA256.hash(data: data))
  }

  private static func staysInside(_ path: String) -> Bool {
    !path.split(separator: "/", omittingEmptySubsequences: false).contains { $0.isEmpty || $0 == "." || $0 == ".." }
  }
}

extension StageArchive {
  /// Every file below a folder, sorted by path.
  static func files(below folder: String) throws(Failure) -> [File] {
    var files: [File] = []
    for path in try relativePaths(folder) {
      guard let content = FileManager.default.contents(atPath: folder + "/" + path) else {
        throw Failure(.fileUnreadable, "\(folder)/\(path) cannot be read", at: Location(file: folder))
      }
      let isExecutable = FileManager.default.isExecutableFile(atPath: folder + "/" + path)
      files.append(File(path: path, isExecutable: isExecutable, content: content))
    }
    return files
  }

  /// Writes the files into a folder.
  func restoreFiles(into folder: String) throws(Failure) {
    for file in files {
      let path = folder + "/" + file.path
      do {
        try FileManager.default.createDirectory(
          atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try file.content.write(to: URL(fileURLWithPath: path))
        if file.isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
      } catch {
        throw .unwritable(path, in: folder, error, needed: file.content.count)
      }
    }
  }
}
