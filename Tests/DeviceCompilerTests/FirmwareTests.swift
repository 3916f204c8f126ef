import DeviceFormats
import Diagnostics
import Foundation
import Targets
import TestSupport
import Testing

@testable import DeviceCompiler

private let emulator = "qemu-system-arm"

private let emulatorIsInstalled = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
  FileManager.default.isExecutableFile(atPath: "\($0)/\(emulator)")
}

/// A small program as firmware of the mps2-an386 board, run in QEMU.
@Suite(.enabled(if: emulatorIsInstalled, "not run: \(emulator) is not installed"))
struct FirmwareTests {
  @Test func everyCaseIsEqualAndTheGoldenOutputsAreThePortableKernelsBytes() async throws {
    let build = try await SampleFirmware.shared()
    let run = try build.run(["--self-test", "--show-outputs", "--stats", "json"])
    #expect(run.exitCode == 0, "\(run.console)")
    for (index, golden) in build.golden.enumerated() {
      let hexadecimal = golden.output.map { String(format: "%02x", UInt8(bitPattern: $0)) }.joined()
      #expect(run.lines.contains("output \(index) \(hexadecimal)"))
    }
    #expect(Set(build.golden.map(\.output)).count == build.golden.count, "equal answers to different inputs prove nothing")
    let report = try #require(run.report)
    #expect(report.cases == 68)
    #expect(report.casesEqual == 68)
    #expect(report.maxDifference == 0)
    #expect(report.canary)
    #expect(report.segments == 1)
    #expect(report.segmentsTouched == 1)
  }

  @Test func memoryIsWhatThePlanSays() async throws {
    let build = try await SampleFirmware.shared()
    let report = try #require(try build.run(["--self-test", "--stats", "json"]).report)
    let sizes = build.artifacts.sizes
    #expect(report.arenaBytes == 960)
    // The scratch's last 16 bytes are slack that this layer does not reach.
    #expect((896...960).contains(report.arenaHighWater))
    #expect(report.residentPeak <= sizes.ram)
    #expect(report.residentPeak > sizes.data + sizes.zeroed)
    #expect(sizes.stack >= build.artifacts.stackBound)
    // Gaps between sections that begin at multiples of 64.
    #expect((0..<128).contains(build.artifacts.image.count - sizes.flash))
    #expect(sizes.weights == build.artifacts.weights.count)
  }

  @Test func withoutWordsTheFirmwareTestsItself() async throws {
    let run = try await SampleFirmware.shared().run([])
    #expect(run.exitCode == 0)
    #expect(run.report?.casesEqual == 68)
    #expect(run.lines.filter { $0.hasPrefix("output ") }.count == 4)
  }

  @Test func aWrongGoldenOutputEndsWithOne() async throws {
    let build = try await SampleFirmware.shared()
    var wrong = build
    // The last byte of the last golden case, which nothing pads.
    try wrong.replaceWeights { weights in
      let start = weights.count - PackedWeights.minimumPageSize
      let position = start + 16 + 64 * 4 + 4 * (256 + 10) - 1
      weights[position] = UInt8(bitPattern: Int8(bitPattern: weights[position]) == 127 ? 126 : Int8(bitPattern: weights[position]) + 1)
      repairChecksums(&weights)
    }
    let run = try wrong.run(["--self-test", "--stats", "json"])
    #expect(run.exitCode == 1)
    #expect(run.report?.casesEqual == 67)
    #expect(run.report?.maxDifference == 1)
  }

  @Test func damagedFlashIsFoundBeforeItsBytesAreUsed() async throws {
    let build = try await SampleFirmware.shared()
    var damaged = build
    try damaged.replaceWeights { $0[PackedWeights.minimumPageSize + 100] ^= 1 }
    let run = try damaged.run(["--self-test"])
    #expect(run.exitCode == 2)
    #expect(run.console.contains("sample: error: weights, byte 4096: weights damaged (segment checksum differs)"))
  }

