import Diagnostics

/// What `edgepack smoke` prints.
public struct SmokeScreen: Sendable {
  public var smoke: Answer.Smoke
  /// Planned size of the arena, in bytes.
  public var arenaBytes: Int
  public var program: String
  public var style: TerminalStyle

  public init(_ smoke: Answer.Smoke, arenaBytes: Int, program: String, style: TerminalStyle = .plain) {
    self.smoke = smoke
    self.arenaBytes = arenaBytes
    self.program = program
    self.style = style
  }

  public func text() -> String {
    let verdict = smoke.byteEqual ? style.paint("EQUAL", .green) : style.paint("DIFFERENT", .red)
    let place = smoke.on + smoke.withThreads
    var lines = ["\(verdict)   \(smoke.casesEqual) of \(smoke.cases) outputs byte for byte, on \(place)    program \(program.prefix(8))"]
    if !smoke.byteEqual { lines.append(" largest difference  \(smoke.maxDifference)") }
    lines.append(" arena               \(bytes(smoke.arenaHighWater)) used, planned \(bytes(arenaBytes))")
    lines.append(" resident at most    \(smoke.residentPeak.map { "\(Formatting.bytes($0))" } ?? Formatting.absent)")
    if let limit = smoke.memoryLimit {
      let peak = smoke.memoryPeak.map { Formatting.bytes($0) } ?? Formatting.absent
      lines.append(" control group       \(peak) at most of \(Formatting.bytes(limit)) allowed, page tables and cached pages included")
    }
    if let latency = smoke.latency {
      lines.append(
        " one run             \(milliseconds(latency.median)), 95 % within \(milliseconds(latency.p95))"
          + (smoke.coldLatency.map { "; \(milliseconds($0.median)) from a cold start" } ?? ""))
    }
    if let start = smoke.throttledStart {
      lines.append(
        " first run           \(milliseconds(max(0, start.firstRun - start.laterRun))) longer than a later one, with storage of "
          + "\(Formatting.threeDigits(start.storageBandwidth / 1e6)) MB/s")
    }
    if let faults = smoke.pageFaults {
      lines.append(
        " page faults         \(faults.beforeMinor + faults.beforeMajor) before the first run, "
          + "\(faults.firstRunMinor + faults.firstRunMajor) after it, \(faults.endMinor + faults.endMajor) at the end")
    }
    return lines.joined(separator: "\n")
  }

  /// The `smoke` object of `report.json`, with the schema's version.
  public func json() throws(Failure) -> String { try JSONText.encode(Document(smoke: smoke)) }

  private struct Document: Encodable {
    var smoke: Answer.Smoke

    private enum Keys: String, CodingKey { case schema }

    func encode(to encoder: any Encoder) throws {
      try smoke.encode(to: encoder)
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(Answer.schemaVersion, forKey: .schema)
    }
  }

  private func milliseconds(_ time: Double) -> String { "\(Formatting.threeDigits(time)) ms" }

  private func bytes(_ count: Int?) -> String { count.map { "\(Formatting.grouped($0)) B" } ?? Formatting.absent }
}
