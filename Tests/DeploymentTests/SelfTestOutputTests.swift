import Diagnostics
import Testing

@testable import Deployment

struct SelfTestOutputTests {
  /// As docs/program-interface.md shows it.
  static let statistics = """
    {"cases":68,"cases_equal":68,"max_difference":0,"arena_bytes":64,"arena_high_water":64,"canary":true,\
    "resident_peak":147456,"page_faults":{"before_minor":5,"before_major":0,"first_run_minor":9,"first_run_major":2,\
    "end_minor":14,"end_major":2},"segments":11,"segments_touched":11}
    """

  @Test func statisticsAndOutputsAreRead() throws {
    let output = try SelfTestOutput("output 0 00ff7f80\noutput 1 \n\(Self.statistics)\noutput 2 0A\n")
    #expect(output.statistics.cases == 68)
    #expect(output.statistics.residentPeak == 147_456)
    #expect(output.statistics.pageFaults?.firstRunMajor == 2)
    #expect(output.outputs == [0: [0, 255, 127, 128], 2: [10]])
  }

  @Test func firmwareSaysLess() throws {
    let text = #"{"cases":4,"cases_equal":4,"max_difference":0,"arena_bytes":8,"arena_high_water":8,"canary":true}"#
    let output = try SelfTestOutput("board: hello\n\(text)\n")
    #expect(output.statistics.residentPeak == nil && output.statistics.pageFaults == nil)
  }

  @Test(arguments: [
    "", "output 0 00\n", "{}\n", "{\"cases\":68\n", String(statistics.dropLast(20)), "output 0 0\n" + statistics,
    "output 0 0g\n" + statistics, statistics.replacing("68", with: "-1"),
  ])
  func damagedOutputIsAFailedProgram(text: String) {
    let failure = #expect(throws: Failure.self) { try SelfTestOutput(text) }
    #expect(failure?.diagnostics.first?.code == .programFailed)
  }
}
