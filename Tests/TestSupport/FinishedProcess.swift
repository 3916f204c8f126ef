import Foundation

/// What a child process left when it had ended.
public struct FinishedProcess: Sendable {
  public var exitCode: Int32
  public var standardOutput: Data
  public var standardError: Data

  public var outputText: String { String(decoding: standardOutput, as: UTF8.self) }
  public var errorText: String { String(decoding: standardError, as: UTF8.self) }

  /// Runs a command to its end. Its streams are files in `folder`, so that no pipe can fill up.
  /// - Parameters:
  ///   - command: a program of the search path, or a path from `folder`, and its arguments.
  ///   - input: its standard input.
  public static func run(_ command: [String], in folder: URL, input: Data = Data()) throws -> FinishedProcess {
    let streams = try ["input", "output", "error"].map { name in
      let file = folder.appendingPathComponent("standard-\(name)-\(UUID().uuidString)")
      try (name == "input" ? input : Data()).write(to: file)
      return file
    }
    defer { for file in streams { try? FileManager.default.removeItem(at: file) } }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // This thread may be one of a pool that blocks all signals, and children inherit that: CMake would wait for its own children for ever.
    process.arguments = ["--default-signal"] + command
    process.currentDirectoryURL = folder
    process.standardInput = try FileHandle(forReadingFrom: streams[0])
    process.standardOutput = try FileHandle(forWritingTo: streams[1])
    process.standardError = try FileHandle(forWritingTo: streams[2])
    try process.run()
    process.waitUntilExit()
    return FinishedProcess(
      exitCode: process.terminationStatus, standardOutput: try Data(contentsOf: streams[1]),
      standardError: try Data(contentsOf: streams[2]))
  }
}
