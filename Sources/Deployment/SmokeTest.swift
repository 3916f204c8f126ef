import Diagnostics
import Foundation
import ModelFormats

/// What the self-test of a packed program showed, at one place.
public struct SmokeResult: Hashable, Sendable, Codable {
  public var on: ProofPlace
  /// Golden cases and generated inputs together.
  public var cases: Int
  public var casesEqual: Int
  /// All cases equal, golden outputs compared byte for byte on this side as well.
  public var byteEqual: Bool
  /// Largest difference of an int8 output from the golden one.
  public var maxDifference: Int
  /// Bytes of the arena that the program really changed; as planned: `arenaBytes`.
  public var arenaHighWater: Int
  public var arenaBytes: Int
  /// Whether the bytes behind the arena stayed as they were.
  public var canary: Bool
  /// Largest resident set in bytes. Nil where it cannot be seen: firmware has none, in QEMU's user mode it is QEMU's.
  public var residentPeak: Int?
  public var pageFaults: PageFaults?
  /// Nil where nothing enforced a limit.
  public var memory: EnforcedMemory?
  /// Both nil in emulators.
  public var latency: Latency?
  public var coldLatency: ColdLatency?
  /// In the booted machine only.
  public var throttledStart: ThrottledStart?
  public var exitCode: Int
  /// All runs, emulator included.
  public var seconds: Double
  /// The self-test ran once with each of these numbers of threads.
  public var threads: [Int]

  /// Faults so far: before the first run, after it, at the end.
  public struct PageFaults: Hashable, Sendable, Codable {
    public var beforeMinor: Int
    public var beforeMajor: Int
    public var firstRunMinor: Int
    public var firstRunMajor: Int
    public var endMinor: Int
    public var endMajor: Int

    private enum CodingKeys: String, CodingKey {
      case beforeMinor = "before_minor"
      case beforeMajor = "before_major"
      case firstRunMinor = "first_run_minor"
      case firstRunMajor = "first_run_major"
      case endMinor = "end_minor"
      case endMajor = "end_major"
    }
  }

  /// Everything is as the packager said.
  public var isPassed: Bool { faults.isEmpty }

  /// What differs, one line each; empty if the test is passed.
  public var faults: [String] {
    var faults: [String] = []
    if !byteEqual { faults.append("\(cases - casesEqual) of \(cases) outputs differ, by up to \(maxDifference)") }
    if arenaHighWater != arenaBytes { faults.append("the arena was used up to byte \(arenaHighWater), planned are \(arenaBytes)") }
    if !canary { faults.append("the program wrote behind its arena") }
    if exitCode != 0 { faults.append("the program exited with \(exitCode)") }
    return faults
  }

  /// - Throws: `output-differs` with what differs.
  public func requirePassed() throws(Failure) {
    guard isPassed else { throw Failure(.outputDiffers, "the self-test on \(on.title) found differences", details: faults) }
  }
}

extension BuildFolder {
  /// Runs the program's self-test at a place and compares its golden outputs here as well: the program is not believed. A program for
  /// several threads runs it twice, with one and with all.
  /// - Throws: `program-failed` if the program ends otherwise than with a verdict, `not-a-build`, `corrupt-data`, and what runners throw.
  ///   Differences are no error here: they are in the result.
  public func smokeTest(at place: ProofPlace, environment: RunEnvironment = RunEnvironment()) async throws(Failure) -> SmokeResult {
    let golden = try goldenOutputs()
    var environment = environment
    // Each case may read all weights from storage.
    environment.timeLimit += .seconds(weightsBytes / 1_048_576)
    let runner = try runner(at: place, environment: environment)
    var smoke = try await selfTest(runner, golden, threads: 1)
    if manifest.threads > 1 { smoke = smoke.worst(with: try await selfTest(runner, golden, threads: manifest.threads)) }
    if place == .native && smoke.isPassed {
      smoke.latency = try await measuredLatency(environment: environment)
      smoke.coldLatency = try measuredColdLatency()
    }
    if place == .machine && smoke.isPassed { smoke.throttledStart = try await measuredThrottledStart(environment: environment) }
    return smoke
  }

