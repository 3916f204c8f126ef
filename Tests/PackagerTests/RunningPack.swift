import Foundation
import TestSupport

@testable import Packager

/// The built `edgepack` at work in a process of its own, which a test watches and disturbs.
final class RunningPack {
  static let program = Bundle.main.bundleURL.appendingPathComponent("edgepack").path

  private let process = Process()
  private let log: String
  private let output: String

  /// - Parameter options: after the model, its data and the native target.
  init(_ files: PackFiles, output folder: String, _ options: [String] = []) throws {
    log = files.folder.file("log-\(UUID().uuidString)")
    output = log + "-output"
    for file in [log, output] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = [files.model, "--data", files.data, "--target", "native", "--progress", "json", "-o", folder] + options
    process.currentDirectoryURL = URL(fileURLWithPath: files.folder.path)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    try process.run()
  }

  deinit {
    if process.isRunning { send(SIGKILL) }
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var outputText: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

  func send(_ signal: Int32) { kill(identifier, signal) }

  /// - Returns: the exit code, or 128 and the signal's number.
  @discardableResult
  func finish() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }

  /// The lines of the log so far; one that is only half written is left out.
  var events: [JSONValue] {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { try? JSONValue(String($0)) }
  }

  /// Stages with an event of that kind, and whether they were reused.
  func stages(_ state: String) -> [String: Bool] {
    var stages: [String: Bool] = [:]
    for event in events where event["state"] == .string(state) {
      if case .string(let name)? = event["stage"] { stages[name] = event["reused"] == .boolean(true) }
    }
    return stages
  }

  var notes: [String] {
    events.compactMap { if $0["type"] == .string("note"), case .string(let text)? = $0["detail"] { text } else { nil } }
  }

  /// Codes of errors and warnings in the log.
  var codes: [String] {
    events.compactMap { if case .string(let code)? = $0["diagnostic"]?["code"] { code } else { nil } }
  }

  /// Waits until a stage has begun, or the process ended.
  func wait(forStart stage: String) {
    while isRunning, stages("started")[stage] == nil { usleep(1000) }
  }

  /// Processes whose working folder lies in a folder: the compilers of a pack. Process numbers.
  static func processes(in folder: String) -> [Int32] {
    let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init).filter { process in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"))?.hasPrefix(root) == true
    }
  }
}

/// What `sha256sum --check` says of a build.
func checksumsHold(_ folder: String) throws -> Bool {
  try FinishedProcess.run(["sha256sum", "--check", "--strict", "--quiet", folder + "/SHA256SUMS"], in: URL(fileURLWithPath: folder))
    .exitCode == 0
}
