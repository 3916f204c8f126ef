import Diagnostics
import Foundation
import Targets
import Testing

@testable import DeviceCompiler

struct ProgramPropertiesTests {
  private static let architectures: [TargetProfile.Processor.Architecture] = [.x86_64, .arm64]

  private func emit(
    _ architecture: TargetProfile.Processor.Architecture, features: Set<TargetProfile.Processor.Feature> = [],
    optimize: TargetProfile.Optimization = .size
  ) async throws -> (artifacts: ProgramArtifacts, folder: URL) {
    let folder = try temporaryFolder()
    var profile = TinyProgram.profile(architecture, features: features)
    profile.optimize = optimize
    return (try await TinyProgram.emit(profile, in: folder.appendingPathComponent("work").path), folder)
  }

  @Test(arguments: architectures)
  func isStaticSmallAndTheSameFromAnyFolder(architecture: TargetProfile.Processor.Architecture) async throws {
    let first = try await emit(architecture).artifacts
    let second = try await emit(architecture).artifacts
    #expect(first.program == second.program && first.weights == second.weights)
    #expect(first.program.count <= 28 * 1024, "\(first.program.count) bytes")
    #expect(first.stackBound > 256 && first.stackBound <= 8192, "\(first.stackBound) bytes of stack")
    // Arena, canary and stream buffer; the rest is padding between them.
    #expect(first.sizes.zeroed >= 32 + 64 + 8192 && first.sizes.zeroed <= 32 + 64 + 8192 + 256 && first.sizes.data == 0)
    let elf = try #require(ElfFile(first.program))
    #expect(elf.faults.isEmpty)
    #expect(!elf.programHeaders.isEmpty)
    #expect(!elf.sections.contains { $0.name == ".symtab" || $0.name == ".dynamic" || $0.name == ".stack_sizes" })
  }

  @Test func speedAndAvx2GiveTheSameAnswers() async throws {
    guard let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8), processor.contains(" avx2 ") else {
      print("not run: this processor lacks AVX2")
      return
    }
    let (artifacts, folder) = try await emit(.x86_64, features: [.avx2], optimize: .speed)
    let run = DeviceRun(folder: folder)
    try Data(artifacts.program).write(to: URL(fileURLWithPath: run.program))
    try Data(artifacts.weights).write(to: URL(fileURLWithPath: run.weights))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: run.program)
    let outcome = try run.run(["--self-test"])
    #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("66 of 66 cases equal byte for byte\n"), "\(outcome.errorOutput)")

    guard let emulator = installed("qemu-x86_64-static") else { return print("not run: qemu-user-static is not installed") }
    let refused = try run.run(["--self-test"], through: [emulator, "-cpu", "Nehalem"])
    #expect(refused.exitCode == 2)
    #expect(refused.errorOutput == "tiny: error: this processor lacks a feature that the program was built for: AVX2\n")
  }

  @Test func avx512GivesTheSameAnswersAndIsRefusedByName() async throws {
    let (artifacts, folder) = try await emit(.x86_64, features: [.avx2, .avx512, .vnni], optimize: .speed)
    let run = DeviceRun(folder: folder)
    try Data(artifacts.program).write(to: URL(fileURLWithPath: run.program))
    try Data(artifacts.weights).write(to: URL(fileURLWithPath: run.weights))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: run.program)
    if let emulator = installed("qemu-x86_64-static") {
      let refused = try run.run(["--self-test"], through: [emulator, "-cpu", "Haswell"])
      #expect(refused.exitCode == 2)
      // The emulator may warn about features of that processor that it lacks.
      #expect(refused.errorOutput.hasSuffix("tiny: error: this processor lacks a feature that the program was built for: AVX-512\n"))
    }
    guard let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8), processor.contains(" avx512_vnni") else {
      try Test.cancel("not run: CPU lacks AVX-512 VNNI")
    }
    let outcome = try run.run(["--self-test"])
    #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("66 of 66 cases equal byte for byte\n"), "\(outcome.errorOutput)")
  }

  @Test func makesOnlyTheSystemCallsOfOneFile() async throws {
    guard let strace = installed("strace") else { return print("not run: strace is not installed") }
    #if arch(x86_64)
    let (artifacts, folder) = try await emit(.x86_64)
    #else
    let (artifacts, folder) = try await emit(.arm64)
    #endif
    let run = DeviceRun(folder: folder)
    try Data(artifacts.program).write(to: URL(fileURLWithPath: run.program))
    try Data(artifacts.weights).write(to: URL(fileURLWithPath: run.weights))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: run.program)
    let listed = try namesInSystemCallFile()
    var seen: Set<String> = []
    for (index, arguments) in [["--self-test"], ["--bench", "2"], ["-", "-o", folder.appendingPathComponent("o.npy").path]].enumerated() {
      let log = folder.appendingPathComponent("strace-\(index)").path
      let outcome = try run.run(arguments, input: [UInt8](1...8), through: [strace, "-o", log])
      guard outcome.exitCode == 0 else { return print("not run: strace cannot trace here: \(outcome.errorOutput)") }
      for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
        if let open = line.firstIndex(of: "("), line.first?.isLetter == true { seen.insert(String(line[..<open])) }
      }
    }
    #expect(seen.subtracting(["execve"]).isSubset(of: listed), "\(seen.subtracting(listed))")
    #expect(seen.isSuperset(of: ["openat", "mmap", "write", "exit_group", "clock_gettime", "pwrite64"]))
  }

  /// `static var exitGroup` stands for `exit_group`.
  func namesInSystemCallFile() throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
    let text = try String(contentsOf: root.appendingPathComponent("Sources/DeviceRuntime/Linux/SystemCalls.swift"), encoding: .utf8)
    return Set(
      text.split(separator: "\n").compactMap { line -> String? in
        guard let name = line.components(separatedBy: "static var ").last?.split(separator: ":").first, line.contains(": Int { ") else {
          return nil
        }
        return name.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
      })
  }

  @Test func theMachinesFirstProcessIsSuchAProgram() async throws {
    let folder = try temporaryFolder()
    let path = try await emitMachineInit(profile: TinyProgram.profile(.arm64), in: folder.path)
    let elf = try #require(ElfFile([UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))))
    #expect(elf.faults.isEmpty && elf.sizes.text > 0)
  }

  @Test func anUnknownDeviceIsRefusedByName() {
    var profile = TinyProgram.profile(.riscv32)
    #expect(throws: Failure.self) { try CompilerTarget.of(profile) }
    profile = TinyProgram.profile(.armv7em)
    do throws(Failure) {
      _ = try CompilerTarget.of(profile)
      Issue.record("armv7em has no programs for linux")
    } catch {
      #expect(error.diagnostics[0].code == .profileValue)
      #expect(error.diagnostics[0].message == "no programs can be made for armv7em with operating system linux")
    }
  }
}
