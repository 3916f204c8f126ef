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
    let emulator = try environment.tools.locate(try emulatorName, package: try emulatorPackage)
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

  private var emulatorName: String {
    get throws(Failure) {
      switch folder.manifest.target.cpu.architecture {
      case .armv7em: "qemu-system-arm"
      case .riscv32: "qemu-system-riscv32"
      case .arm64, .x86_64: throw noBoard
      }
    }
  }

  private var emulatorPackage: String {
    get throws(Failure) {
      switch folder.manifest.target.cpu.architecture {
      case .armv7em: "qemu-system-arm"
      case .riscv32: "qemu-system-misc"
      case .arm64, .x86_64: throw noBoard
      }
    }
  }

  private var noBoard: Failure {
    Failure(.usage, "there is no emulated board for \(folder.manifest.target.cpu.architecture.rawValue) targets")
  }
}
