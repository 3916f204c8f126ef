import DeviceFormats
import Foundation
import Targets
import TestSupport
import Testing

@testable import DeviceCompiler

/// The program is packed once for each processor that this machine can run; all tests share the result.
private struct PackedProgram {
  var run: DeviceRun
  var artifacts: ProgramArtifacts

  private static func make(_ architecture: TargetProfile.Processor.Architecture, emulator: String?) async throws -> PackedProgram {
    let folder = try temporaryFolder()
    let artifacts = try await TinyProgram.emit(TinyProgram.profile(architecture), in: folder.appendingPathComponent("work").path)
    let run = DeviceRun(folder: folder, emulator: emulator)
    try Data(artifacts.program).write(to: URL(fileURLWithPath: run.program))
    try Data(artifacts.weights).write(to: URL(fileURLWithPath: run.weights))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: run.program)
    return PackedProgram(run: run, artifacts: artifacts)
  }

  private static let x86 = Task { try await make(.x86_64, emulator: nativeIsX86 ? nil : installed("qemu-x86_64-static")) }
  private static let arm = Task { try await make(.arm64, emulator: nativeIsX86 ? installed("qemu-aarch64-static") : nil) }

  static func of(_ architecture: TargetProfile.Processor.Architecture) async throws -> PackedProgram {
    try await (architecture == .x86_64 ? x86 : arm).value
  }

  static var nativeIsX86: Bool {
    #if arch(x86_64)
    true
    #else
    false
    #endif
  }
}

/// Processors whose programs this machine runs.
private let runnable: [TargetProfile.Processor.Architecture] = [.x86_64, .arm64].filter { architecture in
  let isNative = (architecture == .x86_64) == PackedProgram.nativeIsX86
  if isNative || installed(architecture == .arm64 ? "qemu-aarch64-static" : "qemu-x86_64-static") != nil { return true }
  print("not run: programs for \(architecture.rawValue), since qemu-user-static is not installed")
  return false
}

private let samples: [[UInt8]] = [
  [0, 255, 1, 254, 128, 127, 64, 3], [9, 8, 7, 6, 5, 4, 3, 2], [Swift.Array(repeating: 200, count: 8)].flatMap { $0 },
]

private func text(_ answers: [[Int8]]) -> String {
  answers.map { TinyProgram.real($0).map { String(format: "%.9g", $0) }.joined(separator: " ") + "\n" }.joined()
}

private var expectedText: String { text(samples.map { TinyProgram.answer(to: TinyProgram.tensor(of: $0)) }) }

struct ProgramTests {
  @Test(arguments: runnable) func theSelfTestPasses(on architecture: TargetProfile.Processor.Architecture) async throws {
    let packed = try await PackedProgram.of(architecture)
    let outcome = try packed.run.run(["--self-test", "--stats", "json", "--show-outputs"])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    let lines = outcome.output.split(separator: "\n")
    for (index, input) in TinyProgram.goldenInputs.enumerated() {
      let hex = TinyProgram.answer(to: input).map { String(format: "%02x", UInt8(bitPattern: $0)) }.joined()
      #expect(lines[index] == "output \(index) \(hex)")
    }
    let stats = try #require(try JSONSerialization.jsonObject(with: Data(lines[2].utf8)) as? [String: Any])
    #expect(stats["cases"] as? Int == 66 && stats["cases_equal"] as? Int == 66 && stats["max_difference"] as? Int == 0)
    #expect(stats["arena_bytes"] as? Int == 32 && stats["arena_high_water"] as? Int == 32)
    #expect(stats["canary"] as? Bool == true)
    #expect(stats["segments"] as? Int == 1 && stats["segments_touched"] as? Int == 1)
    #expect((stats["resident_peak"] as? Int ?? 0) >= 4096)
    #expect((stats["page_faults"] as? [String: Int])?.count == 6)
    let artifacts = packed.artifacts
    print("\(architecture.rawValue): program \(artifacts.program.count) bytes, stack \(artifacts.stackBound), \(artifacts.sizes)")
  }

