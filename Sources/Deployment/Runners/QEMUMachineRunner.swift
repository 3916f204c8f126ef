import Diagnostics
import Foundation
import Targets

/// Boots an emulated machine with Debian's kernel, our process 1 and the program as its whole system, and the weights as a disk.
struct QEMUMachineRunner: Runner {
  var folder: BuildFolder
  var environment: RunEnvironment
  /// What the disk reads at most, in bytes per second; nil: as fast as it can.
  var storageBandwidth: Double?
  let place = ProofPlace.machine

  func run(arguments: [String]) async throws(Failure) -> RunResult {
    try checkWords(arguments)
    let architecture = folder.manifest.target.cpu.architecture
    guard architecture == .arm64 else {
      throw Failure(.usage, "there is no emulated machine for \(architecture.rawValue) targets", hint: "--on native, or --on user")
    }
    let emulator = try environment.tools.locate(.systemArm64)
    let kernel = try environment.kernels.image(for: architecture)
    let system = try initramfs()
    let disk = try folder.weightsFile.map { file throws(Failure) in Self.paddedToSectors(try folder.bytes(of: file)) }

    let workspace = try TemporaryFolder(purpose: "machine", in: environment.scratchFolder)
    defer { workspace.remove() }
    let initramfsFile = try workspace.write(system.bytes, to: "initramfs")
    let diskFile = try disk.map { bytes throws(Failure) in try workspace.write(bytes, to: "disk") }

    let words = (diskFile == nil ? [] : ["--weights", Self.diskInMachine]) + arguments
    let child = ChildProcess(
      executable: emulator,
      arguments: machineOptions(kernel: kernel, initramfs: initramfsFile, disk: diskFile, words: words),
      timeLimit: environment.timeLimit)
    return try result(of: try await child.run())
  }

  /// The first NVMe disk; NVMe is built into Debian's cloud kernel, other storage comes as modules.
  private static let diskInMachine = "/dev/nvme0n1"
  private static let sectorBytes = 512

  private static func paddedToSectors(_ bytes: [UInt8]) -> [UInt8] {
    let rest = bytes.count % sectorBytes
    return rest == 0 && !bytes.isEmpty ? bytes : bytes + Array(repeating: 0, count: sectorBytes - rest)
  }

  private func initramfs() throws(Failure) -> Initramfs {
    guard let machineInit = folder.machineInitFile else {
      throw Failure(
        .notABuild, "the build holds no process for an emulated machine", at: Location(file: folder.url.path),
        hint: "pack for a target whose emulator is qemu-system, or: --on user")
    }
    return .machine(initialProcess: try folder.bytes(of: machineInit), program: try folder.bytes(of: folder.programFile))
  }

  private func machineOptions(kernel: URL, initramfs: URL, disk: URL?, words: [String]) -> [String] {
    let emulator = folder.manifest.target.emulator
    let mebibytes = max(64, (emulator?.memory ?? folder.manifest.target.memory.ram) / 1_048_576)
    var options = [
      "-M", emulator?.machine ?? "virt", "-cpu", emulator?.cpu ?? folder.manifest.target.cpu.core, "-m", "\(mebibytes)",
      "-smp", "\(folder.manifest.threads)",
      "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-monitor", "none",
      "-kernel", kernel.path, "-initrd", initramfs.path,
    ]
    if let disk {
      let throttle = storageBandwidth.map { ",throttling.bps-read=\(Int($0.rounded()))" } ?? ""
      // A comma ends a value, two are one.
      let path = disk.path.replacing(",", with: ",,")
      options += [
        "-drive", "if=none,id=weights,file=\(path),format=raw,readonly=on" + throttle, "-device", "nvme,drive=weights,serial=weights",
      ]
    }
    // Only the kernel's last words (a panic) may mix with the program's output; panic=-1 then ends QEMU at once.
    var parameters = ["console=ttyAMA0", "quiet", "loglevel=1", "panic=-1"]
    // What the kernel does not know becomes part of process 1's environment.
    if let limit = folder.manifest.memoryLimit { parameters.append("edgepack_memory=\(limit)") }
    options += ["-append", (parameters + ["--"] + words).joined(separator: " ")]
    return options
  }

  /// The kernel command line splits at blanks, knows quotes of its own and hands at most 32 words to process 1.
  private func checkWords(_ words: [String]) throws(Failure) {
    let awkward = words.filter { word in
      word.isEmpty || word.unicodeScalars.contains { $0.value <= 0x20 || $0.value >= 0x7F || $0 == "\"" }
    }
    guard awkward.isEmpty, words.count <= 24, words.joined(separator: " ").utf8.count <= 1024 else {
      throw Failure(
        .usage, "these arguments cannot be handed to the emulated machine", details: awkward.map { "\"\($0)\"" },
        hint: "at most 24 short words without blanks and quotes")
    }
  }

  private func result(of outcome: ChildProcess.Outcome) throws(Failure) -> RunResult {
    let console = MachineConsole(outcome.output)
    guard let exitCode = console.exitCode else {
      throw Failure(
        .toolFailed, "the emulated machine stopped before the program ended (QEMU exited with \(outcome.exitCode))",
        details: console.lastLines + outcome.errorOutput.split(separator: "\n").suffix(4).map(String.init))
    }
    return RunResult(
      standardOutput: console.output, standardError: "", exitCode: exitCode, seconds: outcome.seconds, memory: console.memory)
  }
}
