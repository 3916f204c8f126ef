import Deployment
import Diagnostics
import ModelFormats
import ModelGraph
import Report

/// How the answers of a model are judged, settled once for a pack and then applied to float and integer answers alike.
struct Quality: Sendable, Codable {
  /// What answers are compared with.
  enum Reference: Sendable, Codable {
    /// The labels of the data, by one of the usual metrics.
    case labels(Metric)
    /// Labels that are distributions over classes: the largest entry is the class.
    case labelledDistributions
    /// The class that the float model chooses.
    case floatChoice
    /// The float model's values.
    case floatValues
  }

  var reference: Reference

  /// As the answer names it.
  var metric: Answer.Accuracy.Metric {
    switch reference {
    case .labels(.top1), .labelledDistributions: .top1
    case .labels(.rmse), .floatValues: .rmse
    case .labels(.auc): .auc
    case .floatChoice: .agreement
    }
  }

  /// Judges the answers for all samples.
  /// - Parameters:
  ///   - outputs: `[samples, width]`, in the order of `data`.
  ///   - floatOutputs: the float model's, of the same shape.
  func value(of outputs: [Float], floatOutputs: [Float], data: DataSet) throws(Failure) -> MetricValue {
    let width = outputs.count / max(1, data.count)
    switch reference {
    case .labels(let metric):
      var accumulator = try MetricAccumulator(metric: metric, data: data, outputCount: width)
      accumulator.add(outputs: outputs, samples: 0..<data.count)
      return accumulator.value
    case .labelledDistributions, .floatChoice:
      return .top1(isCorrect: isCorrect(outputs, floatOutputs: floatOutputs, data: data) ?? [])
    case .floatValues:
      return .rmse(squaredErrors: squaredErrors(outputs, floatOutputs, width))
    }
  }

  /// Whether each sample's class is right; nil for metrics that are not counts of samples.
  private func isCorrect(_ outputs: [Float], floatOutputs: [Float], data: DataSet) -> [Bool]? {
    let width = outputs.count / max(1, data.count)
    let classes: [Int]
    switch reference {
    case .labels(.top1): classes = data.integerLabels ?? []
    case .labelledDistributions: classes = choices(data.floatLabels?.floats ?? [], width)
    case .floatChoice: classes = choices(floatOutputs, width)
    case .labels(.rmse), .labels(.auc), .floatValues: return nil
    }
    return zip(choices(outputs, width), classes).map { $0 == $1 }
  }

  /// 95 % interval of the change of a rate on further data of the same kind, from the samples on which float and integer program differ:
  /// the normal interval of paired differences, or, where none differs, what none out of n allows (3 / n). Nil for other metrics.
  func changeInterval(outputs: [Float], floatOutputs: [Float], data: DataSet) -> ClosedRange<Double>? {
    guard let after = isCorrect(outputs, floatOutputs: floatOutputs, data: data),
      let before = isCorrect(floatOutputs, floatOutputs: floatOutputs, data: data), !after.isEmpty
    else { return nil }
    let count = Double(after.count)
    let gained = Double(zip(before, after).count { !$0 && $1 })
    let lost = Double(zip(before, after).count { $0 && !$1 })
    let change = (gained - lost) / count
    guard gained + lost > 0 else { return max(-1, -3 / count)...min(1, 3 / count) }
    let variance = ((gained + lost) / count - change * change) / count
    return ConfidenceInterval.normal(change, standardError: variance.squareRoot(), within: -1...1)
  }

  /// What compression cost: points of a rate as a fraction; for an error its relative growth, or, where it is measured against the float
  /// model itself, its share of the spread of that model's answers (noise to signal).
  func loss(before: Double, after: Double, floatOutputs: [Float]) -> Double {
    guard metric.isError else { return before - after }
    let scale = measuresFidelity ? standardDeviation(floatOutputs) : before
    return scale > 0 ? (after - before) / scale : 0
  }

  /// Whether so many samples can tell if a loss keeps within a limit: a rate moves in steps of one sample, and an error against the float
  /// model has no error of the float model's to grow from.
  func canJudge(_ limit: Double, samples: Int) -> Bool {
    metric.isError ? !measuresFidelity : Double(samples) * limit >= 1
  }

  private var measuresFidelity: Bool {
    if case .floatValues = reference { true } else { false }
  }
}

extension Quality {
  /// What `--metric` may name.
  enum Choice: Sendable {
    case metric(Metric)
    /// With the float model's choices.
    case agreement

    /// - Throws: `usage` with the known names.
    init(option: String) throws(Failure) {
      if option == Answer.Accuracy.Metric.agreement.rawValue {
        self = .agreement
      } else if let metric = Metric(rawValue: option) {
        self = .metric(metric)
      } else {
        throw Failure(.usage, "--metric \(option) is unknown", hint: "known are top1, rmse, auc and agreement")
      }
    }
  }
}

/// The metric that the user named, or the one that suits the labels: classes, distributions, quantities, none.
/// - Parameter floatOutputs: the float model's answers, `[samples, width]`.
func chosenQuality(_ name: String?, data: DataSet, floatOutputs: [Float]) throws(Failure) -> Quality {
  let width = floatOutputs.count / max(1, data.count)
  if let name {
    switch try Quality.Choice(option: name) {
    case .agreement: return Quality(reference: .floatChoice)
    case .metric(let metric): return Quality(reference: .labels(metric))
    }
  }
  switch Metric.suggested(for: data) {
  case .top1: return Quality(reference: .labels(width > 1 ? .top1 : .auc))
  case .auc: return Quality(reference: .labels(.auc))
  case .rmse:
    let labels = data.floatLabels?.floats ?? []
    guard labels.count == floatOutputs.count else { break }
    if width > 1, areDistributions(labels, width) { return Quality(reference: .labelledDistributions) }
    // Labels that the float model reproduces are its own recorded answers.
    let error = MetricValue.rmse(squaredErrors: squaredErrors(floatOutputs, labels, width)).value
    return Quality(reference: error < 1e-3 * standardDeviation(labels) ? .floatValues : .labels(.rmse))
  case nil: break
  }
  // Without labels: classifiers are compared by their choice, everything else by value. More outputs than inputs or a single one is no
  // classifier.
  return Quality(reference: width > 1 && width < data.sampleCount ? .floatChoice : .floatValues)
}

/// Whether every row is non-negative and sums to 1.
private func areDistributions(_ rows: [Float], _ width: Int) -> Bool {
  stride(from: 0, to: rows.count, by: width).allSatisfy { start in
    let row = rows[start..<start + width]
    return row.allSatisfy { $0 >= 0 } && abs(row.reduce(0, +) - 1) < 1e-2
  }
}

/// The first largest entry of each row.
private func choices(_ rows: [Float], _ width: Int) -> [Int] {
  stride(from: 0, to: rows.count, by: width).map { start in
    var best = start
    for index in start..<start + width where rows[index] > rows[best] { best = index }
    return best - start
  }
}

private func squaredErrors(_ outputs: [Float], _ reference: [Float], _ width: Int) -> [Double] {
  stride(from: 0, to: outputs.count, by: width).map { start in
    (start..<start + width).reduce(0.0) { sum, index in
      let difference = Double(outputs[index]) - Double(reference[index])
      return sum + difference * difference
    } / Double(width)
  }
}

private func standardDeviation(_ values: [Float]) -> Double {
  guard !values.isEmpty else { return 0 }
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  return (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count)).squareRoot()
}
