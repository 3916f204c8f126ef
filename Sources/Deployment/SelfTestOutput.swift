import Diagnostics
import Foundation

/// What `--self-test --stats json --show-outputs` prints (docs/program-interface.md): one line of statistics, one line a golden output.
struct SelfTestOutput: Hashable, Sendable {
  struct Statistics: Hashable, Sendable, Decodable {
    var cases: Int
    var casesEqual: Int
    var maxDifference: Int
    var arenaHighWater: Int
    var canary: Bool
    /// Linux only.
    var residentPeak: Int?
    var pageFaults: SmokeResult.PageFaults?
    /// Nil for a program that knows no threads.
    var threads: Int?

    private enum CodingKeys: String, CodingKey {
      case cases, canary, threads
      case casesEqual = "cases_equal"
      case maxDifference = "max_difference"
      case arenaHighWater = "arena_high_water"
      case residentPeak = "resident_peak"
      case pageFaults = "page_faults"
    }
  }

  var statistics: Statistics
  /// Golden outputs by number.
  var outputs: [Int: [UInt8]]

  /// Other lines (a board's console may say more) are passed over.
  /// - Throws: `program-failed` if the statistics are missing or damaged, or an output is no hexadecimal text.
  init(_ text: String) throws(Failure) {
    var statistics: Statistics?
    var outputs: [Int: [UInt8]] = [:]
    for line in text.split(separator: "\n") {
      if line.hasPrefix("{"), let decoded = try? JSONDecoder().decode(Statistics.self, from: Data(line.utf8)) { statistics = decoded }
      let words = line.split(separator: " ")
      guard words.count == 3, words[0] == "output", let index = Int(words[1]) else { continue }
      guard let bytes = Self.bytes(hexadecimal: words[2]) else {
        throw Failure(.programFailed, "the self-test shows output \(index) in no readable form", details: [String(line.prefix(120))])
      }
      outputs[index] = bytes
    }
    guard let statistics, statistics.cases >= 0, statistics.casesEqual >= 0 else {
      throw Failure(
        .programFailed, "the self-test printed no statistics", details: text.split(separator: "\n").suffix(5).map { String($0.prefix(120)) }
      )
    }
    self.statistics = statistics
    self.outputs = outputs
  }

  private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for pair in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