  private func selfTest(_ runner: any Runner, _ golden: [[UInt8]], threads: Int) async throws(Failure) -> SmokeResult {
    // A file that was just written lies in the cache in large pages, each of which is mapped whole: no measure of a program that reads it.
    if runner.place == .native, weightsBytes > manifest.target.budget.ram ?? .max, let weightsFile { _ = PageCache.drop(weightsFile) }
    let result = try await runner.run(
      arguments: ["--self-test", "--stats", "json", "--show-outputs"] + (threads == 1 ? [] : ["--threads", "\(threads)"]))
    if let memory = result.memory, memory.oomKills > 0 {
      throw Failure(
        .programFailed, "the program needs more memory than its limit of \(memory.limit / 1024) KiB: the kernel ended it",
        details: ["the limit is enforced by a control group, which also counts page tables and cached pages of the weights"],
        hint: "give it more: --max-ram, or a smaller model")
    }
    // 0 and 1 are the self-test's verdicts (docs/program-interface.md).
    guard result.exitCode == 0 || result.exitCode == 1 else {
      throw Failure(.programFailed, "the self-test ended with \(result.exitCode)", details: result.lastLines)
    }
    let output = try SelfTestOutput(result.standardOutput)
    guard output.statistics.threads ?? 1 == threads else {
      throw Failure(.programFailed, "the self-test did not run with \(threads) threads", details: result.lastLines)
    }
    return try compare(output, golden, runner.place, result)
  }

  private var weightsBytes: Int {
    weightsFile.flatMap { try? FileManager.default.attributesOfItem(atPath: $0.path)[.size] as? Int } ?? 0
  }

  private func goldenOutputs() throws(Failure) -> [[UInt8]] {
    var outputs: [[UInt8]] = []
    for index in 0..<manifest.goldenCases {
      try require(goldenOutput(index))
      let array = try NpyFile.read(path: goldenOutput(index).path)
      guard array.elementType == .int8, array.count == manifest.output.count else {
        throw Failure(
          .notABuild, "golden output \(index) is \(array.description), the program's are int8\(manifest.output.shape)",
          at: Location(file: goldenOutput(index).path))
      }
      outputs.append(array.bytes)
    }
    return outputs
  }

  private func compare(
    _ output: SelfTestOutput, _ golden: [[UInt8]], _ place: ProofPlace, _ result: RunResult
  ) throws(Failure) -> SmokeResult {
    var differing = 0
    var maxDifference = output.statistics.maxDifference
    for (index, expected) in golden.enumerated() {
      guard let actual = output.outputs[index], actual.count == expected.count else {
        throw Failure(.programFailed, "the self-test did not show output \(index) of \(golden.count)", details: result.lastLines)
      }
      if actual != expected { differing += 1 }
      for (a, b) in zip(actual, expected) {
        maxDifference = max(maxDifference, abs(Int(Int8(bitPattern: a)) - Int(Int8(bitPattern: b))))
      }
    }
    let statistics = output.statistics
    let casesEqual = max(0, min(statistics.casesEqual, statistics.cases - differing))
    return SmokeResult(
      on: place, cases: statistics.cases, casesEqual: casesEqual,
      byteEqual: casesEqual == statistics.cases && statistics.cases >= golden.count && differing == 0 && statistics.cases > 0,
      maxDifference: maxDifference, arenaHighWater: statistics.arenaHighWater, arenaBytes: manifest.arenaBytes,
      canary: statistics.canary, residentPeak: place == .user ? nil : statistics.residentPeak, pageFaults: statistics.pageFaults,
      memory: result.memory, exitCode: result.exitCode, seconds: result.seconds, threads: [statistics.threads ?? 1])
  }
}

extension SmokeResult {
  /// Of two runs of one program what is further from passing; page faults are those of this one.
  func worst(with other: SmokeResult) -> SmokeResult {
    var worst = casesEqual <= other.casesEqual ? self : other
    worst.byteEqual = byteEqual && other.byteEqual
    worst.maxDifference = max(maxDifference, other.maxDifference)
    worst.arenaHighWater = arenaHighWater == arenaBytes ? other.arenaHighWater : arenaHighWater
    worst.canary = canary && other.canary
    worst.residentPeak = [residentPeak, other.residentPeak].compactMap { $0 }.max()
    worst.pageFaults = pageFaults
    worst.memory = other.memory.map { memory?.worst(with: $0) ?? $0 } ?? memory
    worst.exitCode = exitCode != 0 ? exitCode : other.exitCode
    worst.seconds = seconds + other.seconds
    worst.threads = threads + other.threads
    return worst
  }
}
