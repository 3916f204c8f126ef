import Foundation

/// The checked-out sources, read as text.
enum Repository {
  static let root: URL = {
    // …/Tests/ArchitectureTests/Repository.swift
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }()

  struct File {
    /// Relative to the root.
    var path: String
    var text: String
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// All Swift files below a folder, in the order of their paths.
  static func swiftFiles(_ folder: String) throws -> [File] {
    let base = root.appendingPathComponent(folder)
    guard let walk = FileManager.default.enumerator(atPath: base.path) else { return [] }
    let paths = walk.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
    return try paths.map { File(path: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
  }

  /// Written by a generator, so held to no rule of style.
  static func isGenerated(_ file: File) -> Bool { file.path.contains("/Generated/") || file.path.hasSuffix(".pb.swift") }
}
