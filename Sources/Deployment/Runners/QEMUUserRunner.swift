import Diagnostics
import Foundation
import Targets

/// Runs the program through QEMU's user mode: the target's instructions, this computer's Linux.
/// Memory figures taken inside are QEMU's own, not the program's.
struct QEMUUserRunner: Runner {
  var folder: BuildFolder
  var environment: RunEnvironment
  let place = ProofPlace.user

  func run(arguments: [String]) async throws(Failure) -> RunResult {
    try folder.require(folder.programFile)
    let architecture = folder.manifest.target.cpu.architecture
    guard let program = EmulatorProgram(for: architecture, at: place) else {
      throw Failure(.usage, "\(architecture.rawValue) programs do not run under Linux", hint: "--on firmware")
    }
    let emulator = try environment.tools.locate(program)
    let child = ChildProcess(
      executable: emulator, arguments: processorOption + [folder.programFile.path] + arguments, timeLimit: environment.timeLimit)
    return try await RunResult(child.run())
  }

  /// The profile's emulated processor, else one that has what the target's features say.
  private var processorOption: [String] {
    if let cpu = folder.manifest.target.emulator?.cpu, folder.manifest.target.emulator?.kind != .native { return ["-cpu", cpu] }
    return ["-cpu", "max"]
  }
}
