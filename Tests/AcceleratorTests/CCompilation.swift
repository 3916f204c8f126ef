import Accelerator
import Foundation
import Testing

/// The C compilers that the emitted C must please.
enum CCompiler: String, CaseIterable, Sendable {
  case gcc, clang

  static let flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]
}

/// What a finished child process left.
struct ChildResult {
  var exitCode: Int32
  var standardOutput: Data
  var errorText: String
}

/// Runs a command with `input` on its standard input, in `folder`.
func run(_ command: [String], in folder: URL, input: Data = Data()) throws -> ChildResult {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.currentDirectoryURL = folder
  let inputFile = folder.appending(path: "standard-input")
  let outputFile = folder.appending(path: "standard-output")
  let errorFile = folder.appending(path: "standard-error")
  try input.write(to: inputFile)
  try Data().write(to: outputFile)
  try Data().write(to: errorFile)
  process.standardInput = try FileHandle(forReadingFrom: inputFile)
  process.standardOutput = try FileHandle(forWritingTo: outputFile)
  process.standardError = try FileHandle(forWritingTo: errorFile)
  try process.run()
  process.waitUntilExit()
  return ChildResult(
    exitCode: process.terminationStatus, standardOutput: try Data(contentsOf: outputFile),
    errorText: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
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
  let result = try run([compiler.rawValue] + CCompiler.flags + ["-o", "a.out"] + sources, in: folder)
  try #require(result.exitCode == 0, "\(compiler): \(result.errorText)")
}
