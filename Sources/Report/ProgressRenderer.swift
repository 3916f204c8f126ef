import Diagnostics
import Synchronization

/// Turns progress events into what standard error shows. It writes nothing itself: it hands text to `write`, and takes the time from
/// `now`, so that a test needs neither a terminal nor patience.
///
/// - `tty`: finished stages fold to one line, the running stage is redrawn in place;
/// - `plain`: a line at start and end of a stage and at most one in 30 s between, no cursor movement;
/// - `json`: one object a line, first the version of the schema;
/// - `none`: warnings and notes only.
public struct ProgressRenderer: Sendable {
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    case auto, tty, plain, json, none

    /// `auto` is `tty` on a terminal that moves its cursor and is as wide as the screens, else `plain`.
    /// - Parameter columns: the terminal's width, if known.
    public func resolved(isTerminal: Bool, columns: Int? = nil, environment: [String: String]) -> Mode {
      switch self {
      case .auto:
        // On a narrower terminal lines wrap, and moving up over them would leave pieces behind.
        isTerminal && environment["TERM"] != "dumb" && (columns ?? TextLayout.width) >= TextLayout.width ? .tty : .plain
      case .tty, .plain, .json, .none: self
      }
    }
  }

  static let secondsBetweenPlainLines = 30.0
  private let mode: Mode
  private let style: TerminalStyle
  /// Names of all stages in order, for the line of those that are still to come.
  private let stages: [String]
  private let now: @Sendable () -> Double
  private let write: @Sendable (String) -> Void
  private var running: RunningStage?
  private var finished: [String] = []
  private var lastPlainLine = 0.0
  /// Lines below the cursor's home that the next drawing replaces (tty).
  private var drawnLines = 0
  private var hasWrittenVersion = false

  /// - Parameters:
  ///   - mode: `auto` counts as `plain` here; resolve it first.
  ///   - now: seconds of a clock that never goes back.
  ///   - write: appends text to standard error.
  public init(
    mode: Mode, style: TerminalStyle, stages: [String], now: @escaping @Sendable () -> Double,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.mode = mode
    self.style = style
    self.stages = stages
    self.now = now
    self.write = write
  }

  private struct RunningStage {
    var name: String
    var start: Double
    var estimate: TimeLeft
    var done = 0
    var total = 0
    var detail = ""
  }

  public mutating func handle(_ event: ProgressEvent) {
    switch mode {
    case .tty: updateState(event); drawTerminal(event)
    case .plain, .auto: updateState(event); writePlain(event)
    case .json: writeJSON(event)
    case .none: writeRemark(event)
    }
  }

  private func writeRemark(_ event: ProgressEvent) {
    switch event {
    case .note(let text): writeLines([text])
    case .diagnostic(let diagnostic): writeLines([DiagnosticRenderer(style: style).text(diagnostic)])
    case .stageStarted, .advanced, .stageEnded: break
    }
  }

  private mutating func updateState(_ event: ProgressEvent) {
    switch event {
    case .stageStarted(let name): running = RunningStage(name: name, start: now(), estimate: TimeLeft(start: now()))
    case .advanced(let stage, let done, let total, let detail):
      if running?.name != stage { running = RunningStage(name: stage, start: now(), estimate: TimeLeft(start: now())) }
      running?.done = done
      running?.total = total
      running?.detail = detail
      running?.estimate.note(done: done, total: total, at: now())
    case .stageEnded(let name, _, _, _):
      running = nil
      finished.append(name)
    case .note, .diagnostic: break
    }
  }

  /// Where stages send their events, from any thread.
  public consuming func makeSink() -> ProgressSink {
    let shared = SharedRenderer(self)
    return { event in shared.handle(event) }
  }

  private func writeLines(_ lines: [String]) { for line in lines { write(line + "\n") } }

  private func endLine(_ name: String, _ summary: String, _ seconds: Double, _ reused: Bool) -> String {
    let mark = style.paint(style.unicode ? "✓" : "ok", .green)
    let markWidth = style.unicode ? 1 : 2
    let time = reused ? "reused" : Formatting.duration(seconds)
    let room = TextLayout.width - 1 - markWidth - 1 - 11 - 2 - time.count
    return " \(mark) \(TextLayout.left(name, 10)) \(TextLayout.left(shortened(summary, to: room), room))  \(time)"
  }
}

extension ProgressRenderer {
  /// What legible characters take more room is known before it is cut; the mark of the cut is made legible too.
  private func shortened(_ text: String, to width: Int) -> String {
    style.legible(TextLayout.shortened(style.legible(text), to: width))
  }
}

