import Foundation

/// The fuzzer's bytes as a file, for readers that take paths. One file for the whole run, in memory where there is a place for that.
enum FuzzedFile {
  private static let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"

  static func path(_ data: UnsafePointer<UInt8>?, _ count: Int, _ name: String) -> String {
    let path = "\(folder)/edgepack-fuzz-\(getpid())-\(name)"
    let content = Data(bytes: UnsafeRawPointer(data ?? UnsafePointer(bitPattern: 1)!), count: data == nil ? 0 : count)
    guard FileManager.default.createFile(atPath: path, contents: content) else { preconditionFailure("cannot write \(path)") }
    return path
  }
}
