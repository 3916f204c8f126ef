import Accelerator
import Foundation
import TestSupport
import Testing

/// The C compilers that the emitted C must please.
enum CCompiler: String, CaseIterable, Sendable {
  case gcc, clang

  static let flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]
}

/// Writes the design into a new folder, hands that to `body` and removes it.
func withFolder<Result>(of design: HLSDesign, _ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "edgepack-hls-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for file in design.files { try Data(file.contents.utf8).write(to: folder.appending(path: file.name)) }
  return try body(folder)
}

/// Compiles `sources` in `folder` to the program `a.out`; a warning is a failed test.
func compile(_ sources: [String], with compiler: CCompiler, in folder: URL) throws {
  let result = try FinishedProcess.run([compiler.rawValue] + CCompiler.flags + ["-o", "a.out"] + sources, in: folder)
  try #require(result.exitCode == 0, "\(compiler): \(result.errorText)")
}
