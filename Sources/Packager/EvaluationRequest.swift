import Deployment
import Diagnostics
import ModelFormats
import Report

/// What the user asked of one evaluation of a build.
public struct EvaluationRequest: Sendable {
  public var folder: String
  public var data: String
  public var inputArray: String?
  public var labelArray: String?
  /// Of the data; nil means as the build was packed with, if the stored types agree.
  public var inputScale: Double?
  public var inputOffset: Double?
  public var metric: String?
  public var outputScale: Double

  public init(
    folder: String, data: String, inputArray: String?, labelArray: String?, inputScale: Double?, inputOffset: Double?, metric: String?,
    outputScale: Double
  ) {
    self.folder = folder
    self.data = data
    self.inputArray = inputArray
    self.labelArray = labelArray
    self.inputScale = inputScale
    self.inputOffset = inputOffset
    self.metric = metric
    self.outputScale = outputScale
  }
}

/// Runs the packed program over a whole data set.
/// - Throws: `usage` for an unknown metric or data without labels, and what reading and running throw.
public func evaluate(_ request: EvaluationRequest, progress: @escaping ProgressSink) async throws(Failure) -> EvaluationScreen {
  let build = try BuildFolder(path: request.folder)
  let packed = build.manifest.input
  let data = try DataSet.load(
    path: request.data, input: request.inputArray, label: request.labelArray,
    scale: request.inputScale ?? (packed.elementType == .float32 ? nil : packed.scale),
    offset: request.inputOffset ?? (packed.elementType == .float32 ? nil : packed.offset))
  let metric: Metric
  if let name = request.metric {
    guard let named = Metric(rawValue: name) else {
      throw Failure(.usage, "--metric \(name) is unknown", hint: "known are top1, rmse and auc")
    }
    metric = named
  } else {
    guard let suggested = Metric.suggested(for: data) else {
      throw Failure(.missingArray, "\(request.data) has no labels to compare answers with", hint: "name them: --label NAME")
    }
    metric = suggested
  }
  let value = try await Evaluation(folder: build, data: data, metric: metric, outputScale: request.outputScale).run(progress: progress)
  return EvaluationScreen(
    metric: Answer.Accuracy.Metric(metric), value: value.value, samples: value.samples, data: request.data,
    program: build.manifest.programHash)
}

extension Answer.Accuracy.Metric {
  /// The same metric in the words of the report.
  init(_ metric: Metric) {
    switch metric {
    case .top1: self = .top1
    case .rmse: self = .rmse
    case .auc: self = .auc
    }
  }
}
