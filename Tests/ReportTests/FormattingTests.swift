import Testing

@testable import Report

struct FormattingTests {
  @Test(arguments: [
    (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (8640, "8.44 KiB"), (10_235, "10.0 KiB"), (102_399, "100 KiB"),
    (282_624, "276 KiB"), (1_048_576, "1.00 MiB"), (67_108_864, "64.0 MiB"), (536_870_912, "512 MiB"), (8_589_934_592, "8.00 GiB"),
  ])
  func sizesHaveThreeDigits(_ bytes: Int, _ text: String) { #expect(Formatting.bytes(bytes) == text) }

  @Test(arguments: [
    (640, "640"), (228_000, "228 k"), (999_499, "999 k"), (999_500, "1.00 M"), (61_200_000, "61.2 M"), (2_000_000_000, "2.00 G"),
  ])
  func countsHaveThreeDigits(_ value: Int, _ text: String) { #expect(Formatting.count(value) == text) }

  @Test func signsAreTrueMinusSignsAndZeroHasNone() {
    #expect(Formatting.signed(-0.31, decimals: 1) == "−0.3" && Formatting.signed(0.31, decimals: 1) == "+0.3")
    #expect(Formatting.signed(-0.04, decimals: 1) == "0.0" && Formatting.signed(0.04, decimals: 1) == "0.0")
    #expect(Formatting.percent(-0.14, decimals: 0) == "−14 %" && Formatting.grouped(-1_234_567) == "−1,234,567")
  }

  @Test(arguments: [(0.0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1:00"), (72, "1:12"), (3725, "62:05"), (.infinity, "–"), (-1, "0.0 s")])
  func durations(_ seconds: Double, _ text: String) { #expect(Formatting.duration(seconds) == text) }

  @Test func printedPartsAddUpToThePrintedTotal() {
    var state: UInt64 = 7
    let next = { () -> Int in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % (1 << (4 + Int(state >> 60)))
    }
    for round in 0..<2000 {
      let parts = (0..<(1 + round % 7)).map { _ in next() }
      let sum = PrintedSum(parts)
      let printed = sum.parts.compactMap(Double.init).reduce(0, +)
      #expect(abs(printed - (Double(sum.total) ?? -1)) < 1e-6, "seed 7: \(parts) → \(sum)")
    }
  }

  @Test func wordsWrapBehindTheirIndentation() {
    let lines = TextLayout.wrapped(String(repeating: "word ", count: 30), first: " done    ", indent: 9)
    #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 80 } && lines[1].hasPrefix("         word"))
    #expect(TextLayout.wrapped("", first: " done", indent: 2) == [" done"])
  }

  @Test func longNamesLoseTheirMiddle() {
    #expect(TextLayout.shortened("/stage3/block1/conv_2", to: 12) == "/stage…onv_2")
    #expect(TextLayout.shortened("short", to: 12) == "short" && TextLayout.shortened("short", to: 1) == "s")
  }
}