/// One renderer for all threads.
private final class SharedRenderer: Sendable {
  private let renderer: Mutex<ProgressRenderer>

  init(_ renderer: ProgressRenderer) { self.renderer = Mutex(renderer) }

  func handle(_ event: ProgressEvent) { renderer.withLock { $0.handle(event) } }
}

// On a terminal.
extension ProgressRenderer {
  private mutating func drawTerminal(_ event: ProgressEvent) {
    erase()
    switch event {
    case .stageEnded(let name, let summary, let seconds, let reused): writeLines([endLine(name, summary, seconds, reused)])
    case .note(let text): writeLines([text])
    case .diagnostic(let diagnostic): writeLines([DiagnosticRenderer(style: style).text(diagnostic)])
    case .stageStarted, .advanced: break
    }
    let lines = liveLines()
    writeLines(lines)
    drawnLines = lines.count
  }

  /// Moves up over the lines that were drawn for the moment and clears to the end of the screen.
  private mutating func erase() {
    if drawnLines > 0 { write("\u{1B}[\(drawnLines)A\u{1B}[J") }
    drawnLines = 0
  }

  private func liveLines() -> [String] {
    var lines: [String] = []
    if let running {
      let mark = style.paint(style.unicode ? "▸" : ">", .cyan)
      let elapsed = now() - running.start
      var tail = running.total > 0 ? bar(running.done, running.total) + "   " : ""
      tail += Formatting.duration(elapsed)
      if let left = running.estimate.seconds { tail += ", about \(Formatting.duration(left)) left" }
      let room = max(8, TextLayout.width - 3 - 11 - 2 - tail.count)
      lines.append(
        " \(mark) \(TextLayout.left(running.name, 10)) \(TextLayout.left(shortened(running.detail, to: room), room))  \(tail)")
    }
    let waiting = stages.filter { !finished.contains($0) && $0 != running?.name }
    if !waiting.isEmpty, waiting.count < stages.count || running != nil {
      lines.append("   " + waiting.joined(separator: style.unicode ? " · " : ", "))
    }
    return lines
  }

  private func bar(_ done: Int, _ total: Int) -> String {
    let width = 13
    let filled = min(width, max(0, Int(Double(width) * Double(done) / Double(total))))
    return style.unicode
      ? String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      : "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
  }
}

// In a log.
extension ProgressRenderer {
  private mutating func writePlain(_ event: ProgressEvent) {
    switch event {
    case .stageStarted(let name):
      lastPlainLine = now()
      writeLines([" \(style.unicode ? "▸" : ">") \(name)"])
    case .advanced(let stage, let done, let total, let detail):
      guard now() - lastPlainLine >= Self.secondsBetweenPlainLines else { return }
      lastPlainLine = now()
      let share = total > 0 ? " (\(done) of \(total))" : ""
      let left = running?.estimate.seconds.map { ", about \(Formatting.duration($0)) left" } ?? ""
      writeLines(["   \(stage): \(detail)\(share)\(left)"])
    case .stageEnded(let name, let summary, let seconds, let reused):
      lastPlainLine = now()
      writeLines([endLine(name, summary, seconds, reused)])
    case .note(let text): writeLines([text])
    case .diagnostic(let diagnostic): writeLines([DiagnosticRenderer(style: style).text(diagnostic)])
    }
  }
}

// For programs.
extension ProgressRenderer {
  private struct Line: Encodable {
    var type: String
    var schema: String?
    var stage: String?
    var state: String?
    var done: Int?
    var total: Int?
    var detail: String?
    var seconds: Double?
    var reused: Bool?
    var diagnostic: Diagnostic?
  }

  private mutating func writeJSON(_ event: ProgressEvent) {
    if !hasWrittenVersion { emit(Line(type: "version", schema: Answer.schemaVersion)) }
    hasWrittenVersion = true
    switch event {
    case .stageStarted(let name): emit(Line(type: "stage", stage: name, state: "started"))
    case .advanced(let stage, let done, let total, let detail):
      emit(Line(type: "stage", stage: stage, state: "running", done: done, total: total, detail: detail))
    case .stageEnded(let name, let summary, let seconds, let reused):
      emit(Line(type: "stage", stage: name, state: "ended", detail: summary, seconds: seconds, reused: reused))
    case .note(let text): emit(Line(type: "note", detail: text))
    case .diagnostic(let diagnostic): emit(Line(type: "diagnostic", diagnostic: diagnostic))
    }
  }

  private func emit(_ line: Line) {
    // Only a time that is no number could fail, and a line less in the log must not stop the work.
    if let text = try? JSONText.encode(line, pretty: false) { write(text + "\n") }
  }
}
