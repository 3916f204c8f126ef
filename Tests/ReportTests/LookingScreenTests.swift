import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Report

/// A build with several layers, whose arena is full in step 2.
private enum Sample {
  static let layers: [Answer.Layer] = (1...20).map { index in
    Answer.Layer(
      name: "block_\(index)/depthwise_convolution", operator: "Conv", shape: [1, 48, 48, index], step: index - 1,
      macs: index * 100_000, parameters: index * 50, weightBytes: index * 64, bits: 8, sqnrDb: Double(60 - index))
  }

  static let buffers: [Answer.Arena.Buffer] = [
    .init(name: "input", shape: [1, 96, 96, 3], bytes: 27_648, offset: 0, firstStep: -1, lastStep: 0),
    .init(name: "conv_1", shape: [1, 48, 48, 60], bytes: 138_240, offset: 138_240, firstStep: 0, lastStep: 1),
    .init(name: "conv_2", shape: [1, 48, 48, 60], bytes: 138_240, offset: 0, firstStep: 1, lastStep: 20),
    .init(name: "conv_2 scratch", shape: nil, bytes: 6144, offset: 276_480, firstStep: 1, lastStep: 1),
  ]

  static var answer: Answer {
    var answer = Examples.fits
    answer.layers = layers
    answer.arena = .init(bytes: 282_624, lowerBound: 276_480, buffers: buffers)
    return answer
  }

  static var doesNotFit: Answer {
    var answer = Examples.answer(ramLimit: 131_072)
    answer.layers = Array(layers.dropFirst())
    answer.layers[2].weightBytes = 9
    answer.layers[3].sqnrDb = 12
    answer.layers[4].bits = 4
    answer.files[0].bytes = 80_000
    answer.program = "81d0c7aa00000000"
    return answer
  }
}

private func expectScreen(_ text: String, _ name: String, testFile: String = #filePath) {
  for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(name): \(line)") }
  #expect(Snapshot(name, testFile: testFile).difference(from: text) == nil)
}

struct ExplanationTests {
  @Test(arguments: Answer.Axis.Name.allCases) func everyAxisIsExplainedWithin80Columns(_ axis: Answer.Axis.Name) {
    expectScreen(Explanation(axis, of: Sample.answer).text(), "explain-\(axis.rawValue)")
  }

  @Test func thePartsOfTheArenaAddUpToIt() {
    let parts = Explanation(.ram, of: Sample.answer).parts
    #expect(parts.reduce(0) { $0 + ($1.figure ?? 0) } == 282_624)
    // Where buffers share rows or leave gaps, a line says so.
    for bytes in [300_000, 200_000] {
      var answer = Sample.answer
      answer.arena.bytes = bytes
      #expect(Explanation(.ram, of: answer).parts.reduce(0) { $0 + ($1.figure ?? 0) } == Double(bytes))
    }
  }

  @Test func theStepThatFillsTheArenaIsFound() {
    #expect(Sample.answer.arena.peakStep == 1 && Sample.answer.arena.stepCount == 20)
    #expect(Explanation(.ram, of: Sample.answer).headline.contains("reached in step 2 of 20 (block_2/depthwise_convolution)"))
    #expect(Answer.Arena(bytes: 0, lowerBound: 0, buffers: []).peakStep == 0)
  }

  @Test func whatIsLeftOutIsSummedUp() {
    let parts = Explanation(.flash, of: Sample.answer).parts
    let weights = parts.filter { $0.name.hasPrefix("  ") }.reduce(0) { $0 + ($1.figure ?? 0) }
    #expect(weights == Double(Sample.layers.reduce(0) { $0 + $1.weightBytes }) && parts.last?.name == "  and 5 smaller")
  }

  @Test func aPredictedAxisSaysItsFigure() {
    var answer = Sample.answer
    answer.budget[2] = .init(.latency, unit: .milliseconds, limit: 10, predicted: 11.4, measured: nil, binds: "conv_pw_1")
    let explanation = Explanation(.latency, of: answer)
    #expect(explanation.headline == "latency 11.4 ms, predicted, at most; what binds: conv_pw_1")
    #expect(explanation.remarks == ["limit 10.0 ms: exceeded by 14 %"])
  }

