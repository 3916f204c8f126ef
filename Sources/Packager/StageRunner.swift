import Diagnostics
import Foundation
import Synchronization

/// The stages of a pack, in order.
public enum StageName: String, CaseIterable, Sendable {
  case importModel = "import"
  case simplify, baseline, compress, compile, smoke, answer
}

/// Runs stages one after the other, tells what happens, and saves what is expensive. A stage is a plain function from one artefact to the
/// next.
struct StageRunner: Sendable {
  let progress: ProgressSink
  let store: StageStore
  /// Whether the user wants no further stage to begin.
  let isStopping: @Sendable () -> Bool

  /// What a running stage may say.
  struct Report: Sendable {
    let stage: StageName
    let progress: ProgressSink
    let warnings = WarningLog()

    func advance(_ done: Int, of total: Int, _ detail: String = "") {
      progress(.advanced(stage: stage.rawValue, done: done, total: total, detail: detail))
    }

    func warn(_ diagnostic: Diagnostic) {
      warnings.append(diagnostic)
      progress(.diagnostic(diagnostic))
    }
  }

  /// - Parameter body: returns the artefact and one line that sums the stage up.
  func stage<Artefact>(
    _ name: StageName, _ body: (Report) async throws(Failure) -> (Artefact, summary: String)
  ) async throws(Failure) -> Artefact {
    try begin(name)
    let start = ContinuousClock.now
    let (artefact, summary) = try await body(Report(stage: name, progress: progress))
    end(name, summary, since: start, reused: false)
    return artefact
  }

  /// A stage whose artefact an earlier run may have saved, and which is saved for the next one.
  /// - Parameters:
  ///   - key: everything that the artefact depends on.
  ///   - upstream: what its `Upstream` properties get back if it is found.
  ///   - folder: where the stage writes files that belong to its artefact; nil if it writes none. It is empty before.
  func stage<Artefact: Codable>(
    _ name: StageName, key: StageKey, upstream: () throws(Failure) -> UpstreamValues, files folder: String? = nil,
    _ body: (Report) async throws(Failure) -> (Artefact, summary: String)
  ) async throws(Failure) -> Artefact {
    try begin(name)
    let start = ContinuousClock.now
    let report = Report(stage: name, progress: progress)
    if let saved: Saved<Artefact> = try reuse(name, key, upstream, folder, report) {
      saved.warnings.forEach { progress(.diagnostic($0)) }
      store.noteSaved(name)
      end(name, saved.summary, since: start, reused: true)
      return saved.artefact
    }
    let (artefact, summary) = try await body(report)
    save(Saved(artefact: artefact, summary: summary, warnings: report.warnings.all), name, key, folder, report)
    end(name, summary, since: start, reused: false)
    return artefact
  }

  private func begin(_ name: StageName) throws(Failure) {
    try throwIfCancelled()
    if isStopping() { throw Failure(.interrupted, "stopped before \(name.rawValue)") }
    progress(.stageStarted(name: name.rawValue))
  }

  private func end(_ name: StageName, _ summary: String, since start: ContinuousClock.Instant, reused: Bool) {
    progress(.stageEnded(name: name.rawValue, summary: summary, seconds: (ContinuousClock.now - start).seconds, reused: reused))
  }
}

// Saving and finding again.
extension StageRunner {
  /// An artefact with what the stage said.
  private struct Saved<Artefact: Codable>: Codable {
    var artefact: Artefact
    var summary: String
    var warnings: [Diagnostic]
  }

  private func reuse<Artefact: Codable>(
    _ name: StageName, _ key: StageKey, _ upstream: () throws(Failure) -> UpstreamValues, _ folder: String?, _ report: Report
  ) throws(Failure) -> Saved<Artefact>? {
    let archive: StageArchive
    switch store.find(name, key) {
    case .nothing: return nil
    case .damaged(let reason):
      warnOfDamage(name, reason)
      return nil
    case .found(let found): archive = found
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    decoder.userInfo[UpstreamValues.key] = try upstream()
    let saved: Saved<Artefact>
    do { saved = try decoder.decode(Saved<Artefact>.self, from: archive.value) } catch {
      warnOfDamage(name, "its content cannot be read")
      return nil
    }
    if let folder { try archive.restoreFiles(into: folder) }
    return saved
  }

  private func warnOfDamage(_ name: StageName, _ reason: String) {
    progress(
      .diagnostic(
        Diagnostic(.corruptStage, "the saved stage \(name.rawValue) is not used: \(reason)", severity: .warning)))
  }

  /// What cannot be saved is only computed again by the next run, so this ends nothing.
  private func save<Artefact: Codable>(
    _ saved: Saved<Artefact>, _ name: StageName, _ key: StageKey, _ folder: String?, _ report: Report
  ) {
    do throws(Failure) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      guard let value = try? encoder.encode(saved) else { throw Failure(.internalError, "stage \(name.rawValue) is no JSON") }
      let files = try folder.map { folder throws(Failure) in try StageArchive.files(below: folder) }
      try store.save(StageArchive(key: key.digest, value: value, files: files ?? []), as: name)
    } catch {
      for diagnostic in error.diagnostics {
        var warning = diagnostic
        warning.severity = .warning
        warning.message = "stage \(name.rawValue) is not saved: \(warning.message)"
        progress(.diagnostic(warning))
      }
    }
  }
}

/// What a stage warned of, so that a later run that reuses it says the same.
final class WarningLog: Sendable {
  private let log = Mutex<[Diagnostic]>([])

  var all: [Diagnostic] { log.withLock { $0 } }

  func append(_ diagnostic: Diagnostic) { log.withLock { $0.append(diagnostic) } }
}

/// Ends work whose task was cancelled.
/// - Throws: `interrupted`.
func throwIfCancelled() throws(Failure) {
  if Task.isCancelled { throw Failure(.interrupted, "stopped at once") }
}
