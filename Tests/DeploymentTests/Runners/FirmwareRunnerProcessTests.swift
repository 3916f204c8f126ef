import Diagnostics
import Foundation
import Testing

@testable import Deployment
@testable import Targets

@Suite(.enabled(if: TinyBuild.isInstalled("clang", "ld.lld", "qemu-system-arm"), "not run: clang, ld.lld or QEMU is missing"))
struct FirmwareRunnerProcessTests {
  /// Prints its command line and exits with 7, by semihosting (SYS_GET_CMDLINE, SYS_WRITE0, SYS_EXIT_EXTENDED).
  static let source = """
    .syntax unified
    .thumb
    .text
    .globl reset
    .word 0x20010000
    .word reset
    .thumb_func
    reset:
      movs r0, #0x15
      ldr r1, =line
      bkpt 0xab
      movs r0, #4
      ldr r1, =0x20000000
      bkpt 0xab
      movs r0, #0x20
      ldr r1, =exit
      bkpt 0xab
      b .
    .balign 4
    line: .word 0x20000000, 256
    exit: .word 0x20026, 7
    """

  @Test func wordsOutputAndExitCodeGoThroughTheDebugger() async throws {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    var folder = BuildFolder(url: workspace.url, manifest: TinyBuild.manifest(.armv7em))
    folder.manifest.kind = .firmware
    folder.manifest.program = "tiny.elf"
    folder.manifest.target.emulator = .init(kind: .qemuSystem, machine: "mps2-an386", cpu: "cortex-m4", memory: nil)
    _ = try workspace.write(Array(Self.source.utf8), to: "tiny.S")
    try await TinyBuild.tool("clang", ["--target=armv7em-none-none-eabi", "-mcpu=cortex-m4", "-c", "tiny.S", "-o", "tiny.o"], in: folder)
    try await TinyBuild.tool("ld.lld", ["-N", "--image-base=0", "-Ttext=0", "-e", "reset", "tiny.o", "-o", "tiny.elf"], in: folder)
    let result = try await folder.runner(at: .firmware).run(arguments: ["--self-test", "--stats", "json"])
    #expect(result.standardOutput == "\(folder.manifest.name) --self-test --stats json")
    #expect(result.exitCode == 7)
  }
}
