/// Finds what work costs from measured times of steps.
public struct CostFit: Sendable {
  /// A step and the time that it took, in ms.
  public struct Sample: Hashable, Sendable {
    public var work: StepWork
    public var time: Double

    public init(_ work: StepWork, time: Double) {
      self.work = work
      self.time = time
    }
  }

  /// What is known of one kind.
  public struct Result: Hashable, Sendable {
    public var row: CostTable.Row
    public var samples: Int
    /// For each sample, how far the costs found from all the others miss it, as a fraction of its time.
    public var missesLeftOut: [Double]
  }

  /// The clock's own grain, in ms: shorter times count as this long when errors are weighed.
  private static let grain = 50e-6
  /// Two machines of one kind, or one on two days, differ by more than a good fit shows.
  private static let smallestSpread = 0.03

  /// One row for each kind that occurs.
  ///
  /// Costs are the non-negative ones of least squares over relative errors. The spread is the root mean square of what each sample is
  /// missed by when it is left out of the fit: shapes that were never timed are missed as badly as that.
  public static func rows(from samples: [Sample]) -> [Result] {
    WorkKind.allCases.compactMap { kind in
      let own = samples.filter { $0.work.kind == kind }
      return own.isEmpty ? nil : fit(kind, own)
    }
  }

  private static func fit(_ kind: WorkKind, _ samples: [Sample]) -> Result {
    // With few samples there are no more unknowns than half as many, the most important first.
    let units = Array(([.step] + kind.units).prefix(max(1, samples.count / 2 + 1)))
    var misses: [Double] = []
    if samples.count >= 2 {
      for left in samples.indices {
        var others = samples
        others.remove(at: left)
        misses.append(miss(costs(units, others), units, samples[left]))
      }
    }
    let terms = zip(units, costs(units, samples)).map { CostTable.Term($0, Interval($1)) }
    let square = misses.isEmpty ? 0.25 : misses.reduce(0) { $0 + $1 * $1 } / Double(misses.count)
    return Result(
      row: CostTable.Row(kind: kind, terms: terms.filter { $0.cost.high > 0 }, spread: max(smallestSpread, square.squareRoot())),
      samples: samples.count, missesLeftOut: misses)
  }

  private static func costs(_ units: [WorkUnit], _ samples: [Sample]) -> [Double] {
    let rows = samples.map { sample in units.map { sample.work.count($0) / weight(sample) } }
    return NonNegativeLeastSquares.solve(rows, samples.map { $0.time / weight($0) })
  }

  private static func miss(_ costs: [Double], _ units: [WorkUnit], _ sample: Sample) -> Double {
    let predicted = zip(costs, units).reduce(0) { $0 + $1.0 * sample.work.count($1.1) }
    return (predicted - sample.time) / weight(sample)
  }

  private static func weight(_ sample: Sample) -> Double { sample.time + grain }
}
