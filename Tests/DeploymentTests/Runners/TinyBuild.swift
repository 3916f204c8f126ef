import Diagnostics
import Foundation
import ModelGraph

@testable import Deployment
@testable import Targets

/// Build folders around `TinyProgram`, made once for each architecture and kept until the tests end.
enum TinyBuild {
  typealias Architecture = TargetProfile.Processor.Architecture

  static let arm64 = Task { try await make(.arm64) }
  static let host = Task { try await make(.x86_64) }

  /// Whether the tests of a place can run here; they are skipped with this reason otherwise.
  static func isInstalled(_ tools: String...) -> Bool {
    tools.allSatisfy { tool in (try? ToolLocator.fromEnvironment.locate(tool, package: "")) != nil }
  }

  static var canBuild: Bool { isInstalled("clang", "ld.lld") }
  static var canBoot: Bool {
    canBuild && isInstalled("swiftc", "qemu-system-aarch64") && (try? KernelImageStore.standard.image(for: .arm64)) != nil
  }

  static func manifest(_ architecture: Architecture) -> BuildManifest {
    BuildManifest(
      name: "tiny", kind: .program, program: "tiny", weights: "tiny.epk", modelHash: "00", layoutHash: "11", programHash: "22",
      target: profile(architecture), input: .init(name: "x", shape: [1, 4], elementType: .uint8, scale: 0.5, offset: -1),
      output: .init(name: "y", shape: [1, 2], scale: 0.25, zeroPoint: 3), arenaBytes: 64, stackBytes: 512,
      machineInit: architecture == .arm64 ? "machine/init" : nil, goldenCases: 1)
  }

  static func profile(_ architecture: Architecture) -> TargetProfile {
    TargetProfile(
      name: "tiny-\(architecture.rawValue)", summary: "for tests",
      cpu: .init(
        architecture: architecture, core: "cortex-a53", features: [.neon, .dotprod, .avx2, .fpu], cores: 4, clock: 1e9,
        cache: .init(line: 64, l1d: 32_768, l2: 524_288), source: "made up"),
      operatingSystem: architecture == .arm64 || architecture == .x86_64 ? .linux : .none,
      memory: .init(ram: 536_870_912, flash: 8_589_934_592, page: 4096, bandwidth: nil, storageBandwidth: nil),
      power: .init(idle: 400, duty: 1, energy: ["int8_mac": Interval(1.5), "dram_byte": Interval(20)], source: "made up"),
      budget: Budget(ram: 67_108_864, accuracyDrop: 0.01),
      emulator: architecture == .arm64 ? .init(kind: .qemuSystem, machine: "virt", cpu: "cortex-a53", memory: 536_870_912) : nil,
      optimize: .size)
  }

  private static func make(_ architecture: Architecture) async throws -> BuildFolder {
    let folder = BuildFolder(url: try TemporaryFolder(purpose: "test").url, manifest: manifest(architecture))
    try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("machine"), withIntermediateDirectories: true)
    try Data(TinyProgram.source.utf8).write(to: folder.url.appendingPathComponent("tiny.c"))
    // 13 bytes: not a whole sector, so that the disk of the machine has to be padded.
    try Data("EPKTINY!rest.".utf8).write(to: folder.url.appendingPathComponent("tiny.epk"))

    let triple = architecture == .arm64 ? "aarch64-none-elf" : "x86_64-unknown-none-elf"
    let startup = sources.appendingPathComponent("DeviceRuntime/Startup/\(architecture.rawValue).S").path
    let freestanding = ["-target", triple, "-O1", "-ffreestanding", "-fno-builtin", "-fno-stack-protector"]
    try await tool("clang", freestanding + ["-c", startup, "-o", "start.o"], in: folder)
    try await tool("clang", freestanding + ["-c", "tiny.c", "-o", "tiny.o"], in: folder)
    try await tool("ld.lld", ["-static", "-s", "-o", "tiny", "start.o", "tiny.o"], in: folder)
    if architecture == .arm64 { try await makeMachineInit(in: folder) }
    try folder.manifest.save(folder: folder.url)
    return folder
  }

  private static func makeMachineInit(in folder: BuildFolder) async throws {
    let flags = [
      "-target", "aarch64-none-none-elf", "-enable-experimental-feature", "Embedded", "-wmo", "-parse-as-library", "-Osize",
      "-no-allocations", "-module-name", "MachineInit", "-I", sources.appendingPathComponent("CIntrinsics/include").path,
      "-Xcc", "-DEDGEPACK_LINUX_PROGRAM", "-Xcc", "-ffreestanding", "-Xcc", "-fno-math-errno", "-Xcc", "-ffp-contract=off",
      "-Xfrontend", "-disable-stack-protector", "-Xfrontend", "-function-sections", "-module-cache-path", "modules",
    ]
    let files = ["Init", "MemoryLimit", "SystemCalls"].map { sources.appendingPathComponent("DeviceRuntime/MachineInit/\($0).swift").path }
    try await tool("swiftc", flags + ["-c"] + files + ["-o", "init.o"], in: folder)
    try await tool("ld.lld", ["-static", "--gc-sections", "-s", "-o", "machine/init", "start.o", "init.o"], in: folder)
  }

  private static let sources = URL(fileURLWithPath: #filePath)  // Tests/DeploymentTests/Runners/TinyBuild.swift
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources")

  /// File names among the arguments are those of the folder.
  static func tool(_ name: String, _ arguments: [String], in folder: BuildFolder) async throws {
    let shell = try ToolLocator.fromEnvironment.locate("env", package: "coreutils")
    let child = ChildProcess(
      executable: shell, arguments: ["--chdir=\(folder.url.path)", name] + arguments, timeLimit: .seconds(300))
    let outcome = try await child.run()
    guard outcome.exitCode == 0 else { throw Failure(.toolFailed, "\(name) failed", details: [outcome.errorOutput]) }
  }
}
