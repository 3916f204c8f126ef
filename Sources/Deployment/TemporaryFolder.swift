import Diagnostics
import Foundation

/// A folder of this process alone for files that other programs read; its owner removes it.
struct TemporaryFolder: Sendable {
  var url: URL

  /// - Throws: `folder-unwritable`.
  init(purpose: String) throws(Failure) {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-\(purpose)-\(UUID().uuidString)", isDirectory: true)
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(.folderUnwritable, "no temporary folder can be made: \(error.localizedDescription)", at: Location(file: url.path))
    }
  }

  /// - Throws: `folder-unwritable`.
  func write(_ bytes: [UInt8], to name: String) throws(Failure) -> URL {
    let file = url.appendingPathComponent(name)
    do { try Data(bytes).write(to: file) } catch {
      throw Failure(.folderUnwritable, "\(file.path) cannot be written: \(error.localizedDescription)", at: Location(file: file.path))
    }
    return file
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
