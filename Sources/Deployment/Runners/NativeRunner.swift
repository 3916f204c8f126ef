import Diagnostics
import Foundation

/// Runs the program as a process of this computer.
struct NativeRunner: Runner {
  var folder: BuildFolder
  var environment: RunEnvironment
  let place = ProofPlace.native

  func run(arguments: [String]) async throws(Failure) -> RunResult {
    try folder.require(folder.programFile)
    return try await RunResult(
      ChildProcess(executable: folder.programFile, arguments: arguments, timeLimit: environment.timeLimit).run())
  }
}

extension RunResult {
  init(_ outcome: ChildProcess.Outcome) {
    self.init(
      standardOutput: String(decoding: outcome.output, as: UTF8.self), standardError: outcome.errorOutput, exitCode: outcome.exitCode,
      seconds: outcome.seconds)
  }
}
