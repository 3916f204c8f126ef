/// What work costs on a device, in time: section `cost` of a profile (docs/cost-model.md). Times in ms, bandwidths in bytes a second.
public struct CostTable: Hashable, Sendable, Codable {
  /// What a run costs besides its steps.
  public var run: Interval
  /// How far runs of one program differ from day to day, as a fraction of their time.
  public var noise: Double
  /// One row a kind, in the order of `WorkKind.allCases`.
  public var rows: [Row]
  /// The row for kinds without one of their own.
  public var other: Row?
  public var bandwidths: [Bandwidth]
  /// Where the figures come from; rows may say it for themselves.
  public var source: String?

  /// The costs of one kind: the sum over its units.
  public struct Row: Hashable, Sendable, Codable {
    /// Nil for the row of all other kinds.
    public var kind: WorkKind?
    public var terms: [Term]
    /// Standard deviation of a step's time around what the terms say, as a fraction of it.
    public var spread: Double
    public var source: String?

    public init(kind: WorkKind?, terms: [Term], spread: Double = 0, source: String? = nil) {
      self.kind = kind
      self.terms = terms
      self.spread = spread
      self.source = source
    }

    /// The time of a step by the terms alone.
    func time(of step: StepWork) -> Interval {
      terms.reduce(.zero) { $0 + $1.cost * step.count($1.unit) }
    }
  }

  public struct Term: Hashable, Sendable, Codable {
    public var unit: WorkUnit
    public var cost: Interval

    public init(_ unit: WorkUnit, _ cost: Interval) {
      self.unit = unit
      self.cost = cost
    }
  }

  /// Where bytes live.
  public enum MemoryLevel: String, Hashable, Sendable, Codable, CaseIterable { case l1, l2, l3, dram }

  public struct Bandwidth: Hashable, Sendable, Codable {
    public var level: MemoryLevel
    public var bytesPerSecond: Interval

    public init(_ level: MemoryLevel, _ bytesPerSecond: Interval) {
      self.level = level
      self.bytesPerSecond = bytesPerSecond
    }
  }

  public init(
    run: Interval = .zero, noise: Double = 0, rows: [Row], other: Row? = nil, bandwidths: [Bandwidth] = [], source: String? = nil
  ) {
    self.run = run
    self.noise = noise
    self.rows = rows
    self.other = other
    self.bandwidths = bandwidths
    self.source = source
  }

  func row(_ kind: WorkKind) -> Row? { rows.first { $0.kind == kind } ?? other }
  func bandwidth(_ level: MemoryLevel) -> Interval? { bandwidths.first { $0.level == level }?.bytesPerSecond }
}
