import Diagnostics
import Foundation
import Subprocess

#if canImport(System)
import System
#else
import SystemPackage
#endif

/// One run of another program: its output is captured, it is killed when its time is over or the task is cancelled, and it is always
/// waited for, so that no process outlives the call. The only place of this module that starts processes, beside `TimedSpawn`.
struct ChildProcess: Sendable {
  /// Path of the executable.
  var executable: URL
  var arguments: [String]
  /// The child is killed after this time.
  var timeLimit: Duration

  struct Outcome: Sendable {
    var output: [UInt8]
    var errorOutput: String
    /// The exit code, or 128 and the number of the signal that ended it (the shell's convention).
    var exitCode: Int
    var seconds: Double
  }

  /// What a child may write before it counts as gone wild.
  private static let outputLimit = 256 * 1_048_576

  /// - Throws: `tool-failed` if the child cannot be started, exceeds its time or is interrupted with this task. Its exit code is not
  ///   judged here.
  func run() async throws(Failure) -> Outcome {
    let start = ContinuousClock.now
    let limit = timeLimit
    // Whichever ends first decides; cancelling the other kills the child or ends the sleep, and the group waits for both.
    let result = await withTaskGroup(of: Result<Outcome, Failure>?.self) { group in
      group.addTask { await capture(since: start) }
      group.addTask {
        do { try await Task.sleep(for: limit) } catch { return nil }
        return .failure(Failure(.toolFailed, "\(executable.lastPathComponent) did not end within \(limit.components.seconds) s"))
      }
      var first: Result<Outcome, Failure>?
      while first == nil, let next = await group.next() { first = next }
      group.cancelAll()
      return first
    }
    guard let result else { throw interrupted }
    return try result.get()
  }

  private var interrupted: Failure { Failure(.toolFailed, "\(executable.lastPathComponent) was interrupted") }

  private func capture(since start: ContinuousClock.Instant) async -> Result<Outcome, Failure> {
    do {
      let result = try await Subprocess.run(
        .path(FilePath(executable.path)), arguments: Arguments(arguments), platformOptions: .ownGroup,
        output: .bytes(limit: Self.outputLimit), error: .bytes(limit: Self.outputLimit))
      if Task.isCancelled { return .failure(interrupted) }
      return .success(
        Outcome(
          output: result.standardOutput, errorOutput: String(decoding: result.standardError, as: UTF8.self),
          exitCode: Self.exitCode(of: result.terminationStatus),
          seconds: (ContinuousClock.now - start).seconds))
    } catch is CancellationError {
      return .failure(interrupted)
    } catch {
      return .failure(Failure(.toolFailed, "\(executable.path) cannot be run: \(error)"))
    }
  }

  private static func exitCode(of status: TerminationStatus) -> Int {
    switch status {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  }
}

extension PlatformOptions {
  /// A process group of its own: Ctrl-C in a terminal reaches edgepack alone, which decides what becomes of its children. All processes of
  /// the group are ended together.
  fileprivate static var ownGroup: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    return options
  }
}

/// Finds programs as the shell does.
struct ToolLocator: Sendable {
  /// Folders in the order in which they are searched.
  var folders: [String]

  /// The folders of `PATH`.
  static var fromEnvironment: ToolLocator {
    ToolLocator(folders: (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init))
  }

  /// Nil if it is not installed.
  func find(_ name: String) -> URL? {
    folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }.map { URL(fileURLWithPath: $0) }
  }

  /// - Throws: `missing-tool`, whose hint installs the Debian package that holds the tool.
  func locate(_ name: String, package: String) throws(Failure) -> URL {
    if let tool = find(name) { return tool }
    throw Failure(
      .missingTool, "\(name) is not installed", hint: "sudo apt install \(package)\n`edgepack doctor` checks the rest")
  }

  /// - Throws: as above.
  func locate(_ program: EmulatorProgram) throws(Failure) -> URL { try locate(program.rawValue, package: program.package) }
}
