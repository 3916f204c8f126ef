import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import Targets

/// A probe network as a program, with what its steps do.
struct ProbeProgram: Sendable {
  var timed: TimedProgram
  var workload: Workload

  init(timed: TimedProgram, workload: Workload) {
    self.timed = timed
    self.workload = workload
  }

  /// Compiles a network as it would be packed for the target.
  /// - Parameter folder: working folder of the compilers.
  init(_ network: ProbeNetwork, for profile: TargetProfile, in folder: String) async throws(Failure) {
    let program = try network.lowered(for: profile)
    let none = [UInt8](repeating: 0, count: 32)
    let artifacts = try await emitProgram(
      program, profile: profile, modelHash: none, targetHash: none, golden: [], generatedChecksums: [], in: folder)
    timed = TimedProgram(name: network.name, program: artifacts.program, weights: artifacts.weights)
    workload = program.workload(storedBytes: artifacts.program.count + artifacts.weights.count)
  }
}

/// The times of one probe program, from several rounds.
struct ProbeTimes: Sendable {
  /// Nanoseconds of each step, one list of runs a step.
  private(set) var steps: [[Double]] = []
  /// Median nanoseconds of whole runs, one a round.
  private(set) var wholeRuns: [Double] = []

  /// Reads what `--bench N --steps` prints: a JSON list of nanoseconds a run.
  /// - Throws: `program-failed` if it is something else.
  mutating func addSteps(_ output: String, of program: ProbeProgram) throws(Failure) {
    let lines = output.split(separator: "\n")
    for line in lines {
      guard let times = try? JSONDecoder().decode([Double].self, from: Data(line.utf8)), times.count == program.workload.steps.count else {
        throw unreadable(program, output)
      }
      if steps.isEmpty { steps = [[Double]](repeating: [], count: times.count) }
      for (index, time) in times.enumerated() { steps[index].append(time) }
    }
    guard !lines.isEmpty else { throw unreadable(program, output) }
  }

  /// Reads what `--bench N --stats json` prints.
  mutating func addWhole(_ output: String, of program: ProbeProgram) throws(Failure) {
    struct Statistics: Decodable { var medianNs: Double }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let statistics = try? decoder.decode(Statistics.self, from: Data(output.utf8)) else { throw unreadable(program, output) }
    wholeRuns.append(statistics.medianNs)
  }

  private func unreadable(_ program: ProbeProgram, _ output: String) -> Failure {
    Failure(.programFailed, "\(program.timed.name) printed no times", details: output.split(separator: "\n").prefix(3).map(String.init))
  }
}
