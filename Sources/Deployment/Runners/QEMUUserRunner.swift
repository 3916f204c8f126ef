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
    let emulator = try environment.tools.locate(try emulatorName, package: "qemu-user-static")
    let child = ChildProcess(
      executable: emulator, arguments: processorOption + [folder.programFile.path] + arguments, timeLimit: environment.timeLimit)
    return try await RunResult(child.run())
  }

  private var emulatorName: String {
    get throws(Failure) {
      switch folder.manifest.target.cpu.architecture {
      case .arm64: "qemu-aarch64-static"
      case .x86_64: "qemu-x86_64-static"
      case .armv7em, .riscv32:
        throw Failure(.usage, "\(folder.manifest.target.cpu.architecture.rawValue) programs do not run under Linux", hint: "--on firmware")
      }
    }
  }

  /// The profile's emulated processor, else one that has what the target's features say.
  private var processorOption: [String] {
    if let cpu = folder.manifest.target.emulator?.cpu, folder.manifest.target.emulator?.kind != .native { return ["-cpu", cpu] }
    return ["-cpu", "max"]
  }
}
