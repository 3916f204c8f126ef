import Diagnostics
import ModelFormats
import ModelGraph
import Testing

@testable import Deployment

struct MetricAccumulatorTests {
  private func data(_ count: Int, inputs: [Float]? = nil, labels: StoredArray?) throws -> DataSet {
    let values = inputs ?? Array(repeating: 0, count: count * 3)
    return try DataSet(
      path: "test.npz", arrayName: "x", inputs: StoredArray(shape: [count, values.count / count], floats: values), labels: labels)
  }

  private func classes(_ labels: [Int]) -> StoredArray { StoredArray(elementType: .int64, shape: [labels.count], integers: labels) }

  @Test func firstOfEqualOutputsWins() throws {
    let data = try data(3, labels: classes([0, 1, 2]))
    var accumulator = try MetricAccumulator(metric: .top1, data: data, outputCount: 3)
    accumulator.add(outputs: [5, 5, 1, 5, 5, 1, 0, 1, 2], samples: 0..<3)
    #expect(accumulator.value.value == 2.0 / 3)
  }

  @Test func orderOfBlocksDoesNotMatter() throws {
    let labels = StoredArray(shape: [4], floats: [1, 2, 3, 4])
    let data = try data(4, labels: labels)
    let outputs: [Float] = [1.5, 2, 2, 7]
    var forward = try MetricAccumulator(metric: .rmse, data: data, outputCount: 1)
    forward.add(outputs: outputs, samples: 0..<4)
    var backward = try MetricAccumulator(metric: .rmse, data: data, outputCount: 1)
    for sample in (0..<4).reversed() { backward.add(outputs: [outputs[sample]], samples: sample..<sample + 1) }
    #expect(forward.value == backward.value)
    #expect(abs(forward.value.value - (10.25 / 4).squareRoot()) < 1e-12)
  }

  @Test func outputScaleBringsOutputsToTheLabelsUnit() throws {
    let data = try data(2, labels: StoredArray(shape: [2], floats: [125, 50]))
    var accumulator = try MetricAccumulator(metric: .rmse, data: data, outputCount: 1, outputScale: 125)
    accumulator.add(outputs: [1, 0.4], samples: 0..<2)
    #expect(accumulator.value.value < 1e-5)
  }

  @Test func severalOutputsAreAveragedInASample() throws {
    let data = try data(1, labels: StoredArray(shape: [1, 2], floats: [0, 0]))
    var accumulator = try MetricAccumulator(metric: .rmse, data: data, outputCount: 2)
    accumulator.add(outputs: [3, 4], samples: 0..<1)
    #expect(abs(accumulator.value.value - 12.5.squareRoot()) < 1e-12)
  }

  @Test func areaUsesOneOutputTwoOutputsOrTheReconstruction() throws {
    let labels = classes([0, 1])
    var single = try MetricAccumulator(metric: .auc, data: data(2, labels: labels), outputCount: 1)
    single.add(outputs: [0.2, 0.8], samples: 0..<2)
    #expect(single.value.value == 1)
    var pair = try MetricAccumulator(metric: .auc, data: data(2, labels: labels), outputCount: 2)
    pair.add(outputs: [1, 9, 5, 5], samples: 0..<2)  // 8 for the negative, 0 for the positive
    #expect(pair.value.value == 0)
    var rebuilt = try MetricAccumulator(metric: .auc, data: data(2, inputs: [1, 2, 3, 1, 2, 3], labels: labels), outputCount: 3)
    rebuilt.add(outputs: [1, 2, 3.5, 1, 0, 3], samples: 0..<2)  // errors 0.25/3 and 4/3
    #expect(rebuilt.value.value == 1)
  }

  @Test func metricFollowsTheLabels() throws {
    #expect(Metric.suggested(for: try data(1, labels: classes([0]))) == .top1)
    #expect(Metric.suggested(for: try data(1, labels: StoredArray(shape: [1], floats: [0.5]))) == .rmse)
    #expect(Metric.suggested(for: try data(1, labels: nil)) == nil)
  }

  private func code(_ metric: Metric, _ labels: StoredArray?, outputs: Int, count: Int = 2) throws -> DiagnosticCode? {
    let data = try data(count, labels: labels)
    let failure = #expect(throws: Failure.self) { try MetricAccumulator(metric: metric, data: data, outputCount: outputs) }
    return failure?.diagnostics.first?.code
  }

  @Test func labelsThatDoNotSuitTheMetricAreNamed() throws {
    for metric in Metric.allCases { #expect(try code(metric, nil, outputs: 2) == .missingArray) }
    #expect(try code(.top1, classes([0, 1]), outputs: 1) == .usage)
    #expect(try code(.top1, StoredArray(shape: [2], floats: [0, 1]), outputs: 2) == .shapeMismatch)
    #expect(try code(.top1, classes([0, 2]), outputs: 2) == .shapeMismatch)
    #expect(try code(.top1, classes([0, -1]), outputs: 2) == .shapeMismatch)
    #expect(try code(.rmse, StoredArray(shape: [2], floats: [0, 1]), outputs: 2) == .shapeMismatch)
    #expect(try code(.auc, classes([0, 1]), outputs: 7) == .usage)
    #expect(try code(.auc, classes([0, 2]), outputs: 1) == .shapeMismatch)
    #expect(try code(.auc, classes([1, 1]), outputs: 1) == .emptyData)
  }
}