  @Test func anInputFileGivesTheAnswerThatTheHostComputes() async throws {
    let build = try await SampleFirmware.shared()
    let golden = build.golden[1]
    // The file is channels first, the arena channels last.
    let file = (0..<256).map { golden.input[$0 % 64 * 4 + $0 / 64] }
    try build.write(file.map { UInt8(bitPattern: $0) }, to: "input.bin")
    let run = try build.run(["input.bin", "-o", "answer.npy", "--raw-output"])
    #expect(run.exitCode == 0, "\(run.console)")
    let answer = try build.read("answer.npy")
    #expect(answer.starts(with: [0x93] + Array("NUMPY".utf8)))
    #expect(answer.suffix(10).map { Int8(bitPattern: $0) } == golden.output)

    let text = try build.run(["input.bin"])
    #expect(text.exitCode == 0, "\(text.console)")
    let values = text.lines.first.map { $0.split(separator: " ").map { Double($0) } }
    #expect(values == golden.output.map { (Double($0) + 128) / 256 })
  }

  @Test func senselessWordsEndWithTwo() async throws {
    let build = try await SampleFirmware.shared()
    for words in [["--bench", "3"], ["--nonsense"], ["missing.bin"], ["--weights", "other.epk", "--self-test"]] {
      let run = try build.run(words)
      #expect(run.exitCode == 2, "\(words)")
      #expect(run.console.contains("sample: error: "), "\(words)")
    }
  }

  @Test func aLibraryIsProvenByFirmwareThatIsLinkedWithIt() async throws {
    let alone = try await SampleFirmware.shared()
    let build = try await SampleFirmware(folderName: "library", asLibrary: true)
    #expect(build.artifacts.weights == alone.artifacts.weights)
    let run = try build.run(["--self-test", "--show-outputs", "--stats", "json"])
    #expect(run.exitCode == 0 && run.report?.casesEqual == 68 && run.report?.segmentsTouched == 1, "\(run.console)")
    for (index, golden) in build.golden.enumerated() {
      let hexadecimal = golden.output.map { String(format: "%02x", UInt8(bitPattern: $0)) }.joined()
      #expect(run.lines.contains("output \(index) \(hexadecimal)"))
    }
    let library = try #require(build.artifacts.library)
    #expect(library.stackBound > 128 && library.stackBound <= build.artifacts.stackBound)
    #expect(library.header.contains("-mcpu=cortex-m4 -mfloat-abi=hard"))
    // `libraryFaults` has looked at every symbol; the archive's own list must agree.
    let index = String(decoding: library.archive.prefix(1024), as: UTF8.self)
    for function in library.names.functions { #expect(index.contains(function)) }
    #expect(!index.contains("memset"))
  }

  @Test func twoBuildsGiveTheSameBytes() async throws {
    let first = try await SampleFirmware.shared().artifacts
    let second = try await SampleFirmware(folderName: "second").artifacts
    #expect(first.elf == second.elf)
    #expect(first.image == second.image)
  }

  @Test func boardsWithoutStartUpCodeAreRefused() async throws {
    var profile = SampleFirmware.profile
    profile.name = "home-made"
    profile.emulator = nil
    var random = SeededGenerator(seed: 1)
    let program = SampleProgram(using: &random).lowered
    let failure = await #expect(throws: Failure.self) {
      try await emitFirmware(
        program, profile: profile, modelHash: [UInt8](repeating: 0, count: 32), targetHash: [UInt8](repeating: 0, count: 32), golden: [],
        generatedChecksums: [], in: FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-no-board").path)
    }
    #expect(failure?.diagnostics.map(\.code) == [.profileValue])
    #expect(failure?.diagnostics[0].message.contains("home-made") == true)
  }
}

/// Corrects segment checksums and the header's, as if the weights had been packed like this.
private func repairChecksums(_ weights: inout [UInt8]) {
  func put(_ value: UInt32, at offset: Int) { weights.replaceSubrange(offset..<offset + 4, with: value.littleEndianBytes) }
  func word(at offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(weights[offset + $1]) << (8 * $1) } }
  let count = word(at: PackedWeights.segmentCountOffset)
  for index in 0..<count {
    let entry = PackedWeights.headerBytes + index * PackedWeights.entryBytes
    let start = word(at: entry + PackedWeights.entryOffsetOffset)
    let length = word(at: entry + PackedWeights.entryLengthOffset)
    put(Checksum.of(weights[start..<start + length]), at: entry + PackedWeights.entryChecksumOffset)
  }
  put(0, at: PackedWeights.headerChecksumOffset)
  let table = weights[..<(PackedWeights.headerBytes + count * PackedWeights.entryBytes)]
  put(Checksum.of(table), at: PackedWeights.headerChecksumOffset)
}
