import Compression
import Crypto
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Targets

/// Reads model, data and target, and checks that they match. All faults of the three are reported together.
func importModel(_ request: PackRequest, _ report: StageRunner.Report) throws(Failure) -> (ImportedInputs, summary: String) {
  var faults = FaultCollector()
  var warnings: [Diagnostic] = []
  let profile = faults.collect { () throws(Failure) in
    let read = try TargetLibrary.standard().profile(request.target)
    warnings += read.warnings
    var profile = read.profile
    profile.budget = try profile.budget.overridden(by: request.budget)
    if let optimize = request.optimize { profile.optimize = optimize }
    return profile
  }
  let model = faults.collect { () throws(Failure) in try ONNXImporter.load(path: request.model, shapes: request.shapes) }
  let data = faults.collect { () throws(Failure) in try loadData(request, request.data) }
  let validation = request.validation.flatMap { path in faults.collect { () throws(Failure) in try loadData(request, path) } }
  if let model, let data { _ = faults.collect { () throws(Failure) in try check(data, against: model.graph, request) } }
  if let model, let validation { _ = faults.collect { () throws(Failure) in try check(validation, against: model.graph, request) } }
  try faults.throwIfAny()
  guard let profile, let model, let data else { throw Failure(.internalError, "an input was neither read nor refused") }

  let parts = split(data, validation: validation, request)
  if parts.calibration.count < 100 {
    warnings.append(
      Diagnostic(
        .emptyData, "only \(parts.calibration.count) samples to calibrate with; 100 or more give reliable ranges", severity: .warning))
  }
  warnings.forEach(report.warn)
  let imported = ImportedInputs(
    name: programName(request.model), modelFile: (request.model as NSString).lastPathComponent, modelHash: try hash(ofFile: request.model),
    graph: model.graph, calibration: parts.calibration, validation: parts.validation, validationName: parts.name, profile: profile,
    userLimitsAccuracy: request.budget.accuracyDrop != nil, warnings: warnings)
  return (imported, "\(imported.modelFile): \(model.graph.nodes.count) nodes, \(data.count) samples, \(profile.name)")
}

private func loadData(_ request: PackRequest, _ path: String) throws(Failure) -> DataSet {
  try DataSet.load(
    path: path, input: request.inputArray, label: request.labelArray, scale: request.inputScale, offset: request.inputOffset)
}

private func check(_ data: DataSet, against graph: Graph, _ request: PackRequest) throws(Failure) {
  guard graph.inputs.count == 1 else {
    throw Failure(
      .unsupportedOperator, "\(request.model) has \(graph.inputs.count) inputs; a program has one",
      details: graph.inputs.map { "\(graph[$0].name) \(graph[$0].type.description)" })
  }
  try data.check(against: graph.type(of: graph.inputs[0]), model: request.model)
}

/// Calibration and validation data that share no sample, where the data are large enough to be split.
private func split(
  _ data: DataSet, validation: DataSet?, _ request: PackRequest
) -> (calibration: DataSet, validation: DataSet, name: String) {
  if let validation, let path = request.validation {
    return (data, validation, (path as NSString).lastPathComponent)
  }
  let file = (request.data as NSString).lastPathComponent
  guard data.count >= 20 else { return (data, data, file) }
  let held = Set(seededChoice(of: data.count / 5, from: data.count, seed: request.recipe.seed))
  let rest = (0..<data.count).filter { !held.contains($0) }
  return (data.subset(rest), data.subset(held.sorted()), "a fifth of \(file), held out")
}

/// `models/key word.onnx` becomes `key_word`.
private func programName(_ path: String) -> String {
  let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
  let letters = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
  let name = String(letters.isEmpty ? ["m"] : letters)
  return name.first!.isNumber ? "m" + name : name
}

/// SHA-256 of a file, in hex.
func hash(ofFile path: String) throws(Failure) -> String {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw Failure(.fileUnreadable, "\(path) cannot be read", at: Location(file: path))
  }
  return SHA256.hash(data: data).map { String($0, radix: 16).leftPadded(to: 2) }.joined()
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String { String(repeating: "0", count: max(0, width - count)) + self }
}
