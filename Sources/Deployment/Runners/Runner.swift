import Diagnostics
import Foundation
import Targets

/// Runs a build's program at one place with given arguments.
public protocol Runner: Sendable {
  var place: ProofPlace { get }

  /// - Parameter arguments: the program's words after its name; the weights are found by the runner.
  /// - Throws: `missing-tool`, `tool-failed` (no start, time over, machine stopped early), `not-a-build`, `usage`. How the program ends is
  ///   no fault of the run: it is in the result.
  func run(arguments: [String]) async throws(Failure) -> RunResult
}

/// What a program wrote and how it ended.
public struct RunResult: Hashable, Sendable {
  /// The program's standard output; on an emulated machine or board everything on its console.
  public var standardOutput: String
  /// Empty where it cannot be told from the output.
  public var standardError: String
  /// The exit code, or 128 and the signal's number.
  public var exitCode: Int
  /// From start to end, emulator included.
  public var seconds: Double
  /// Of a program that ran under a limit.
  public var memory: EnforcedMemory?

  /// The last words of a program that failed, for a diagnostic.
  var lastLines: [String] {
    (standardError.isEmpty ? standardOutput : standardError).split(separator: "\n").suffix(5).map(String.init)
  }
}

/// What runners need beyond the build: where tools and kernels are, how long a run may take.
public struct RunEnvironment: Sendable {
  var tools: ToolLocator
  public var kernels: KernelImageStore
  /// A machine boots in a second on a free core; a shared and busy one may need a hundred times as long.
  public var timeLimit: Duration
  /// Where files lie that an emulator reads; nil means the system's folder for temporary files.
  public var scratchFolder: URL?

  public init(kernels: KernelImageStore = .standard, timeLimit: Duration = .seconds(120), scratchFolder: URL? = nil) {
    self.tools = .fromEnvironment
    self.scratchFolder = scratchFolder
    self.kernels = kernels
    self.timeLimit = timeLimit
  }
}

extension BuildFolder {
  /// - Throws: `usage` if the build's programs cannot run at that place.
  public func runner(at place: ProofPlace, environment: RunEnvironment = RunEnvironment()) throws(Failure) -> any Runner {
    let architecture = manifest.target.cpu.architecture
    switch (place, manifest.kind) {
    case (.native, .program):
      guard architecture.isHost else {
        throw Failure(
          .usage, "an \(architecture.rawValue) program cannot run natively on this computer", hint: "--on user, or --on machine")
      }
      return NativeRunner(folder: self, environment: environment)
    case (.user, .program):
      return QEMUUserRunner(folder: self, environment: environment)
    case (.machine, .program):
      return QEMUMachineRunner(folder: self, environment: environment)
    case (.firmware, .firmware):
      return QEMUFirmwareRunner(folder: self, environment: environment)
    case (.firmware, .program):
      throw Failure(.usage, "a Linux program cannot run as firmware", hint: "--on machine, or --on user")
    case (.native, .firmware), (.user, .firmware), (.machine, .firmware):
      throw Failure(.usage, "a firmware image runs on its board only", hint: "--on firmware")
    }
  }
}
