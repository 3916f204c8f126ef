import Foundation
import MutationSupport
import TestSupport

/// Starts workers until every case has been read; behind a case that ended a worker, the next one goes on.
struct Supervisor {
  /// So many crashes tell enough.
  private static let mostCrashes = 25

  let run: RunArguments

  init(_ run: RunArguments) { self.run = run }

  /// - Returns: whether every case ended as it should. Prints the summary as JSON, crashes and unclear errors one a line before it.
  func supervise() throws -> Bool {
    let folder = TemporaryFolder()
    var (summary, crashes, next) = (RunSummary(), 0, run.first)
    let end = run.first + run.cases
    while next < end, crashes < Self.mostCrashes {
      // Workers are short, so that what a crash forgets is little.
      let count = min(end - next, 500)
      let worker = try start(first: next, count: count, folder)
      if worker.exitCode == 0, let part = try? JSONDecoder().decode(RunSummary.self, from: worker.standardOutput) {
        summary.add(part)
        next += count
      } else if let failed = crashedCase(worker) {
        crashes += 1
        print(worker.errorText.split(separator: "\n").last.map(String.init) ?? "")
        // The cases before it are read again, for the sums.
        if failed > next,
          let part = try? JSONDecoder().decode(
            RunSummary.self, from: start(first: next, count: failed - next, folder).standardOutput)
        {
          summary.add(part)
        }
        next = failed + 1
      } else {
        print("a worker ended by itself: \(worker.exitCode) \(worker.errorText)")
        return false
      }
    }
    for line in summary.unclear.prefix(40) { print("unclear: \(line)") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(summary), as: UTF8.self))
    return crashes == 0 && summary.unclear.isEmpty
  }

  private func start(first: Int, count: Int, _ folder: TemporaryFolder) throws -> FinishedProcess {
    try FinishedProcess.run(
      [
        "/proc/\(getpid())/exe", run.format.rawValue, "--worker", "--seed", "\(run.seed)", "--first", "\(first)", "--cases", "\(count)",
      ] + (run.rehearsal.map { ["--rehearse", $0.rawValue] } ?? []), in: URL(fileURLWithPath: folder.path))
  }

  /// `crash: onnx --seed 1 --first 17`
  private func crashedCase(_ worker: FinishedProcess) -> Int? {
    guard worker.exitCode == Worker.crashed, let line = worker.errorText.split(separator: "\n").last else { return nil }
    return line.split(separator: " ").last.flatMap { Int($0) }
  }
}
