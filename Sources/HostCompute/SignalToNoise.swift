import Foundation

/// Signal-to-quantization-noise ratio in decibels: `10·log₁₀(Σ r² / Σ (r − o)²)`, summed in double precision.
/// Infinite if both are equal; −∞ if the reference is all zeros and `other` is not.
/// - Precondition: both have the same number of values.
public func sqnr(reference: [Float], other: [Float]) -> Double {
  precondition(reference.count == other.count, "two results of one computation have one size")
  var (signal, noise) = (0.0, 0.0)
  for (expected, actual) in zip(reference, other) {
    signal += Double(expected) * Double(expected)
    let difference = Double(expected) - Double(actual)
    noise += difference * difference
  }
  return noise == 0 ? .infinity : 10 * log10(signal / noise)
}
