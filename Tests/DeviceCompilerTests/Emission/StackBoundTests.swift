import Diagnostics
import Foundation
import Testing

@testable import DeviceCompiler

private let listing = """

  program:\tfile format elf64-littleaarch64

  Disassembly of section .text:

  0000000000001000 <_start>:
      1000:      \tmov\tx0, sp
      1004:      \tbl\t0x2000 <first>

  0000000000002000 <first>:
      2000:      \tcbz\tw0, 0x2008 <first+0x8>
      2004:      \tbl\t0x3000 <leaf>
      2008:      \ttbz\tw0, #0x3, 0x4000 <tail>

  0000000000003000 <leaf>:
      3000:      \tret

  0000000000004000 <tail>:
      4000:      \tcallq\t0x3000 <leaf>
      4004:      \tbr\tx3
  """

struct StackBoundTests {
  private let frames = [0x2000: 100, 0x3000: 16, 0x4000: 40]

  private func bound(_ text: String, callBytes: Int = 0, redZoneBytes: Int = 0) -> StackBound {
    StackBound(disassembly: Disassembly(text), frames: frames, callBytes: callBytes, redZoneBytes: redZoneBytes)
  }

  @Test func framesAddUpAlongTheDeepestChain() throws {
    #expect(try bound(listing).bytes(from: "_start") == 156)
    #expect(try bound(listing).bytes(from: "leaf") == 16)
  }

  @Test func aligningTheStackPointerCountsWhatItMaySkip() throws {
    let text = listing.replacingOccurrences(of: "mov\tx0, sp", with: "andq\t$-0x40, %rsp")
    #expect(try bound(text).bytes(from: "_start") == 156 + 48)
    #expect(try bound(text.replacingOccurrences(of: "$-0x40", with: "$-0x10")).bytes(from: "_start") == 156)
  }

  /// A thread runs on a stack of its own, which has a bound of its own.
  @Test func aThreadDoesNotCountForWhoeverStartsIt() throws {
    let text = listing.replacingOccurrences(of: "<tail>", with: "<device_worker>")
    #expect(try bound(text).bytes(from: "_start") == 116)
    #expect(try bound(text).bytes(from: "device_worker") == 56)
  }

  @Test func callsAndTheRedZoneCountWhereTheProcessorHasThem() throws {
    #expect(try bound(listing, callBytes: 8, redZoneBytes: 128).bytes(from: "_start") == 156 + 3 * 8 + 128)
  }

  @Test(arguments: [
    ("bl\t0x2000 <first>", "the stack of the program has no bound: first calls itself"),
    ("bl\t0x1000 <_start>", "the stack of the program has no bound: _start calls itself"),
    ("blr\tx8", "the stack of the program has no bound: leaf calls an address"),
    ("callq\t*%rax", "the stack of the program has no bound: leaf calls an address"),
  ])
  func recursionAndUnknownCallsHaveNoBound(instruction: String, message: String) {
    let text = listing.replacingOccurrences(of: "ret", with: instruction)
    do throws(Failure) {
      _ = try bound(text).bytes(from: "_start")
      Issue.record("\(instruction) was accepted")
    } catch {
      #expect(error.diagnostics.map(\.message) == [message])
    }
  }

  @Test(arguments: [
    "fmadd\ts0, s1, s2, s3", "fmla\tv0.4s, v1.4s, v2.4s", "vfmadd213ss\t%xmm0, %xmm1, %xmm2", "vfnmsub231ps\t(%rax), %ymm0, %ymm1",
    "vfma.f32\ts0, s1, s2", "fnmsub\ts0, s1, s2, s3",
  ])
  func fusedMultiplyAddsAreFound(instruction: String) {
    let text = listing.replacingOccurrences(of: "ret", with: instruction)
    #expect(forbiddenInstructions(Disassembly(text)).count == 1)
  }

  @Test(arguments: [
    "fmul\ts0, s1, s2", "vmla.f32\ts0, s1, s2", "smlal\tv0.8h, v1.8b, v2.8b", "vpmaddwd\t%ymm0, %ymm1, %ymm2", "fmaxnm\ts0, s1, s2",
    "fmov\ts0, #1.0",
  ])
  func otherArithmeticIsAllowed(instruction: String) {
    #expect(forbiddenInstructions(Disassembly(listing.replacingOccurrences(of: "ret", with: instruction))).isEmpty)
  }

  @Test func aDynamicProgramIsSeen() throws {
    let shell = try #require(ElfFile([UInt8](try Data(contentsOf: URL(fileURLWithPath: "/bin/sh")))))
    #expect(shell.faults.contains("it has a dynamic section") && shell.faults.contains("it names a dynamic linker"))
    #expect(ElfFile([]) == nil && ElfFile([UInt8](repeating: 0, count: 100)) == nil)
  }
}