  @Test func aLayerIsExplained() throws {
    expectScreen(try Explanation(layer: "block_2/depthwise_convolution", of: Sample.answer).text(), "explain-layer")
  }

  @Test func aLayerThatIsNoneNamesTheNearest() {
    for (word, meant) in [
      ("block_2/depthwise_convolutoin", "block_2/depthwise_convolution"), ("flsh", "flash"), ("missing-tol", "missing-tool"),
    ] {
      do throws(Failure) {
        _ = try Explanation(layer: word, of: Sample.answer)
        Issue.record("\(word) was explained")
      } catch {
        #expect(error.diagnostics.map(\.code) == [.usage] && error.diagnostics[0].hint == "did you mean `\(meant)`?")
      }
    }
  }

  @Test func jsonHoldsExactFigures() throws {
    let document = try JSONValue(try Explanation(.ram, of: Sample.answer).json())
    #expect(document["schema"] == .string("1.1") && document["parts"]?.elements.first?["figure"] == .number(138_240))
  }

  /// docs/errors.md and `edgepack explain CODE` say the same.
  @Test(arguments: DiagnosticCode.allCases) func aCodeIsExplainedInTheWordsOfTheErrorsPage(_ code: DiagnosticCode) throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/errors.md")
    let sections = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n### ").dropFirst()
    let section = try #require(sections.first { $0.hasPrefix(code.rawValue + "\n") })
    let body = section.dropFirst(code.rawValue.count).components(separatedBy: "\n## ")[0]
    let words = body.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words == "\(code.explanation.reason) What to do: \(code.explanation.remedy)")
    for line in Explanation(code).text().split(separator: "\n") { #expect(line.count <= 80) }
  }
}

struct ComparisonTests {
  private let comparison = Comparison(
    before: .init(folder: "build/a", answer: Sample.answer), after: .init(folder: "build/b", answer: Sample.doesNotFit))

  @Test func differencesAreShownWithin80Columns() { expectScreen(comparison.text(), "compare") }

  @Test func theSameTablesInMarkdown() {
    let text = comparison.markdown()
    #expect(Snapshot("compare-markdown").difference(from: text) == nil)
    let tables = text.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(tables.allSatisfy { $0.hasSuffix("|") } && tables.count > 10)
  }

  @Test func jsonHoldsBothSidesOfWhatDiffers() throws {
    let document = try JSONValue(try comparison.json())
    #expect(document["layers"]?.elements.count == 4 && document["files"]?.elements.count == 1)
    #expect(document["layers"]?.elements.contains { $0["after"] == .null } == true, "a layer is only in A")
  }

  @Test func aBuildEqualsItself() {
    let side = Comparison.Side(folder: "build", answer: Sample.answer)
    let text = Comparison(before: side, after: side).text()
    #expect(text.contains("no layers that differ") && text.contains("no files that differ") && text.contains("same"))
  }
}

struct DoctorScreenTests {
  private static func check(_ name: String, _ found: String?, isNeeded: Bool = true, package: String? = nil) -> DoctorScreen.Check {
    DoctorScreen.Check(name: name, found: found, purpose: "proves arm64 targets", isNeeded: isNeeded, package: package)
  }

  private let screen = DoctorScreen(
    target: nil,
    checks: [
      check("swift", "swift 6.3.1"), check("clang", "/opt/swift/usr/bin/clang"), check("OpenBLAS", "OpenBLAS 0.3.21 (Haswell kernels)"),
      check("zlib", "zlib 1.2.13"), check("qemu-system-aarch64", nil, package: "qemu-system-arm"),
      check("qemu-system-arm", nil, package: "qemu-system-arm"),
      DoctorScreen.Check(
        name: "arm64 kernel", found: nil, purpose: "boots in the emulator", isNeeded: true, command: "edgepack doctor --fetch-machine"),
      check("ssh", nil, isNeeded: false, package: "openssh-client"),
    ])

  @Test func missingToolsHaveOneCommandEach() {
    expectScreen(screen.text(), "doctor")
    expectScreen(screen.text(verbose: true), "doctor-verbose")
    #expect(screen.installCommand == "sudo apt install qemu-system-arm openssh-client" && screen.missing.count == 3)
  }