  @Test(arguments: runnable) func rawFilesNpyFilesAndStandardInputGiveTheSameAnswers(on architecture: TargetProfile.Processor.Architecture)
    async throws
  {
    let run = try await PackedProgram.of(architecture).run
    let raw = samples.flatMap { $0 }
    let inputs = [
      try run.write(raw, to: "samples.raw"), try run.write(npy("|u1", shape: [3, 2, 4], raw), to: "samples.npy"),
      try run.write(npy("|u1", shape: [3, 1, 2, 4], raw), to: "wrong.npy"),
    ]
    for input in inputs[..<2] {
      let outcome = try run.run([input])
      #expect(outcome.output == expectedText && outcome.exitCode == 0, "\(outcome.errorOutput)")
    }
    #expect(try run.run(["-", "--text"], input: raw).output == expectedText)
    #expect(try run.run(["-"], input: npy("|u1", shape: [3, 2, 4], raw)).output == expectedText)
    // One sample without a batch axis.
    #expect(try run.run(["-"], input: npy("|u1", shape: [2, 4], samples[0])).output == String(expectedText.prefix { $0 != "\n" }) + "\n")
    // Another shape, though of the same number of elements.
    let refused = try run.run([inputs[2]])
    #expect(refused.exitCode == 2 && refused.errorOutput == "tiny: error: the npy file must hold samples of shape (N, 2, 4)\n")
  }

  @Test(arguments: runnable) func float32FilesHoldTheModelsOwnUnits(on architecture: TargetProfile.Processor.Architecture) async throws {
    let run = try await PackedProgram.of(architecture).run
    // Ties, bounds and what is not a number, at the tensor's scale of 1/128 and zero point of −20.
    let values: [Float] = [0.5 / 128, 1.5 / 128, -0.5 / 128, 3e38, -.infinity, .nan, -107.6 / 128, 1]
    let quantized: [Int8] = [-20, -18, -20, 127, -128, -128, -128, 108]
    var tensor = [Int8](repeating: 0, count: 8)
    for (index, value) in quantized.enumerated() { tensor[TinyProgram.positions[index]] = value }
    let outcome = try run.run(["-"], input: npy("<f4", shape: [1, 2, 4], littleEndian(values)))
    #expect(outcome.output == text([TinyProgram.answer(to: tensor)]), "\(outcome.errorOutput)")
  }

  @Test(arguments: runnable) func answersGoIntoNpyFiles(on architecture: TargetProfile.Processor.Architecture) async throws {
    let run = try await PackedProgram.of(architecture).run
    let answers = samples.map { TinyProgram.answer(to: TinyProgram.tensor(of: $0)) }
    let output = run.folder.appendingPathComponent("answer.npy").path
    let header = { (type: String) in
      let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (3, 5,), }"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, 246, 0] + Array(text.utf8) + Array(repeating: 0x20, count: 245 - text.utf8.count) + [
        0x0A
      ]
    }
    var outcome = try run.run(["-o", output, "-"], input: samples.flatMap { $0 })
    #expect(outcome.exitCode == 0 && outcome.output.isEmpty, "\(outcome.errorOutput)")
    let floats = answers.flatMap(TinyProgram.real)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: output))) == header("<f4") + littleEndian(floats))

    outcome = try run.run(["-", "--raw-output", "-o", output], input: samples.flatMap { $0 })
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
    #expect(
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: output))) == header("|i1") + answers.flatMap { $0 }.map(UInt8.init(bitPattern:)))
  }

  @Test(arguments: runnable) func theBenchmarkTells(on architecture: TargetProfile.Processor.Architecture) async throws {
    let run = try await PackedProgram.of(architecture).run
    let outcome = try run.run(["--bench", "20", "--stats", "json"])
    let stats = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Int])
    #expect(stats["runs"] == 20)
    #expect((stats["minimum_ns"] ?? -1) >= 0 && stats["minimum_ns"]! <= stats["median_ns"]! && stats["median_ns"]! <= stats["p95_ns"]!)
    #expect(try run.run(["--bench", "3"]).output.hasPrefix("3 runs: median "))
  }
}

struct ProgramRefusalTests {
  /// What is wrong with the command line or the input, and what the program says.
  @Test(
    arguments: [
      ([], [], "usage: [--weights FILE] [--threads N] [--text]"), (["--self-test", "x"], [], "usage: "),
      (["-", "--bogus"], [], "unknown option --bogus"),
      (["--bench", "0"], [], "--bench takes a number of runs from 1 to 1024, not 0"), (["--bench", "1025"], [], "--bench takes"),
      (["--bench", "7x"], [], "--bench takes"), (["--stats"], [], "a value is missing behind --stats"),
      (["-", "--raw-output"], [], "--raw-output needs -o OUT.npy"), (["-", "-"], [], "more than one input: -"),
      (["/nowhere/x.npy"], [], "cannot open the input /nowhere/x.npy"), (["-"], [], "the input ends within sample 0; a sample has 8 bytes"),
      (["-"], [UInt8](1...11), "the input ends within sample 1; a sample has 8 bytes"),
      (["-", "--weights", "/nowhere/w"], [1], "cannot open the weights file /nowhere/w"),
      (["-"], npy("<f8", shape: [1, 2, 4], []), "the npy file must hold '|u1' or '<f4'"),
      (["-"], npy("|u1", shape: [1, 2, 4], [], fortranOrder: true), "the npy file must be in C order"),
      (["-"], npy("|u1", shape: [2, 2, 4], [UInt8](1...12)), "the input ends within sample 1"),
      (["-"], [0x93] + Array("NUMPY".utf8) + [1, 0, 255, 255], "the npy header is too long"),
      (["-"], [0x93] + Array("NUMPY".utf8) + [1, 0, 200, 0], "the npy header ends too early"),
      (["-o", "/nowhere/out.npy", "-"], [UInt8](1...8), "cannot write /nowhere/out.npy"),
    ] as [([String], [UInt8], String)])
  func isOneLineAndExitCode2(arguments: [String], input: [UInt8], message: String) async throws {
    let run = try await PackedProgram.of(runnable[0]).run
    let outcome = try run.run(arguments, input: input)
    #expect(outcome.exitCode == 2)
    #expect(outcome.errorOutput.hasPrefix("tiny: error: " + message), "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.filter { $0 == "\n" }.count == 1)
    // Samples are streamed: those before a fault have been answered.
    #expect(outcome.output.isEmpty || message.contains("within sample 1"))
  }

