import DeviceFormats
import DeviceKernels
import Foundation
import ModelGraph
import Targets
import TestSupport
import Testing

@testable import DeviceCompiler

/// A packed random network of every kind of step that threads share, each cut into as many parts as it can be.
struct ThreadedProgram {
  static let threads = 4

  var lowered: LoweredProgram
  var artifacts: ProgramArtifacts
  var run: DeviceRun

  init(seed: UInt64, _ architecture: TargetProfile.Processor.Architecture, leastPartWork: Int = 1) async throws {
    lowered = try Self.lowered(
      seed: seed, threads: Self.threads, for: architecture == .arm64 ? [.neon] : [], leastPartWork: leastPartWork)
    // What one thread computes with the portable kernels is right.
    let machine = PortableMachine(program: try Self.lowered(seed: seed, threads: 1, for: []))
    let inputBytes = lowered.buffers[lowered.input.buffer.index].bytes
    var random = SeededGenerator(seed: seed)
    let inputs = (0..<2).map { _ in (0..<inputBytes).map { _ in Int8.random(in: -128...127, using: &random) } }
    let folder = try temporaryFolder()
    artifacts = try await emitProgram(
      lowered, profile: TinyProgram.profile(architecture), modelHash: [UInt8](repeating: 7, count: 32),
      targetHash: [UInt8](repeating: 8, count: 32), golden: inputs.map { ($0, machine.run($0)) },
      generatedChecksums: (0..<64).map { index in
        Checksum.of(machine.run(GeneratedInput.bytes(seed: UInt32(index), count: inputBytes)).map(UInt8.init(bitPattern:)))
      }, in: folder.appendingPathComponent("work").path)
    run = DeviceRun(folder: folder, emulator: try emulator(of: architecture))
    try Data(artifacts.program).write(to: URL(fileURLWithPath: run.program))
    try Data(artifacts.weights).write(to: URL(fileURLWithPath: run.weights))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: run.program)
  }

  static func lowered(
    seed: UInt64, threads: Int, for sets: [InstructionSet], leastPartWork: Int = 1
  ) throws -> LoweredProgram {
    var network = TinyNetwork(seed: seed)
    let height = Int.random(in: 5...13, using: &network.random)
    let channels = Int.random(in: 3...9, using: &network.random)
    let wide = Int.random(in: 5...21, using: &network.random)
    let three = Window2D(kernel: (3, 3), pads: (1, 1, 1, 1))
    let one = Window2D(kernel: (1, 1))
    let x = network.input([1, height, 7, 3], scale: 0.02, zeroPoint: -5)
    var y = try network.layer(
      .convolution(Convolution(window: three)), x, weights: [channels, 3, 3, 3], name: "a", scale: 0.05, zeroPoint: 3)
    y = try network.layer(
      .convolution(Convolution(window: three, groups: channels)), y, weights: [channels, 3, 3, 1], name: "b", scale: 0.05, zeroPoint: -9)
    let left = try network.layer(
      .convolution(Convolution(window: one)), y, weights: [wide, 1, 1, channels], name: "c", scale: 0.05, zeroPoint: 0)
    let right = try network.add(.elementwiseUnary(ElementwiseUnary(kind: .sigmoid)), [left], name: "d", scale: 1 / 128, zeroPoint: -100)
    y = try network.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), [left, right], name: "e", scale: 0.06, zeroPoint: 1)
    y = try network.layer(
      .convolution(Convolution(window: three)), y, weights: [wide, 3, 3, wide], name: "float", scale: 0.06, zeroPoint: 1)
    network.plan.layers["float"]?.weightBits = 32
    y = try network.add(
      .pooling(Pooling(kind: .maximum, window: Window2D(kernel: (3, 2), pads: (1, 0, 1, 0)))), [y], name: "f", scale: 0.06, zeroPoint: 1)
    y = try network.add(
      .pooling(Pooling(kind: .average(countsPadding: false), window: Window2D(kernel: (height, 6)))), [y], name: "g", scale: 0.05,
      zeroPoint: 0)
    y = try network.layer(
      .convolution(Convolution(window: one)), y, weights: [37, 1, 1, wide], name: "h", scale: 0.05, zeroPoint: 11)
    network.graph.outputs = [y]
    return try lower(
      network.graph, plan: network.plan,
      LoweringRequest(name: "tiny", instructionSets: sets, threads: threads, leastPartWork: leastPartWork))
  }
}

private let nativeArchitecture: TargetProfile.Processor.Architecture = {
  #if arch(x86_64)
  .x86_64
  #else
  .arm64
  #endif
}()

/// Nil for this machine's own architecture.
private func emulator(of architecture: TargetProfile.Processor.Architecture) throws -> String? {
  if architecture == nativeArchitecture { return nil }
  let name = architecture == .arm64 ? "qemu-aarch64-static" : "qemu-x86_64-static"
  guard let path = installed(name) else { try Test.cancel("not run: \(name) is not installed") }
  return path
}

