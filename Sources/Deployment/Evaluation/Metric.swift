import Diagnostics
import ModelFormats

/// How the quality of answers is measured against labels.
public enum Metric: String, Hashable, Sendable, CaseIterable, Codable {
  /// Share of samples whose largest output is the labelled class; of equal outputs the first counts.
  case top1
  /// Root of the mean squared difference between output and label.
  case rmse
  /// Area under the receiver operating characteristic: the probability that a positive sample scores above a negative one, ties half.
  case auc

  /// The metric for labels as they are: classes are integers, quantities are floats. Nil without labels.
  public static func suggested(for data: DataSet) -> Metric? {
    guard data.labels != nil else { return nil }
    return data.integerLabels == nil ? .rmse : .top1
  }
}

/// A metric's value with what it rests on.
public struct MetricValue: Hashable, Sendable, Codable {
  public var metric: Metric
  public var value: Double
  public var samples: Int
  /// 95 % confidence interval of the value on further data of the same kind.
  public var interval: ClosedRange<Double>

  public init(metric: Metric, value: Double, samples: Int, interval: ClosedRange<Double>) {
    self.metric = metric
    self.value = value
    self.samples = samples
    self.interval = interval
  }
}

/// 95 % intervals for measured figures.
public enum ConfidenceInterval {
  /// Quantile of the standard normal distribution for a two-sided 95 %.
  static let quantile = 1.959_963_984_540_054

  /// Wilson's score interval of a share: right also near 0 and 1 and for few samples.
  /// Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), equation for the limits of p.
  /// - Precondition: `0 <= successes <= samples`, `samples > 0`.
  public static func wilson(successes: Int, of samples: Int) -> ClosedRange<Double> {
    precondition(samples > 0 && (0...samples).contains(successes), "a share is a count out of samples")
    let n = Double(samples)
    let share = Double(successes) / n
    let z2 = quantile * quantile
    let centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    let half = quantile / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)).squareRoot()
    // The ends are exact there; rounding must not move them past the measured share.
    let low = successes == 0 ? 0 : max(0, centre - half)
    let high = successes == samples ? 1 : min(1, centre + half)
    return low...high
  }

  /// The normal interval around a value with a known standard error, cut to `bounds`.
  public static func normal(_ value: Double, standardError: Double, within bounds: ClosedRange<Double>) -> ClosedRange<Double> {
    let half = quantile * standardError
    return max(bounds.lowerBound, value - half)...min(bounds.upperBound, value + half)
  }
}

extension MetricValue {
  /// - Parameter isCorrect: one entry a sample, not empty.
  public static func top1(isCorrect: [Bool]) -> MetricValue {
    let correct = isCorrect.count { $0 }
    return MetricValue(
      metric: .top1, value: Double(correct) / Double(isCorrect.count), samples: isCorrect.count,
      interval: ConfidenceInterval.wilson(successes: correct, of: isCorrect.count))
  }

  /// - Parameter squaredErrors: one entry a sample (the mean over its outputs), not empty.
  public static func rmse(squaredErrors: [Double]) -> MetricValue {
    let n = Double(squaredErrors.count)
    let mean = squaredErrors.reduce(0, +) / n
    let root = mean.squareRoot()
    // Delta method: the root's standard error is that of the mean, divided by the slope 2·root.
    let variance = n > 1 ? squaredErrors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) : 0
    let standardError = root > 0 ? (variance / n).squareRoot() / (2 * root) : 0
    return MetricValue(
      metric: .rmse, value: root, samples: squaredErrors.count,
      interval: ConfidenceInterval.normal(root, standardError: standardError, within: 0...Double.greatestFiniteMagnitude))
  }

  /// - Parameters:
  ///   - scores: one a sample; higher means positive.
  ///   - isPositive: as many; both kinds occur.
  /// - Source: Mann–Whitney U with mid-ranks; the interval after Hanley and McNeil, Radiology 143 (1982).
  public static func auc(scores: [Double], isPositive: [Bool]) -> MetricValue {
    precondition(scores.count == isPositive.count, "each score belongs to a sample")
    let positives = isPositive.count { $0 }
    let negatives = isPositive.count - positives
    precondition(positives > 0 && negatives > 0, "a curve needs positive and negative samples")
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    var positiveRanks = 0.0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && scores[order[end]] == scores[order[start]] { end += 1 }
      // Equal scores share the mean of their ranks start + 1 … end.
      let rank = Double(start + 1 + end) / 2
      for position in start..<end where isPositive[order[position]] { positiveRanks += rank }
      start = end
    }
    let p = Double(positives)
    let n = Double(negatives)
    let area = (positiveRanks - p * (p + 1) / 2) / (p * n)
    let bothAbove = area / (2 - area)
    let bothBelow = 2 * area * area / (1 + area)
    let variance =
      (area * (1 - area) + (p - 1) * (bothAbove - area * area) + (n - 1) * (bothBelow - area * area)) / (p * n)
    return MetricValue(
      metric: .auc, value: area, samples: scores.count,
      interval: ConfidenceInterval.normal(area, standardError: max(0, variance).squareRoot(), within: 0...1))
  }
}
