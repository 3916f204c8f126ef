import TestSupport
import Testing

@testable import Report

struct AnswerScreenTests {
  @Test func fits() {
    #expect(Snapshot("answer-fits").difference(from: AnswerScreen(Examples.fits, folder: "build/").text()) == nil)
  }

  @Test func doesNotFit() {
    let answer = Examples.answer(ramLimit: 131_072, measuredDrop: 0.0123)
    #expect(answer.answer == .doesNotFit)
    #expect(Snapshot("answer-does-not-fit").difference(from: AnswerScreen(answer, folder: "out").text()) == nil)
  }

  @Test func differentBytesWithoutUnicode() {
    let smoke = Answer.Smoke(
      on: "native", cases: 68, casesEqual: 60, byteEqual: false, maxDifference: 3, arenaHighWater: nil, residentPeak: nil,
      pageFaults: nil)
    let answer = Examples.answer(ramLimit: nil, smoke: smoke, target: "native", costs: Examples.measured)
    let screen = AnswerScreen(answer, folder: "build", style: TerminalStyle(color: false, unicode: false))
    let isASCII = screen.text().allSatisfy { $0.isASCII }
    #expect(isASCII)
    #expect(Snapshot("answer-ascii").difference(from: screen.text()) == nil)
  }

  @Test func anAxisBeyondItsLimitSaysWhatBindsAndTheNearestLimit() {
    var costs = Examples.predicted
    costs[0] = .init(
      .latency, unit: .milliseconds, limit: 10, predicted: 11.41, predictedLow: 8.2, measured: nil, binds: "conv_pw_1, memory-bound")
    costs[2] = .init(
      .power, unit: .milliwatts, limit: 605, predicted: 606.3, predictedLow: 604.1, measured: nil, binds: "duty 1 Hz × 6.30 mJ")
    let answer = Examples.answer(costs: costs)
    let text = AnswerScreen(answer, folder: "b").text()
    let words = text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    #expect(answer.answer == .doesNotFit && words.contains("power is over its limit (duty 1 Hz × 6.30 mJ)"))
    #expect(text.contains("--max-latency 11.5ms") && text.contains("--max-power 607mW"))
    #expect(text.contains("8.2–11.4 ms"))
  }

  @Test func thePercentileOfAMeasurementDecides() {
    let axis = { (limit: Double, p95: Double?) in
      Answer.Axis(.latency, unit: .milliseconds, limit: limit, predicted: 9, predictedLow: 1, measured: 2, measuredP95: p95, binds: nil)
    }
    #expect(axis(3, 2.5).fits && !axis(2.2, 2.5).fits && axis(2.2, nil).fits && axis(5, 2.5).slack == 0.5)
  }

  @Test func unitsSuitTheDecidingFigure() {
    #expect(Formatting.scaled(0.187, .milliseconds) == "187 us" && Formatting.scaled(1250, .milliwatts) == "1.25 W")
    #expect(Formatting.scaled(0.9996, .millijoules) == "1.00 mJ" && Formatting.scaled(999.7, .milliseconds) == "1.00 s")
    #expect(Formatting.range(8.2, 11.4) == "8.2–11.4" && Formatting.range(0.5, 120) == "0–120")
    #expect(Formatting.scaledFrequency(1) == "1 Hz" && Formatting.scaledFrequency(0.25) == "0.25 Hz")
    #expect(Formatting.scaledFrequency(2000) == "2 kHz")
  }

  @Test func noLineIsWiderThanTheScreen() {
    for answer in [Examples.fits, Examples.answer(ramLimit: 131_072), Examples.answer(smoke: nil)] {
      for line in AnswerScreen(answer, folder: "build").text().split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
    var long = Examples.fits
    long.model.file = String(repeating: "network", count: 20) + ".onnx"
    long.budget[0].binds = String(repeating: "/layer", count: 30)
    let lines = AnswerScreen(long, folder: "build").text().split(separator: "\n")
    #expect(lines[0].count <= 80 && lines[3].count <= 80 && lines[0].hasSuffix("program 3f9a12c4"))
  }

  @Test func theHeadlineIsTheFirstLine() {
    let screen = AnswerScreen(Examples.fits, folder: "build")
    #expect(screen.text().hasPrefix(screen.headline + "\n") && screen.headline.hasPrefix("FITS   door.onnx on arm64-512mb"))
  }

  @Test func colourRepeatsOnlyWhatWordsSay() {
    for answer in [Examples.fits, Examples.answer(ramLimit: 131_072)] {
      let plain = AnswerScreen(answer, folder: "build").text()
      let painted = AnswerScreen(answer, folder: "build", style: TerminalStyle(color: true, unicode: true)).text()
      #expect(painted != plain && painted.replacing(/\u{1B}\[\d+m/, with: "") == plain)
    }
  }

  @Test func anAxisIsDecidedByItsMeasuredFigure() {
    let axis = { (limit: Double?, predicted: Double?, measured: Double?) in
      Answer.Axis(.ram, unit: .bytes, limit: limit, predicted: predicted, measured: measured, binds: nil)
    }
    #expect(axis(100, 120, 90).fits && axis(100, 120, 90).slack == 0.1)
    #expect(!axis(100, 90, 120).fits && axis(100, 90, 120).slack == -0.2)
    #expect(!axis(100, 101, nil).fits && axis(100, 100, nil).fits)
    #expect(axis(nil, 1e12, 1e12).fits && axis(nil, 1, 1).slack == nil)
    #expect(axis(100, nil, nil).fits && axis(100, nil, nil).slack == nil)
    #expect(!axis(0, 1, 1).fits && axis(0, 1, 1).slack == nil)
  }

  @Test func anIntervalThatCrossesTheLimitIsSaid() {
    var answer = Examples.answer(measuredDrop: 0.006)
    answer.accuracy.interval = [-0.014, 0.002]
    #expect(AnswerScreen(answer, folder: "b").text().contains("the limit lies inside"))
    #expect(!AnswerScreen(Examples.fits, folder: "b").text().contains("the limit lies inside"))
  }
}
