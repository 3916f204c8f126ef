import Diagnostics
import Foundation

/// A folder of this process alone for files that other programs read; its owner removes it.
struct TemporaryFolder: Sendable {
  var url: URL

  /// - Parameter parent: where it lies; nil means the system's folder for such.
  /// - Throws: `folder-unwritable`, `no-space`.
  init(purpose: String, in parent: URL? = nil) throws(Failure) {
    url = (parent ?? FileManager.default.temporaryDirectory).appendingPathComponent(
      "edgepack-\(purpose)-\(UUID().uuidString)", isDirectory: true)
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .unwritable(url.path, in: url.deletingLastPathComponent().path, error)
    }
  }

  /// - Throws: `folder-unwritable`.
  func write(_ bytes: [UInt8], to name: String) throws(Failure) -> URL {
    let file = url.appendingPathComponent(name)
    do { try Data(bytes).write(to: file) } catch {
      throw .unwritable(file.path, in: url.path, error, needed: bytes.count)
    }
    return file
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