struct ThreadedProgramTests {
  /// One to four threads, on random networks: every byte is that of one thread and the portable kernels, and the arena is used as planned.
  @Test(arguments: [TargetProfile.Processor.Architecture.x86_64, .arm64])
  func bytesDoNotDependOnTheNumberOfThreads(architecture: TargetProfile.Processor.Architecture) async throws {
    for seed in SeededGenerator.seeds(3, first: 11) {
      let packed = try await ThreadedProgram(seed: seed, architecture)
      #expect(packed.lowered.steps.filter { $0.split != nil }.count >= 8)
      for threads in 1...ThreadedProgram.threads {
        let outcome = try packed.run.run(["--self-test", "--stats", "json", "--threads", "\(threads)"])
        #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.errorOutput) EDGEPACK_SEED=\(seed)")
        let stats = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(stats["cases_equal"] as? Int == 66 && stats["threads"] as? Int == threads)
        #expect(stats["arena_high_water"] as? Int == packed.lowered.arena.bytes && stats["canary"] as? Bool == true)
      }
    }
  }

  /// No run hangs, however threads and the scheduler meet; more threads than cores among them.
  @Test func tenThousandRunsEnd() async throws {
    let timeout = try #require(installed("timeout"))
    let packed = try await ThreadedProgram(seed: 21, nativeArchitecture)
    for threads in [2, 3, 4, 2, 3, 4, 2, 3, 4, 4] {
      let outcome = try packed.run.run(["--bench", "1024", "--threads", "\(threads)"], through: [timeout, "300"])
      #expect(outcome.exitCode == 0 && outcome.output.hasPrefix("1024 runs"), "\(outcome.errorOutput)")
    }
    #expect(try packed.run.run(["--self-test", "--threads", "4"]).exitCode == 0)
  }

  @Test func aNumberOfThreadsThatWasNotPackedIsRefused() async throws {
    let packed = try await ThreadedProgram(seed: 22, nativeArchitecture)
    for word in ["0", "5", "x", "99999999999999999999"] {
      let outcome = try packed.run.run(["--self-test", "--threads", word])
      #expect(outcome.exitCode == 2)
      #expect(
        outcome.errorOutput
          == "tiny: error: --threads takes a number from 1 to 4 (edgepack pack --threads N allows more), not \(word)\n")
    }
  }

  @Test func makesOnlyTheSystemCallsOfOneFile() async throws {
    guard let strace = installed("strace") else { return print("not run: strace is not installed") }
    let packed = try await ThreadedProgram(seed: 23, nativeArchitecture)
    let log = packed.run.folder.appendingPathComponent("strace").path
    let outcome = try packed.run.run(["--bench", "20", "--threads", "3"], through: [strace, "-f", "-o", log])
    guard outcome.exitCode == 0 else { return print("not run: strace cannot trace here: \(outcome.errorOutput)") }
    var seen: Set<String> = []
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      // `1234  clone(…`; other lines have no word right behind the process number.
      let call = line.drop(while: \.isNumber).drop { $0 == " " }
      if call.first?.isLetter == true, let open = call.firstIndex(of: "(") { seen.insert(String(call[..<open])) }
    }
    let listed = try ProgramPropertiesTests().namesInSystemCallFile()
    #expect(seen.subtracting(["execve"]).isSubset(of: listed), "\(seen.subtracting(listed))")
    #expect(seen.contains("clone"))
  }

  /// A thread's memory is the deepest stack of its code and the largest scratch; programs for one thread hold nothing of threads.
  @Test func onlyProgramsForSeveralThreadsPayForThem() async throws {
    let packed = try await ThreadedProgram(seed: 24, nativeArchitecture)
    let one = packed.artifacts.workerBytes / (ThreadedProgram.threads - 1)
    #expect(packed.artifacts.workerBytes == 3 * one && one % 64 == 0)
    #expect((packed.lowered.workerScratchBytes + 256...packed.lowered.workerScratchBytes + 4096).contains(one), "\(one) bytes")
    #expect(try symbols(of: packed.artifacts).contains("device_worker"))
    let folder = try temporaryFolder()
    let single = try await TinyProgram.emit(TinyProgram.profile(nativeArchitecture), in: folder.appendingPathComponent("work").path)
    #expect(single.workerBytes == 0 && !single.networkSource.contains("ThreadPool"))
    #expect(try symbols(of: single).isDisjoint(with: ["device_worker", "edgepack_start_thread", "edgepack_worker_memory"]))
  }

  /// A network with too little work for threads takes their number and computes alone.
  @Test func whereNothingIsWorthSharingNoThreadIsMade() async throws {
    let packed = try await ThreadedProgram(seed: 25, nativeArchitecture, leastPartWork: 1_000_000)
    #expect(!packed.lowered.sharesSteps && packed.artifacts.workerBytes == 0)
    #expect(try !symbols(of: packed.artifacts).contains("device_worker"))
    let outcome = try packed.run.run(["--self-test", "--threads", "4"])
    #expect(outcome.exitCode == 0, "\(outcome.errorOutput)")
  }

  private func symbols(of artifacts: ProgramArtifacts) throws -> Set<String> {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: artifacts.unstrippedPath)))
    return Set(bytes.split(separator: 0).filter { $0.count < 80 }.map { String(decoding: $0, as: UTF8.self) })
  }
}
