import Foundation

/// A folder of its own for one test, removed with its last reference.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-test-\(UUID().uuidString)")
    do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      fatalError("cannot make a temporary folder: \(error)")
    }
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  public func write(_ bytes: [UInt8], to name: String) -> String {
    let url = URL(fileURLWithPath: file(name))
    do { try Data(bytes).write(to: url) } catch { fatalError("cannot write \(url.path): \(error)") }
    return url.path
  }
}
