import ModelGraph

/// How the range of an activation is chosen from what calibration saw.
public enum RangeMethod: String, Sendable, CaseIterable, Codable {
  /// The extremes.
  case minmax
  /// The 0.01th and 99.99th percentile.
  case percentile
  /// The range whose int8 rounding and clipping has the least squared error (Nagel et al. 2021, §3.1).
  case mse

  /// A range for tensors that share one scale.
  /// - Parameters:
  ///   - statistics: of each tensor; at least one.
  ///   - refinement: of the steps in which `mse` searches; 1 is a hundredth of the extremes.
  func quantization(for statistics: [ActivationStatistics], refinement: Int = 1) -> AffineQuantization {
    let low = min(0, statistics.map(\.minimum).min() ?? 0)
    let high = max(0, statistics.map(\.maximum).max() ?? 0)
    switch self {
    case .minmax:
      return AffineQuantization(minimum: Double(low), maximum: Double(high))
    case .percentile:
      let ends = statistics.map { ($0.percentile(0.0001), $0.percentile(0.9999)) }
      return AffineQuantization(minimum: min(0, ends.map(\.0).min() ?? 0), maximum: max(0, ends.map(\.1).max() ?? 0))
    case .mse:
      return leastSquaresQuantization(statistics, low: Double(low), high: Double(high), refinement: refinement)
    }
  }
}

extension AffineQuantization {
  /// The int8 scale and zero point that cover `[minimum, maximum]`, which must contain 0, so that 0 is exact.
  public init(minimum: Double, maximum: Double) {
    let scale = Float(max((maximum - minimum) / 255, 0x1p-40))
    let zeroPoint = (-128 - minimum / Double(scale)).rounded(.toNearestOrEven)
    self.init(scale: scale, zeroPoint: Int(max(-128, min(127, zeroPoint))))
  }
}

extension ActivationStatistics {
  /// The value below which a share of all values lies.
  func percentile(_ share: Double) -> Double {
    let total = histogram.reduce(0, +)
    guard total > 0 else { return 0 }
    let wanted = share * Double(total)
    var seen = 0
    for (bin, count) in histogram.enumerated() {
      seen += count
      if Double(seen) >= wanted { return center(ofBin: bin) }
    }
    return Double(maximum)
  }

  /// Sum of squared differences between the values and their int8 images.
  func squaredError(_ quantization: AffineQuantization) -> Double {
    let (scale, zeroPoint) = (Double(quantization.scale), Double(quantization.zeroPoint))
    var error = 0.0
    for (bin, count) in histogram.enumerated() where count > 0 {
      let value = center(ofBin: bin)
      let stored = max(-128, min(127, (value / scale).rounded(.toNearestOrEven) + zeroPoint))
      let difference = value - scale * (stored - zeroPoint)
      error += Double(count) * difference * difference
    }
    return error
  }
}

/// Shrinks both ends together, then each alone, and keeps what has the least squared error.
private func leastSquaresQuantization(
  _ statistics: [ActivationStatistics], low: Double, high: Double, refinement: Int
) -> AffineQuantization {
  let shares = stride(from: 1.0, through: 0.2, by: -0.01 / Double(refinement))
  var best = (low: low, high: high, error: Double.infinity)
  func consider(_ candidateLow: Double, _ candidateHigh: Double) {
    let quantization = AffineQuantization(minimum: candidateLow, maximum: candidateHigh)
    let error = statistics.reduce(0) { $0 + $1.squaredError(quantization) }
    if error < best.error { best = (candidateLow, candidateHigh, error) }
  }
  for share in shares { consider(low * share, high * share) }
  let both = best
  for share in shares where high > 0 { consider(both.low, high * share) }
  let upper = best
  for share in shares where low < 0 { consider(low * share, upper.high) }
  return AffineQuantization(minimum: best.low, maximum: best.high)
}
