import Diagnostics
import Foundation

/// How long one run of a packed program takes on this computer, everything in memory. In ms.
public struct Latency: Hashable, Sendable {
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
public struct ColdLatency: Hashable, Sendable {
  public var median: Double
  public var runs: Int

  public init(median: Double, runs: Int) {
    self.median = median
    self.runs = runs
  }
}

extension BuildFolder {
  /// Times the program by its own clock, for about half a second.
  /// - Throws: `program-failed` if it does not tell.
  func measuredLatency(environment: RunEnvironment) async throws(Failure) -> Latency {
    let first = try await bench(runs: 1, environment)
    let runs = max(5, min(1000, 500_000_000 / max(1, first.medianNs)))
    let all = try await bench(runs: runs, environment)
    return Latency(median: Double(all.medianNs) / 1e6, p95: Double(all.p95Ns) / 1e6, runs: all.runs)
  }

  /// What `--bench N --stats json` prints (docs/program-interface.md).
  private struct Bench: Decodable {
    var runs: Int
    var medianNs: Int
    var p95Ns: Int
  }

  private func bench(runs: Int, _ environment: RunEnvironment) async throws(Failure) -> Bench {
    let result = try await NativeRunner(folder: self, environment: environment).run(arguments: ["--bench", "\(runs)", "--stats", "json"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard result.exitCode == 0, let bench = try? decoder.decode(Bench.self, from: Data(result.standardOutput.utf8)) else {
      throw Failure(.programFailed, "the program could not be timed (exit code \(result.exitCode))", details: result.lastLines)
    }
    return bench
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
