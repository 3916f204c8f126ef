import Diagnostics
import Foundation

/// What `edgepack evaluate` prints: a packed program's figure on a data set.
public struct EvaluationScreen: Sendable {
  public var metric: Answer.Accuracy.Metric
  /// Rates are fractions, errors are in the output's own unit.
  public var value: Double
  public var samples: Int
  public var data: String
  public var program: String

  public init(metric: Answer.Accuracy.Metric, value: Double, samples: Int, data: String, program: String) {
    self.metric = metric
    self.value = value
    self.samples = samples
    self.data = data
    self.program = program
  }

  public func text() -> String {
    let figure =
      switch metric {
      case .top1, .agreement: Formatting.percent(value, decimals: 2)
      case .rmse, .auc: String(format: "%.4g", value)
      }
    return "\(metric.rawValue) \(figure) on \(Formatting.grouped(samples)) samples of \(data)    program \(program.prefix(8))"
  }

  /// `{"metric": "top1", "samples": 1000, "value": 0.861}`
  public func json() throws(Failure) -> String {
    try JSONText.encode(Document(metric: metric, value: value, samples: samples))
  }

  private struct Document: Encodable {
    var metric: Answer.Accuracy.Metric
    var value: Double
    var samples: Int
  }
}
