import Diagnostics
import Foundation
import Targets

/// Runs a bare-metal image on an emulated microcontroller board. The firmware speaks and exits through semihosting.
struct QEMUFirmwareRunner: Runner {
  var folder: BuildFolder
  var environment: RunEnvironment
  let place = ProofPlace.firmware

  func run(arguments: [String]) async throws(Failure) -> RunResult {
    try folder.require(folder.programFile)
    let profile = folder.manifest.target
    guard let program = EmulatorProgram(for: profile.cpu.architecture, at: place) else {
      throw Failure(.usage, "there is no emulated board for \(profile.cpu.architecture.rawValue) targets")
    }
    let emulator = try environment.tools.locate(program)
    var options = ["-nographic", "-monitor", "none", "-serial", "null"]
    if let machine = profile.emulator?.machine { options += ["-M", machine] }
    if let cpu = profile.emulator?.cpu { options += ["-cpu", cpu] }
    let words = [folder.manifest.name] + arguments
    // Without a channel of its own QEMU sends the semihosting console to standard error.
    options += ["-chardev", "stdio,id=console"]
    options += ["-semihosting-config", (["enable=on,target=native,chardev=console"] + words.map { "arg=\($0)" }).joined(separator: ",")]
    options += ["-kernel", folder.programFile.path]
    return try await RunResult(ChildProcess(executable: emulator, arguments: options, timeLimit: environment.timeLimit).run())
  }
}
