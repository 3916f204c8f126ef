/// How long one run of a packed program takes on this computer, everything in memory. In ms.
public struct Latency: Hashable, Sendable {
  public var median: Double
  /// 95 % of the runs took no longer.
  public var p95: Double
  public var runs: Int

  public init(median: Double, p95: Double, runs: Int) {
    self.median = median
    self.p95 = p95
    self.runs = runs
  }
}

/// How long a packed program takes from its start to its end for one sample, with nothing of it in memory before. In ms.
public struct ColdLatency: Hashable, Sendable {
  public var median: Double
  public var runs: Int

  public init(median: Double, runs: Int) {
    self.median = median
    self.runs = runs
  }
}
