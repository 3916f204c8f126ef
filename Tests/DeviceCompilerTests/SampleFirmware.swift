import DeviceFormats
import Foundation
import Targets
import TestSupport

@testable import DeviceCompiler

/// The sample program built for the mps2-an386 board, in a folder of its own, and what running it in QEMU gives.
struct SampleFirmware: Sendable {
  var golden: [(input: [Int8], output: [Int8])]
  var artifacts: FirmwareArtifacts
  private var folder: URL

  /// Built once for all tests.
  static func shared() async throws -> SampleFirmware { try await built.value }
  private static let built = Task { try await SampleFirmware(folderName: "shared") }

  static var profile: TargetProfile {
    TargetProfile(
      name: "mps2-an386", summary: "Cortex-M4 board",
      cpu: TargetProfile.Processor(architecture: .armv7em, core: "cortex-m4", features: [.dsp, .fpu], cores: 1, clock: nil),
      operatingSystem: .none, memory: TargetProfile.Memory(ram: 4 << 20, flash: 4 << 20, page: nil), power: nil, budget: Budget(),
      emulator: TargetProfile.Emulator(kind: .qemuSystem, machine: "mps2-an386"), optimize: .size)
  }

  init(folderName: String, asLibrary: Bool = false) async throws {
    var random = SeededGenerator(seed: 20_261_124)
    let program = SampleProgram(using: &random)
    golden = (0..<4).map { _ in
      let input = (0..<256).map { _ in Int8.random(in: -128...127, using: &random) }
      return (input, program.output(for: input))
    }
    let checksums = (0..<64).map { seed in
      Checksum.of(program.output(for: GeneratedInput.bytes(seed: UInt32(seed), count: 256)).map { UInt8(bitPattern: $0) })
    }
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("edgepack-firmware-\(ProcessInfo.processInfo.processIdentifier)").appendingPathComponent(folderName)
    artifacts = try await emitFirmware(
      program.lowered, profile: Self.profile, modelHash: [UInt8](repeating: 1, count: 32),
      targetHash: [UInt8](repeating: 2, count: 32), golden: golden, generatedChecksums: checksums, asLibrary: asLibrary,
      in: folder.path)
  }

  /// Changes the weights inside the image.
  mutating func replaceWeights(_ change: (inout [UInt8]) -> Void) throws {
    var weights = artifacts.weights
    change(&weights)
    let elf = Data(artifacts.elf)
    guard let place = elf.range(of: Data(artifacts.weights)) else { throw CocoaError(.fileReadCorruptFile) }
    artifacts.elf.replaceSubrange(place.lowerBound..<place.upperBound, with: weights)
  }

  func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: folder.appendingPathComponent(name)) }

  func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))) }

  /// What the firmware said, and how it ended.
  struct Run {
    var exitCode: Int32
    var console: String

    var lines: [String] { console.split(separator: "\n").map(String.init) }

    private static let decoder: JSONDecoder = {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return decoder
    }()

    var report: Report? {
      lines.first { $0.hasPrefix("{") }.flatMap { try? Self.decoder.decode(Report.self, from: Data($0.utf8)) }
    }
  }

  /// Fields of the self-test's JSON, as docs/program-interface.md names them.
  struct Report: Decodable {
    var cases, casesEqual, maxDifference, arenaBytes, arenaHighWater, residentPeak, segments, segmentsTouched: Int
    var canary: Bool
  }

  /// Runs the image in QEMU with words from the debugger's command line. Relative paths start in the build's folder.
  func run(_ words: [String]) throws -> Run {
    let image = "image-\(UUID().uuidString).elf"
    try write(artifacts.elf, to: image)
    defer { try? FileManager.default.removeItem(at: folder.appendingPathComponent(image)) }
    let semihosting = (["enable=on,target=native"] + (words.isEmpty ? [] : ["sample"] + words).map { "arg=\($0)" }).joined(separator: ",")
    let process = try FinishedProcess.run(
      [
        "timeout", "60", "qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "null",
        "-semihosting-config", semihosting, "-kernel", image,
      ], in: folder)
    return Run(exitCode: process.exitCode, console: process.outputText + process.errorText)
  }
}
