import Foundation

/// The Python packages that `make setup` puts into `.venv`, which these suites compare with.
enum Peers {
  static let missing = "not run: .venv is missing, `make setup` makes it"

  /// …/Tests/ConformanceTests
  static let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  static let repository = testFolder.deletingLastPathComponent().deletingLastPathComponent()

  /// The interpreter; nil without `.venv`.
  static let python: URL? = {
    let file = repository.appendingPathComponent(".venv/bin/python")
    return FileManager.default.isExecutableFile(atPath: file.path) ? file : nil
  }()

  /// The folder of ONNX's node tests, one folder a test; nil without `.venv`.
  static let nodeTests: URL? = {
    let library = repository.appendingPathComponent(".venv/lib")
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: library.path)) ?? []
    let folders = versions.sorted().map { library.appendingPathComponent("\($0)/site-packages/onnx/backend/test/data/node") }
    return folders.first { FileManager.default.fileExists(atPath: $0.path) }
  }()
}
