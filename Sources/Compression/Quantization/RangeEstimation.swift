import Foundation
import ModelGraph

/// How the range of an activation is chosen from what calibration saw.
public enum RangeMethod: String, Sendable, CaseIterable, Codable {
  /// The extremes.
  case minmax
  /// The 0.01th and 99.99th percentile.
  case percentile
  /// The range whose int8 rounding and clipping has the least squared error (Nagel et al. 2021, §3.1).
  case mse
  /// The range whose int8 image of the distribution has the least Kullback-Leibler divergence from it (Migacz 2017; Nagel et al. 2021,
  /// §3.1 name it with cross entropy).
  case entropy

  /// A range for tensors that share one scale.
  /// - Parameters:
  ///   - statistics: of each tensor; at least one.
  ///   - refinement: of the steps in which `mse` and `entropy` search; 1 is a hundredth of the extremes.
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
      return bestQuantization(low: Double(low), high: Double(high), refinement: refinement) { quantization in
        statistics.reduce(0) { $0 + $1.squaredError(quantization) }
      }
    case .entropy:
      return bestQuantization(low: Double(low), high: Double(high), refinement: refinement) { quantization in
        statistics.reduce(0) { $0 + $1.divergence(quantization) }
      }
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

extension ActivationStatistics {
  /// `Σ p log(p / q)` in nats, times the number of values. `p` is the distribution with what is clipped counted in the bins at the ends;
  /// `q` is what int8 can tell of it: within the bins of one stored value, the mean over those that are not empty. What was clipped is
  /// missing in `q`, which is how clipping costs. Zeros, of which rectified tensors are full, are exact under every scale; their bin
  /// counts as much as its neighbour.
  func divergence(_ quantization: AffineQuantization) -> Double {
    let histogram = histogramWithoutZeros
    let (scale, zeroPoint) = (Double(quantization.scale), Double(quantization.zeroPoint))
    let stored = histogram.indices.map { bin in (center(ofBin: bin) / scale).rounded(.toNearestOrEven) + zeroPoint }
    guard let first = stored.firstIndex(where: { $0 >= -128 }), let last = stored.lastIndex(where: { $0 <= 127 }), first <= last else {
      return .infinity
    }
    var clipped = Array(histogram[first...last])
    clipped[0] += histogram[..<first].reduce(0, +)
    clipped[clipped.count - 1] += histogram[(last + 1)...].reduce(0, +)
    let total = Double(clipped.reduce(0, +))
    let kept = Double(histogram[first...last].reduce(0, +))
    guard total > 0, kept > 0 else { return .infinity }
    var divergence = 0.0
    var start = first
    while start <= last {
      var end = start
      var (sum, filled) = (0, 0)
      while end <= last, stored[end] == stored[start] {
        sum += histogram[end]
        filled += histogram[end] > 0 ? 1 : 0
        end += 1
      }
      let q = filled > 0 ? Double(sum) / Double(filled) / kept : 0
      for bin in start..<end where clipped[bin - first] > 0 {
        let p = Double(clipped[bin - first]) / total
        // A bin that holds only what was clipped has no image at all; half a value stands in for it.
        divergence += p * log(p / max(histogram[bin] > 0 ? q : 0, 0.5 / total))
      }
      start = end
    }
    return divergence * total
  }
}

extension ActivationStatistics {
  fileprivate var histogramWithoutZeros: [Int] {
    let width = (Double(maximum) - Double(minimum)) / Double(histogram.count)
    guard width > 0, minimum <= 0, maximum >= 0 else { return histogram }
    let zero = min(histogram.count - 1, Int(-Double(minimum) / width))
    var result = histogram
    result[zero] = min(result[zero], histogram[zero + 1 < histogram.count ? zero + 1 : zero - 1])
    return result
  }
}

/// Shrinks both ends together, then each alone, and keeps what costs least.
private func bestQuantization(
  low: Double, high: Double, refinement: Int, cost: (AffineQuantization) -> Double
) -> AffineQuantization {
  let shares = stride(from: 1.0, through: 0.2, by: -0.01 / Double(refinement))
  var best = (low: low, high: high, cost: Double.infinity)
  func consider(_ candidateLow: Double, _ candidateHigh: Double) {
    let cost = cost(AffineQuantization(minimum: candidateLow, maximum: candidateHigh))
    if cost < best.cost { best = (candidateLow, candidateHigh, cost) }
  }
  for share in shares { consider(low * share, high * share) }
  let both = best
  for share in shares where high > 0 { consider(both.low, high * share) }
  let upper = best
  for share in shares where low < 0 { consider(low * share, upper.high) }
  return AffineQuantization(minimum: best.low, maximum: best.high)
}
