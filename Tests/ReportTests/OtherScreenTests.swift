import Diagnostics
import TestSupport
import Testing

@testable import Report

struct InspectScreenTests {
  private static let rows = (1...29).map { index in
    LayerRow(
      name: index % 2 == 1 ? "conv_pw_\(index)" : "/features/stage\(index)/block/depthwise",
      operator: index % 2 == 1 ? "Conv" : "DepthwiseConv",
      outputShape: [1, 48, 48, index], macs: (index * 7919) % 29 * 100_000, parameters: index * 1000, activationBytes: 2304 * index)
  }

  @Test func theFifteenLargestLayersAndTheRest() {
    let text = InspectScreen(model: "door.onnx", rows: Self.rows).text()
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 } && text.contains("and 14 smaller"))
    #expect(Snapshot("inspect").difference(from: text) == nil)
  }

  @Test func allLayersOnDemand() {
    let text = InspectScreen(model: "door.onnx", rows: Self.rows, showsAll: true).text()
    #expect(!text.contains("smaller") && text.split(separator: "\n").count == 29 + 4)
  }

  @Test func withoutUnicodeTheTableIsAscii() {
    let text = InspectScreen(model: "door.onnx", rows: Self.rows, style: TerminalStyle(color: false, unicode: false)).text()
    #expect(text.allSatisfy(\.isASCII) && text.contains("1x48x48x"))
  }

  @Test func smallAndEmptyModels() {
    let one = InspectScreen(model: "a.onnx", rows: Array(Self.rows.prefix(1))).text()
    #expect(one.hasPrefix("a.onnx: 1 layer, ") && !one.contains("smaller"))
    #expect(InspectScreen(model: "a.onnx", rows: []).text().hasPrefix("a.onnx: 0 layers, 0 MAC, 0 parameters, largest output 0 B"))
  }

  @Test func jsonHoldsAllLayers() throws {
    let value = try JSONValue(try InspectScreen(model: "door.onnx", rows: Self.rows).json())
    #expect(value["layers"]?.elements.count == 29 && value["schema"] == .string("1.1"))
    #expect(value["layers"]?.elements[0]["activation_bytes"] == .number(2304))
  }
}

struct SmokeScreenTests {
  /// Each line only where it was measured.
  @Test func limitsAndTimesAreShown() throws {
    var smoke = Examples.smoke
    let plain = SmokeScreen(smoke, arenaBytes: 282_624, program: "3f9a12c4").text()
    #expect(!plain.contains("control group") && !plain.contains("one run") && !plain.contains("first run  "))
    smoke.memoryLimit = 2_097_152
    smoke.memoryPeak = 1_572_864
    smoke.latency = .init(median: 12.5, p95: 13.5, runs: 40)
    smoke.coldLatency = .init(median: 31.5, runs: 5)
    smoke.throttledStart = .init(firstRun: 84, laterRun: 34, storageBandwidth: 20e6)
    let text = SmokeScreen(smoke, arenaBytes: 282_624, program: "3f9a12c4").text()
    #expect(text.contains(" control group       1.50 MiB at most of 2.00 MiB allowed"))
    #expect(text.contains(" one run             12.5 ms, 95 % within 13.5 ms; 31.5 ms from a cold start"))
    #expect(text.contains(" first run           50.0 ms longer than a later one, with storage of 20.0 MB/s"))
  }

  @Test func equal() {
    let screen = SmokeScreen(Examples.smoke, arenaBytes: 282_624, program: "3f9a12c4d5e6f708")
    #expect(Snapshot("smoke-equal").difference(from: screen.text()) == nil)
  }

  @Test func different() {
    let smoke = Answer.Smoke(
      on: "native", cases: 68, casesEqual: 60, byteEqual: false, maxDifference: 3, arenaHighWater: nil, residentPeak: nil,
      pageFaults: nil)
    let screen = SmokeScreen(smoke, arenaBytes: 8640, program: "3f9a12c4")
    #expect(Snapshot("smoke-different").difference(from: screen.text()) == nil)
  }

  @Test func jsonIsTheObjectOfTheReportWithTheSchemasVersion() throws {
    guard case .object(var fields) = try JSONValue(try SmokeScreen(Examples.smoke, arenaBytes: 1, program: "").json()) else {
      Issue.record("no object")
      return
    }
    #expect(fields.removeValue(forKey: "schema") == .string("1.1"))
    #expect(.object(fields) == (try JSONValue(try JSONText.encode(Examples.fits)))["smoke"])
  }
}

struct EvaluationScreenTests {
  @Test func figuresAreShownAsTheirMetricAsks() {
    let screen = { (metric: Answer.Accuracy.Metric, value: Double) in
      EvaluationScreen(metric: metric, value: value, samples: 1000, data: "test.npz", program: "3f9a12c4d5").text()
    }
    #expect(screen(.top1, 0.86125) == "top1 86.12 % on 1,000 samples of test.npz    program 3f9a12c4")
    #expect(screen(.rmse, 12.3456) == "rmse 12.35 on 1,000 samples of test.npz    program 3f9a12c4")
    #expect(screen(.auc, 0.98765).hasPrefix("auc 0.9877 on"))
  }

  @Test func jsonSaysWhatWasMeasuredOnWhat() throws {
    let screen = EvaluationScreen(metric: .top1, value: 0.861, samples: 1000, data: "test.npz", program: "x")
    #expect(
      try JSONValue(try screen.json())
        == .object([
          "schema": .string("1.1"), "metric": .string("top1"), "value": .number(0.861), "samples": .number(1000),
          "data": .string("test.npz"), "program": .string("x"),
        ]))
  }
}

struct RunScreenTests {
  @Test func answersAreLinesOrNumbers() throws {
    let screen = RunScreen(.printed("0.5 -1\n2 3\n"))
    #expect(screen.text() == "0.5 -1\n2 3")
    #expect(try JSONValue(try screen.json())["outputs"]?.elements[0].elements == [.number(0.5), .number(-1)])
    #expect(throws: Failure.self) { try RunScreen(.printed("panic")).json() }
  }

  @Test func aFileIsNamed() throws {
    let screen = RunScreen(.written(file: "out.npy"))
    #expect(screen.text() == "wrote out.npy")
    #expect(try JSONValue(try screen.json()) == .object(["schema": .string("1.1"), "file": .string("out.npy")]))
  }
}
