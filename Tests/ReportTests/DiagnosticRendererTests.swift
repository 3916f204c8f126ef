import Diagnostics
import TestSupport
import Testing

@testable import Report

struct DiagnosticRendererTests {
  static let examples: [Diagnostic] = [
    Diagnostic(
      .unsupportedOperator, "2 operators of det.onnx cannot run on a device",
      details: ["NonMaxSuppression  /head/nms           opset 11", "GridSample         /warp/0, /warp/1    opset 16"],
      hint: "cut the model before the first\n`edgepack inspect det.onnx` shows all layers"),
    Diagnostic(
      .profileValue, "unknown unit in `2000 MB/sec`",
      at: Location(
        file: "my-board.yaml", line: 9, column: 19, excerpt: "  bandwidth: 2000 MB/sec", length: 6,
        label: "expected B/s, KB/s, MB/s or GB/s"), hint: "write `2000 MB/s`"),
    Diagnostic(.notFinite, "weights of fc2 contain NaN: 3 of 5120", at: Location(file: "door.onnx", element: "initializer fc2.weight")),
    Diagnostic(.profileField, "`accelerator` is ignored", at: Location(file: "a.yaml", line: 120), severity: .warning),
    Diagnostic(
      .profileSyntax, "a tab in the indentation", at: Location(file: "a.yaml", line: 7, column: 3, excerpt: " \tcores: 4", length: 1)),
    Diagnostic(
      .profileValue, "a long line is cut around the fault",
      at: Location(
        file: "a.yaml", line: 10_000, column: 150, excerpt: String(repeating: "0123456789", count: 30), length: 400, label: "here")),
  ]

  @Test func text() {
    #expect(Snapshot("diagnostics").difference(from: DiagnosticRenderer().text(Self.examples)) == nil)
  }

  @Test func json() throws {
    #expect(Snapshot("diagnostics-json").difference(from: try DiagnosticRenderer.json(Array(Self.examples.prefix(3)))) == nil)
  }

  @Test func colourRepeatsOnlyWhatWordsSay() {
    let painted = DiagnosticRenderer(style: TerminalStyle(color: true, unicode: true)).text(Self.examples)
    #expect(painted.replacing(/\u{1B}\[\d+m/, with: "") == DiagnosticRenderer().text(Self.examples))
    #expect(painted.contains("\u{1B}[31merror:\u{1B}[0m") && painted.contains("\u{1B}[33mwarning:\u{1B}[0m"))
  }

  @Test func fileContentsCannotSteerTheTerminal() {
    let evil = Diagnostic(
      .usage, "no \u{1B}[2Jname\r", details: ["\u{1B}[31mred\u{07}"],
      at: Location(file: "a\u{1B}c", line: 1, column: 2, excerpt: "x\u{1B}[0m", length: 1, label: "\u{9B}1m"), hint: "\u{1B}[1m")
    let text = DiagnosticRenderer().text(evil)
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
  }

  @Test func placesOutsideTheLineDoNotTrap() {
    for column in [-5, 0, 1, 3, 4, 1000, Int.max] {
      for length in [-1, 0, 1, 1000, Int.max] {
        let location = Location(file: "f", line: 1, column: column, excerpt: "abc", length: length)
        #expect(DiagnosticRenderer().text(Diagnostic(.usage, "m", at: location)).contains("^"))
      }
    }
  }

  @Test func colourFollowsTheTerminalAndTheEnvironment() {
    let color = { (mode: TerminalStyle.ColorMode, terminal: Bool, environment: [String: String]) in
      TerminalStyle(mode, isTerminal: terminal, environment: environment).color
    }
    #expect(color(.auto, true, [:]) && !color(.auto, false, [:]))
    #expect(!color(.auto, true, ["NO_COLOR": "1"]) && color(.auto, true, ["NO_COLOR": ""]) && !color(.auto, true, ["TERM": "dumb"]))
    #expect(color(.always, false, ["NO_COLOR": "1"]) && !color(.never, true, [:]))
  }

  @Test func asciiMarksWhereTheLocaleHasNoUTF8() {
    let unicode = { (environment: [String: String]) in TerminalStyle(.auto, isTerminal: true, environment: environment).unicode }
    #expect(unicode(["LANG": "de_DE.UTF-8"]) && unicode(["LC_ALL": "C.utf8", "LANG": "C"]))
    #expect(!unicode([:]) && !unicode(["LANG": "C"]) && !unicode(["LC_ALL": "C", "LANG": "en_US.UTF-8"]))
    #expect(!unicode(["LANG": "en_US.UTF-8", "TERM": "dumb"]) && unicode(["LC_ALL": "", "LANG": "en_US.UTF-8"]))
  }
}
