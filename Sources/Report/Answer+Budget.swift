extension Answer {
  /// One line of the budget. An axis is within its limit by its measured figure; where there is only a prediction, by that.
  public struct Axis: Codable, Hashable, Sendable {
    public enum Name: String, Codable, Hashable, Sendable, CaseIterable {
      case ram, flash, latency
      /// The first answer with nothing in memory.
      case coldLatency = "cold_latency"
      case energy, power, accuracy
    }

    public enum Unit: String, Codable, Hashable, Sendable, CaseIterable {
      case bytes
      case milliseconds = "ms"
      case millijoules = "mJ"
      case milliwatts = "mW"
      /// Loss of a rate: 0.01 is one percentage point less than before.
      case fraction
      /// Relative growth of an error: 0.02 is two percent more than before.
      case relative
    }

    public var axis: Name
    public var unit: Unit
    /// Null: not limited.
    @ExplicitNull public var limit: Double?
    /// Upper end of the prediction: the one that decides. And its lower end; both are the same where the figure is exact.
    @ExplicitNull public var predicted: Double?
    @ExplicitNull public var predictedLow: Double?
    /// The median where there are several measurements; then 95 % of them are at most `measuredP95`, which decides.
    @ExplicitNull public var measured: Double?
    @ExplicitNull public var measuredP95: Double?
    /// Room left as a fraction of the limit; negative if the limit is exceeded.
    @ExplicitNull public var slack: Double?
    /// What would have to shrink first.
    @ExplicitNull public var binds: String?

    /// The slack follows from the other figures.
    /// - Parameter predictedLow: `predicted` if not given.
    public init(
      _ axis: Name, unit: Unit, limit: Double?, predicted: Double?, predictedLow: Double? = nil, measured: Double?,
      measuredP95: Double? = nil, binds: String?
    ) {
      self.axis = axis
      self.unit = unit
      self.limit = limit
      self.predicted = predicted
      self.predictedLow = predictedLow ?? predicted
      self.measured = measured
      self.measuredP95 = measuredP95
      self.binds = binds
      slack = nil
      if let limit, limit > 0, let decisive { slack = (limit - decisive) / limit }
    }

    /// The figure that decides.
    public var decisive: Double? { measuredP95 ?? measured ?? predicted }

    /// True as well where nothing is limited, or where there is no figure yet (the screen then says so).
    public var fits: Bool {
      guard let limit, let decisive else { return true }
      return decisive <= limit
    }
  }

  /// What quantization cost.
  public struct Accuracy: Codable, Hashable, Sendable {
    public enum Metric: String, Codable, Hashable, Sendable, CaseIterable {
      case top1, rmse, auc
      /// Share of samples on which the packed program and the float model decide alike.
      case agreement

      /// Errors are better when smaller, rates when larger.
      public var isError: Bool {
        switch self {
        case .rmse: true
        case .top1, .auc, .agreement: false
        }
      }
    }

    public var metric: Metric
    /// Which data it was measured on: a file name, or `train.npz, a fifth held out`.
    public var data: String
    public var samples: Int
    /// Of the float model; null for `agreement`.
    @ExplicitNull public var before: Double?
    /// Of the packed program.
    public var after: Double
    /// 95 % confidence interval of the change, `[low, high]`; negative is a loss for rates. For errors it is a
    /// fraction of `before`, and positive is a loss.
    @ExplicitNull public var interval: [Double]?

    public init(metric: Metric, data: String, samples: Int, before: Double?, after: Double, interval: [Double]?) {
      self.metric = metric
      self.data = data
      self.samples = samples
      self.before = before
      self.after = after
      self.interval = interval
    }
  }
}
