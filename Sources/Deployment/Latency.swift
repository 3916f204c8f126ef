import Diagnostics
import Foundation

/// How long one run of a packed program takes on this computer, everything in memory. In ms.
public struct Latency: Hashable, Sendable, Codable {
  public var median: Double
  /// 95 % of the runs took no longer.
  public var p95: Double
  public var runs: Int

  public init(median: Double, p95: Double, runs: Int) {
    self.median = median
    self.p95 = p95
    self.runs = runs
  }
}

/// How long a packed program takes from its start to its end for one sample, with nothing of it in memory before. In ms.
public struct ColdLatency: Hashable, Sendable, Codable {
  public var median: Double
  public var runs: Int

  public init(median: Double, runs: Int) {
    self.median = median
    self.runs = runs
  }
}

/// The first run in the booted machine and a later one, in ms, with a disk as slow as the target's storage. The emulated processor is not
/// the target's, but it is the same in both: what the first run takes longer is the time of storage and of verifying what it read.
public struct ThrottledStart: Hashable, Sendable, Codable {
  public var firstRun: Double
  public var laterRun: Double
  /// In bytes per second.
  public var storageBandwidth: Double

  public init(firstRun: Double, laterRun: Double, storageBandwidth: Double) {
    self.firstRun = firstRun
    self.laterRun = laterRun
    self.storageBandwidth = storageBandwidth
  }
}

extension BuildFolder {
  /// Times the program by its own clock, for about half a second.
  /// - Throws: `program-failed` if it does not tell.
  func measuredLatency(environment: RunEnvironment) async throws(Failure) -> Latency {
    let runner = NativeRunner(folder: self, environment: environment)
    let first = try await bench(runs: 1, on: runner)
    let runs = max(5, min(1000, 500_000_000 / max(1, first.medianNs)))
    let all = try await bench(runs: runs, on: runner)
    return Latency(median: Double(all.medianNs) / 1e6, p95: Double(all.p95Ns) / 1e6, runs: all.runs)
  }

  /// What `--bench N --stats json` prints (docs/program-interface.md).
  private struct Bench: Decodable {
    var runs: Int
    /// Of the run before those, which reads the weights.
    var firstNs: Int
    var medianNs: Int
    var p95Ns: Int
  }

  private func bench(runs: Int, on runner: some Runner) async throws(Failure) -> Bench {
    let result = try await runner.run(arguments: ["--bench", "\(runs)", "--stats", "json"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    // A machine's console may say more.
    let line = result.standardOutput.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
    guard result.exitCode == 0, let bench = try? decoder.decode(Bench.self, from: Data(line.utf8)) else {
      throw Failure(.programFailed, "the program could not be timed (exit code \(result.exitCode))", details: result.lastLines)
    }
    return bench
  }

  /// Boots the machine once more, with its disk throttled to the target's storage bandwidth.
  /// - Returns: nil where the profile states none.
  func measuredThrottledStart(environment: RunEnvironment) async throws(Failure) -> ThrottledStart? {
    guard let bandwidth = manifest.target.memory.storageBandwidth, weightsFile != nil else { return nil }
    let all = try await bench(
      runs: 3, on: QEMUMachineRunner(folder: self, environment: environment, storageBandwidth: bandwidth))
    return ThrottledStart(firstRun: Double(all.firstNs) / 1e6, laterRun: Double(all.medianNs) / 1e6, storageBandwidth: bandwidth)
  }

  /// Starts the program on the first golden input a few times, each time with its files taken out of the system's cache.
  /// - Returns: nil where there is no golden input, or the files cannot be taken out (a file system in memory).
  /// - Throws: `tool-failed` if the program cannot be started, `program-failed` if it gives no answer.
  func measuredColdLatency(runs: Int = 5) throws(Failure) -> ColdLatency? {
    guard manifest.goldenCases > 0 else { return nil }
    let files = [programFile, goldenInput(0)] + (weightsFile.map { [$0] } ?? [])
    var times: [Double] = []
    for _ in 0..<runs {
      for file in files where !PageCache.drop(file) { return nil }
      times.append(try TimedSpawn.milliseconds(programFile, arguments: [goldenInput(0).path]))
    }
    return ColdLatency(median: times.sorted()[runs / 2], runs: runs)
  }
}