  @Test func oneMissingToolNeedsNoSummary() {
    let one = DoctorScreen(target: "arm64-512mb", checks: Array(screen.checks.prefix(5)))
    #expect(one.text().components(separatedBy: "sudo apt install").count == 2)
    #expect(one.text().contains("missing for arm64-512mb: qemu-system-aarch64"))
  }

  @Test func nothingMissingIsSaid() {
    let whole = DoctorScreen(target: nil, checks: Array(screen.checks.prefix(4)))
    #expect(whole.text().hasSuffix("nothing is missing for all targets") && whole.installCommand == nil)
  }

  @Test func jsonSaysWhetherItIsReady() throws {
    let document = try JSONValue(try screen.json())
    #expect(document["ready"] == .boolean(false) && document["checks"]?.elements.count == 8)
    #expect(document["checks"]?.elements.last?["found"] == .null)
  }

  @Test func withoutUnicodeItIsASCII() {
    let text = screen.text(style: TerminalStyle(color: false, unicode: false))
    #expect(text.allSatisfy(\.isASCII) && text.contains("X qemu-system-aarch64"))
  }
}

struct ConfigurationScreenTests {
  @Test func settingsShowTheirOrigin() throws {
    let screen = SettingsScreen(
      variant: "small",
      rows: [
        .init(key: "model", value: "models/door.onnx", origin: "edgepack.yaml:1"),
        .init(key: "data", value: "/data/a/very/long/path/to/the/training/data/of/the/door/of/the/house.npz", origin: "flag"),
        .init(key: "max_accuracy_drop", value: "1.00 pt", origin: "target arm64-512mb"), .init(key: "plan", value: nil, origin: nil),
      ])
    expectScreen(screen.text(), "show-config")
    let document = try JSONValue(try SettingsScreen.json([screen]))
    #expect(document["configurations"]?.elements.first?["settings"]?.elements.last?["value"] == .null)
  }

  @Test func variantsAreOneTable() throws {
    let screen = VariantsScreen([
      .init(name: "normal", folder: "build/normal", answer: Sample.answer),
      .init(name: "small", folder: "build/small/best", answer: Sample.doesNotFit),
    ])
    expectScreen(screen.text(), "variants")
    #expect(!screen.fits && screen.headline == "1 of 2 variants fit")
    let document = try JSONValue(try screen.json())
    #expect(document["variants"]?.elements.count == 2)
    for variant in document["variants"]?.elements ?? [] {
      #expect(SchemaValidator.faults(variant["report"] ?? .null, SchemaValidator.reportSchema) == [])
    }
  }

  @Test func aForecastSaysWhatIsOutOfReach() throws {
    let lines: [ForecastScreen.Line] = [
      .init(.ram, unit: .bytes, limit: 65_536, predicted: 120_000, atLeast: 100_000, parts: "arena 97.7 KiB, weights 19.5 KiB"),
      .init(.flash, unit: .bytes, limit: nil, predicted: 200_000, atLeast: 200_000, parts: "weights 195 KiB"),
      .init(.latency, unit: .milliseconds, limit: 50, predicted: nil, atLeast: nil, parts: "–"),
    ]
    let steps = ["calibrate on 1,024 samples, ranges by mse, bias correction on; int8 for 29 layers and a few words more", "write build/"]
    let screen = ForecastScreen(model: "door.onnx", target: "arm64-512mb", steps: steps, budget: lines)
    expectScreen(screen.text(), "dry-run")
    #expect(!screen.isPossible && screen.headline.hasPrefix("CANNOT FIT"))
    #expect(ForecastScreen(model: "m", target: "t", steps: [], budget: Array(lines.dropFirst())).isPossible)
    #expect(try JSONValue(try ForecastScreen.json([(nil, screen)]))["is_possible"] == .boolean(false))
    #expect(try JSONValue(try ForecastScreen.json([("a", screen), ("b", screen)]))["variants"]?.elements.count == 2)
  }

  @Test func layersAreATableWithin80Columns() {
    expectScreen(AnswerScreen(Sample.answer, folder: "build").layers(), "layers")
  }
}
