import Diagnostics
import Foundation

/// The stages of a pack, in order.
public enum StageName: String, CaseIterable, Sendable {
  case importModel = "import"
  case simplify, baseline, compress, compile, smoke, answer
}

/// Runs stages one after the other and tells what happens. A stage is a plain function from one artefact to the next.
struct StageRunner: Sendable {
  let progress: ProgressSink

  /// What a running stage may say.
  struct Report: Sendable {
    let stage: StageName
    let progress: ProgressSink

    func advance(_ done: Int, of total: Int, _ detail: String = "") {
      progress(.advanced(stage: stage.rawValue, done: done, total: total, detail: detail))
    }

    func warn(_ diagnostic: Diagnostic) { progress(.diagnostic(diagnostic)) }
  }

  /// - Parameter body: returns the artefact and one line that sums the stage up.
  func stage<Artefact>(
    _ name: StageName, _ body: (Report) async throws(Failure) -> (Artefact, summary: String)
  ) async throws(Failure) -> Artefact {
    try throwIfCancelled()
    progress(.stageStarted(name: name.rawValue))
    let start = ContinuousClock.now
    let (artefact, summary) = try await body(Report(stage: name, progress: progress))
    progress(.stageEnded(name: name.rawValue, summary: summary, seconds: (ContinuousClock.now - start).seconds, reused: false))
    return artefact
  }
}

/// Ends work whose task was cancelled.
/// - Throws: `tool-failed`, as a child process does that is interrupted.
func throwIfCancelled() throws(Failure) {
  if Task.isCancelled { throw Failure(.toolFailed, "packing was interrupted") }
}
