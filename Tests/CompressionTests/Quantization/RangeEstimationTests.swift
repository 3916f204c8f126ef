import Diagnostics
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import Compression

/// Statistics of one tensor that holds `values`.
func statistics(of values: [Float]) throws -> ActivationStatistics {
  var graph = Graph(name: "values")
  let x = graph.addInput("x", TensorType(.float32, [1, 1]))
  graph.outputs = [x]
  let data = try DataSet(
    path: "values", arrayName: "x", inputs: StoredArray(shape: [values.count, 1], floats: values), labels: nil)
  return try #require(try CalibrationStatistics.collect(graph, data).activations[x])
}

struct RangeEstimationTests {
  /// Bell-shaped values with a few far outliers.
  static func outliers(seed: UInt64, count: Int = 20_000) -> [Float] {
    var random = SeededGenerator(seed: seed)
    var values = (0..<count).map { _ in random.floats(6).reduce(0, +) / 2 }
    for index in 0..<4 { values[index * 97] *= 12 }
    return values
  }

  @Test(arguments: RangeMethod.allCases, [[1, 2, 3], [-5, -4], [0, 0], [-1, 1], [7]] as [[Float]])
  func everyRangeContainsZeroExactly(_ method: RangeMethod, _ values: [Float]) throws {
    let quantization = method.quantization(for: [try statistics(of: values)])
    #expect(quantization.scale > 0 && (-128...127).contains(quantization.zeroPoint))
    #expect(quantization.dequantize(quantization.quantize(0)) == 0)
  }

  @Test func extremesAreRepresented() throws {
    let values = Self.outliers(seed: 1)
    let quantization = RangeMethod.minmax.quantization(for: [try statistics(of: values)])
    let step = Double(quantization.scale)
    for value in [values.min() ?? 0, values.max() ?? 0] {
      #expect(abs(quantization.dequantize(quantization.quantize(Double(value))) - Double(value)) <= step)
    }
  }

  @Test func percentilesLeaveOutliersOut() throws {
    // Four of a hundred thousand values are fewer than one in ten thousand.
    let seen = try statistics(of: Self.outliers(seed: 2, count: 100_000))
    let percentile = RangeMethod.percentile.quantization(for: [seen])
    #expect(percentile.scale < RangeMethod.minmax.quantization(for: [seen]).scale * 0.7)
  }

  @Test func entropyKeepsTheBodyAndGivesUpOutliers() throws {
    let seen = try statistics(of: Self.outliers(seed: 3, count: 100_000))
    let entropy = RangeMethod.entropy.quantization(for: [seen])
    let minmax = RangeMethod.minmax.quantization(for: [seen])
    #expect(entropy.scale < minmax.scale * 0.7)
    // No divergence at all where nothing is clipped and each bin has values of one step only.
    let coarse = try statistics(of: (0..<128).map { Float($0) })
    #expect(coarse.divergence(AffineQuantization(minimum: 0, maximum: 127)) < 1e-6)
    #expect(coarse.divergence(AffineQuantization(minimum: 0, maximum: 60)) > 10)
  }

  /// Every candidate of the coarse search is one of the fine search too; as the ends are moved one after the other, the fine search may
  /// still lose by a hair.
  @Test func aFinerSearchFindsARangeAsGoodOrBetter() throws {
    var isEverBetter = false
    for seed in SeededGenerator.seeds(5) {
      let seen = try statistics(of: Self.outliers(seed: seed))
      let errors = [1, 4].map { seen.squaredError(RangeMethod.mse.quantization(for: [seen], refinement: $0)) }
      #expect(errors[1] <= errors[0] * 1.02, "seed \(seed)")
      isEverBetter = isEverBetter || errors[1] < errors[0]
    }
    #expect(isEverBetter, "the finer steps were never used")
  }

  @Test func effortsDifferInWhatTheyLookAt() {
    #expect(Effort.normal.recipe == QuantizationRecipe() && Effort.quick.recipe.ranges == .minmax)
    let samples = [Effort.quick, .normal, .thorough].map(\.recipe.calibrationSamples)
    #expect(samples == samples.sorted() && Set(samples).count == 3)
  }

  @Test func leastSquaresIsNoWorseThanTheOthersInSquaredError() throws {
    for seed in SeededGenerator.seeds(5) {
      let values = Self.outliers(seed: seed)
      let seen = try statistics(of: values)
      let error = { (method: RangeMethod) in
        let quantization = method.quantization(for: [seen])
        return values.reduce(0.0) { sum, value in
          let difference = quantization.dequantize(quantization.quantize(Double(value))) - Double(value)
          return sum + difference * difference
        }
      }
      // Bins blur the values a little, so another method may win by a hair.
      #expect(error(.mse) <= error(.minmax) * 1.02, "seed \(seed)")
      #expect(error(.mse) <= error(.percentile) * 1.02, "seed \(seed)")
    }
  }

  @Test func tensorsOfOneScaleAreCoveredTogether() throws {
    let (a, b) = (try statistics(of: [-2, 0.5]), try statistics(of: [0, 6]))
    let shared = RangeMethod.minmax.quantization(for: [a, b])
    #expect(shared == AffineQuantization(minimum: -2, maximum: 6))
    #expect(abs(shared.dequantize(-128) + 2) <= Double(shared.scale) && abs(shared.dequantize(127) - 6) <= Double(shared.scale))
  }
}
