import Diagnostics

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
    "\(Formatting.quality(value, metric)) on \(Formatting.grouped(samples)) samples of \(data)    program \(program.prefix(8))"
  }

  /// `{"data": "test.npz", "metric": "top1", "program": "3f9a12c4…", "samples": 1000, "schema": "1.0", "value": 0.861}`
  public func json() throws(Failure) -> String {
    try JSONText.encode(Document(metric: metric, value: value, samples: samples, data: data, program: program))
  }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var metric: Answer.Accuracy.Metric
    var value: Double
    var samples: Int
    var data: String
    var program: String
  }
}
