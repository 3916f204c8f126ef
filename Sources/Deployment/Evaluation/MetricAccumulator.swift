import Diagnostics
import ModelFormats

/// Compares answers with the labels of a data set, block by block in any order, and makes the metric's value of them.
/// The float model on the host and the packed program are measured by the same code.
public struct MetricAccumulator: Sendable {
  private enum Rule: Sendable {
    case classes([Int])
    case quantities([Float])
    case scores(isPositive: [Bool], Score)
  }

  /// What one sample's outputs say about being positive.
  private enum Score: Sendable {
    case single
    /// The second of two outputs less the first.
    case difference
    /// An autoencoder's mean squared error against its input: what it cannot rebuild is abnormal.
    case reconstructionError
  }

  private let metric: Metric
  private let data: DataSet
  private let outputCount: Int
  private let outputScale: Double
  private let rule: Rule
  /// One figure a sample: 1 for a right class, a squared error, a score. Kept by sample, so that the order of blocks does not matter.
  private var figures: [Double]

  /// - Parameters:
  ///   - outputCount: outputs of one sample.
  ///   - outputScale: what outputs are multiplied with before they are compared with labels (rmse only).
  /// - Throws: `usage` if the metric does not suit the model, `missing-array` without labels, `shape-mismatch` if the labels do not.
  public init(metric: Metric, data: DataSet, outputCount: Int, outputScale: Double = 1) throws(Failure) {
    self.metric = metric
    self.data = data
    self.outputCount = outputCount
    self.outputScale = outputScale
    guard data.labels != nil else {
      throw Failure(
        .missingArray, "\(metric.rawValue) needs labels, the data have none", at: Location(file: data.path),
        hint: "an npz file with `y`, or --label NAME")
    }
    rule =
      switch metric {
      case .top1: .classes(try Self.classes(of: data, outputCount: outputCount))
      case .rmse: .quantities(try Self.quantities(of: data, outputCount: outputCount))
      case .auc: try Self.scores(of: data, outputCount: outputCount)
      }
    figures = Array(repeating: 0, count: data.count)
  }

  /// - Parameters:
  ///   - outputs: `[samples.count, outputCount]`, real values.
  ///   - samples: which samples of the data set they answer.
  public mutating func add(outputs: [Float], samples: Range<Int>) {
    precondition(outputs.count == samples.count * outputCount, "each sample has its outputs")
    let inputs: [Float]? = if case .scores(_, .reconstructionError) = rule { data.floats(samples).floats } else { nil }
    for (row, sample) in samples.enumerated() {
      let answer = outputs[row * outputCount..<(row + 1) * outputCount]
      figures[sample] =
        switch rule {
        case .classes(let labels): Self.firstLargest(answer) == labels[sample] ? 1 : 0
        case .quantities(let labels):
          Self.meanSquaredDifference(answer, labels[sample * outputCount..<(sample + 1) * outputCount], scale: outputScale)
        case .scores(_, .single): Double(answer[answer.startIndex])
        case .scores(_, .difference): Double(answer[answer.startIndex + 1]) - Double(answer[answer.startIndex])
        case .scores(_, .reconstructionError):
          Self.meanSquaredDifference(answer, (inputs ?? [])[row * outputCount..<(row + 1) * outputCount], scale: 1)
        }
    }
  }

  /// The value over all samples of the data set.
  /// - Precondition: every sample has been added.
  public var value: MetricValue {
    switch rule {
    case .classes: .top1(isCorrect: figures.map { $0 == 1 })
    case .quantities: .rmse(squaredErrors: figures)
    case .scores(let isPositive, _): .auc(scores: figures, isPositive: isPositive)
    }
  }

  private static func firstLargest(_ values: ArraySlice<Float>) -> Int {
    var best = values.startIndex
    for index in values.indices where values[index] > values[best] { best = index }
    return best - values.startIndex
  }

  private static func meanSquaredDifference(_ outputs: ArraySlice<Float>, _ labels: ArraySlice<Float>, scale: Double) -> Double {
    var sum = 0.0
    for (output, label) in zip(outputs, labels) {
      let difference = Double(output) * scale - Double(label)
      sum += difference * difference
    }
    return sum / Double(outputs.count)
  }
}

// MARK: Labels

extension MetricAccumulator {
  private static func classes(of data: DataSet, outputCount: Int) throws(Failure) -> [Int] {
    guard outputCount > 1 else {
      throw Failure(.usage, "top1 needs one output a class, the model has a single output", hint: "--metric rmse, or --metric auc")
    }
    guard let labels = data.integerLabels else {
      throw Failure(
        .shapeMismatch, "top1 needs one class number a sample, the labels are \(data.labels?.description ?? "missing")",
        at: Location(file: data.path), hint: "--metric rmse, or --label NAME")
    }
    if let sample = labels.firstIndex(where: { !(0..<outputCount).contains($0) }) {
      throw Failure(
        .shapeMismatch, "sample \(sample) is labelled \(labels[sample]), the model knows classes 0 to \(outputCount - 1)",
        at: Location(file: data.path))
    }
    return labels
  }

  private static func quantities(of data: DataSet, outputCount: Int) throws(Failure) -> [Float] {
    guard let labels = data.floatLabels, let values = labels.floats, values.count == data.count * outputCount else {
      throw Failure(
        .shapeMismatch,
        "rmse needs as many labels as outputs, the model has \(outputCount) outputs and the labels are \(data.labels?.shape ?? [])",
        at: Location(file: data.path))
    }
    return values
  }

  private static func scores(of data: DataSet, outputCount: Int) throws(Failure) -> Rule {
    let score: Score
    switch outputCount {
    case 1: score = .single
    case 2: score = .difference
    case data.sampleCount: score = .reconstructionError
    default:
      throw Failure(
        .usage, "auc needs one or two outputs, or an autoencoder; the model has \(outputCount) outputs", hint: "--metric top1")
    }
    guard let labels = data.floatLabels?.floats, labels.count == data.count, labels.allSatisfy({ $0 == 0 || $0 == 1 }) else {
      throw Failure(
        .shapeMismatch, "auc needs one label a sample, 0 or 1; the labels are \(data.labels?.description ?? "missing")",
        at: Location(file: data.path))
    }
    guard labels.contains(0), labels.contains(1) else {
      throw Failure(.emptyData, "auc needs positive and negative samples, there is only one kind", at: Location(file: data.path))
    }
    return .scores(isPositive: labels.map { $0 == 1 }, score)
  }
}
