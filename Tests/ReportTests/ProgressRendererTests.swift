import Diagnostics
import Synchronization
import TestSupport
import Testing

@testable import Report

struct ProgressRendererTests {
  /// What was written, and the time that the test sets.
  private final class Recorder: Sendable {
    private let state = Mutex((text: "", time: 0.0))
    var text: String { state.withLock { $0.text } }
    var time: Double {
      get { state.withLock { $0.time } }
      set { state.withLock { $0.time = newValue } }
    }
    func write(_ text: String) { state.withLock { $0.text += text } }

    func renderer(_ mode: ProgressRenderer.Mode, unicode: Bool = true) -> ProgressRenderer {
      ProgressRenderer(
        mode: mode, style: TerminalStyle(color: false, unicode: unicode), stages: ["import", "simplify", "compress", "compile", "answer"],
        now: { self.time }, write: { self.write($0) })
    }
  }

  private static let warning = Diagnostic(.fewSamples, "fewer than 100 calibration samples", severity: .warning)

  /// A run with a stage of 40 equal rounds of 5 s.
  private func run(_ mode: ProgressRenderer.Mode, unicode: Bool = true) -> String {
    let recorder = Recorder()
    var renderer = recorder.renderer(mode, unicode: unicode)
    renderer.handle(.stageStarted(name: "import"))
    recorder.time = 0.3
    renderer.handle(
      .stageEnded(name: "import", summary: "door.onnx: 29 layers, 61.2 M MAC, 228 k weights", seconds: 0.3, reused: false))
    renderer.handle(.stageStarted(name: "simplify"))
    renderer.handle(.stageEnded(name: "simplify", summary: "83 → 29 nodes", seconds: 0, reused: true))
    renderer.handle(.stageStarted(name: "compress"))
    for round in 1...20 {
      recorder.time += 5
      renderer.handle(.advanced(stage: "compress", done: round, total: 40, detail: "calibrating"))
    }
    renderer.handle(.diagnostic(Self.warning))
    renderer.handle(.stageEnded(name: "compress", summary: "int8, bias corrected", seconds: 100, reused: false))
    return recorder.text
  }

  @Test func plainLogHasNoCursorMovementAndALineInThirtySeconds() {
    let text = run(.plain)
    #expect(!text.contains("\u{1B}"))
    #expect(text.split(separator: "\n").filter { $0.contains("calibrating") }.count == 3)
    #expect(Snapshot("progress-plain").difference(from: text) == nil)
  }

  @Test func asciiLog() { #expect(Snapshot("progress-ascii").difference(from: run(.plain, unicode: false)) == nil) }

  @Test func jsonIsOneObjectALineAndStartsWithTheVersion() throws {
    let lines = run(.json).split(separator: "\n").map(String.init)
    #expect(lines.first == #"{"schema":"1.1","type":"version"}"#)
    #expect(try lines.allSatisfy { try JSONValue($0)["type"] != nil })
    #expect(lines.filter { $0.contains(#""state":"running""#) }.count == 20)
    #expect(Snapshot("progress-json").difference(from: lines.filter { !$0.contains("running") }.joined(separator: "\n")) == nil)
  }

  @Test func aSinkTakesEventsFromManyThreads() async {
    let recorder = Recorder()
    let sink = recorder.renderer(.json).makeSink()
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask { for step in 0..<50 { sink(.advanced(stage: "compress", done: step, total: 50, detail: "worker \(worker)")) } }
      }
    }
    #expect(recorder.text.split(separator: "\n").count == 401)
  }

  @Test func noProgressStillWarns() { #expect(run(.none) == "warning: fewer than 100 calibration samples [few-samples]\n") }

  @Test func aNoteIsALineEverywhere() {
    for (mode, text) in [
      (ProgressRenderer.Mode.none, "stopping\n"), (.plain, "stopping\n"),
      (.json, #"{"schema":"1.1","type":"version"}"# + "\n" + #"{"detail":"stopping","type":"note"}"# + "\n"),
    ] {
      let recorder = Recorder()
      var renderer = recorder.renderer(mode)
      renderer.handle(.note("stopping"))
      #expect(recorder.text == text, "\(mode)")
    }
    let recorder = Recorder()
    var renderer = recorder.renderer(.tty)
    renderer.handle(.stageStarted(name: "import"))
    renderer.handle(.note("stopping"))
    // The running stage is drawn again below it.
    #expect(recorder.text.contains("\u{1B}[Jstopping\n ") && recorder.text.split(separator: "import").count == 3)
  }

  @Test func onATerminalFinishedStagesFoldToOneLine() {
    let shown = Self.screen(run(.tty))
    #expect(Snapshot("progress-tty-end").difference(from: shown) == nil)
  }

  @Test func onATerminalTheRunningStageShowsWhatItKnows() {
    let recorder = Recorder()
    var renderer = recorder.renderer(.tty)
    renderer.handle(.stageStarted(name: "import"))
    recorder.time = 1
    renderer.handle(.stageEnded(name: "import", summary: "door.onnx", seconds: 1, reused: false))
    renderer.handle(.stageStarted(name: "compress"))
    for round in 1...4 {
      recorder.time += 30
      renderer.handle(.advanced(stage: "compress", done: round, total: 8, detail: "round \(round) of at most 8"))
    }
    #expect(Snapshot("progress-tty-running").difference(from: Self.screen(recorder.text)) == nil)
  }

  @Test func timeLeftStaysAwayUntilItIsKnown() {
    var steady = TimeLeft(start: 100)
    steady.note(done: 1, total: 10, at: 110)
    steady.note(done: 2, total: 10, at: 120)
    #expect(steady.seconds == nil)
    steady.note(done: 3, total: 10, at: 130)
    #expect(steady.seconds == 70)
    steady.note(done: 10, total: 10, at: 200)
    #expect(steady.seconds == nil)

    var erratic = TimeLeft(start: 0)
    for (done, time) in [(1, 1.0), (2, 2.0), (3, 60.0)] { erratic.note(done: done, total: 10, at: time) }
    #expect(erratic.seconds == nil)

    var nonsense = TimeLeft(start: 0)
    for (done, total) in [(0, 0), (5, 0), (-1, 3), (7, 3)] { nonsense.note(done: done, total: total, at: 1) }
    #expect(nonsense.seconds == nil)
  }

  @Test func autoIsPlainWithoutATerminal() {
    #expect(ProgressRenderer.Mode.auto.resolved(isTerminal: true, environment: [:]) == .tty)
    #expect(ProgressRenderer.Mode.auto.resolved(isTerminal: true, environment: ["TERM": "dumb"]) == .plain)
    #expect(ProgressRenderer.Mode.auto.resolved(isTerminal: false, environment: [:]) == .plain)
    #expect(ProgressRenderer.Mode.auto.resolved(isTerminal: true, columns: 60, environment: [:]) == .plain)
    #expect(ProgressRenderer.Mode.json.resolved(isTerminal: true, environment: [:]) == .json)
  }

  /// What a terminal shows in the end: understands `ESC [ n A` (up) and `ESC [ J` (clear to the end).
  private static func screen(_ text: String) -> String {
    var lines: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      if let match = rest.prefixMatch(of: /\u{1B}\[(\d+)A\u{1B}\[J/) {
        lines.removeLast(min(lines.count, Int(match.1) ?? 0))
        rest = rest[match.range.upperBound...]
      } else {
        let end = rest.firstIndex(of: "\n") ?? rest.endIndex
        lines.append(String(rest[..<end]))
        rest = rest[end...].dropFirst()
      }
    }
    return lines.joined(separator: "\n")
  }
}