  @Test(arguments: runnable) func damagedWeightsAreNamedWithTheirPlace(on architecture: TargetProfile.Processor.Architecture) async throws {
    let packed = try await PackedProgram.of(architecture)
    let file = packed.artifacts.weights
    let cases: [(name: String, bytes: [UInt8], message: String)] = [
      ("table", flipped(file, 140), "byte 28: header damaged (checksum differs)"),
      ("magic", flipped(file, 2), "byte 0: this is no weights file"),
      ("segment", flipped(file, 4096 + 70), "byte 4096: weights damaged (segment checksum differs)"),
      ("short", Array(file.dropLast(4096)), "byte 8192: the file ends too early"), ("empty", [], "byte 0: the file ends too early"),
    ]
    for damaged in cases {
      let path = try packed.run.write(damaged.bytes, to: "\(damaged.name).epk")
      let outcome = try packed.run.run(["-", "--weights", path], input: samples[0])
      #expect(outcome.exitCode == 2)
      #expect(outcome.errorOutput == "tiny: error: weights file \(path), \(damaged.message)\n")
    }
  }

  @Test(arguments: runnable) func weightsOfAnotherProgramAreRefused(on architecture: TargetProfile.Processor.Architecture) async throws {
    let packed = try await PackedProgram.of(architecture)
    let program = TinyProgram.lowered()
    let other = NetworkEmitter(program, pageSize: 4096).emit()
    #expect(other.layoutHash == packed.artifacts.layoutHash, "the same program has the same hash")
    let file = PackedWeightsWriter(
      layout: other.layout, modelHash: other.layoutHash, targetHash: other.layoutHash, layoutHash: [UInt8](repeating: 9, count: 32)
    ).file(blocks: program.weights.map(\.bytes), tests: PackedTestCases(golden: [], generatedChecksums: [], inputBytes: 8, outputBytes: 5))
    let path = try packed.run.write(file, to: "other.epk")
    let outcome = try packed.run.run(["--self-test", "--weights", path])
    #expect(outcome.exitCode == 2)
    #expect(outcome.errorOutput == "tiny: error: the weights belong to another program (layout hash differs): \(path)\n")
  }

  @Test(arguments: runnable) func aWrongAnswerFailsTheSelfTest(on architecture: TargetProfile.Processor.Architecture) async throws {
    let packed = try await PackedProgram.of(architecture)
    let program = TinyProgram.lowered()
    let network = NetworkEmitter(program, pageSize: 4096).emit()
    var expected = TinyProgram.answer(to: TinyProgram.goldenInputs[0])
    expected[4] = Int8(Int(expected[4]) > 0 ? Int(expected[4]) - 3 : Int(expected[4]) + 3)
    let file = PackedWeightsWriter(
      layout: network.layout, modelHash: network.layoutHash, targetHash: network.layoutHash, layoutHash: network.layoutHash
    ).file(
      blocks: program.weights.map(\.bytes),
      tests: PackedTestCases(
        golden: [.init(input: TinyProgram.goldenInputs[0], output: expected)], generatedChecksums: [1], inputBytes: 8, outputBytes: 5))
    let path = try packed.run.write(file, to: "wrong.epk")
    let outcome = try packed.run.run(["--self-test", "--weights", path, "--stats", "json"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.hasPrefix("{\"cases\":2,\"cases_equal\":0,\"max_difference\":3,"))
  }

  private func flipped(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
    var bytes = bytes
    bytes[index] ^= 1
    return bytes
  }
}
