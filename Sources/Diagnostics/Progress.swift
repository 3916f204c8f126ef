/// What a long-running stage tells while it works. Rendered by `Report/ProgressRenderer`; a value, so that tests can record it.
public enum ProgressEvent: Sendable, Hashable {
  case stageStarted(name: String)
  /// `done` of `total` units of the running stage; `detail` says what is being done.
  case advanced(stage: String, done: Int, total: Int, detail: String)
  case stageEnded(name: String, summary: String, seconds: Double, reused: Bool)
  /// One line about the run itself.
  case note(String)
  /// A warning, or a fault that ends the work.
  case diagnostic(Diagnostic)
}

/// Where progress goes. A function, so that no module needs to know a renderer.
public typealias ProgressSink = @Sendable (ProgressEvent) -> Void
