import Compression
import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Targets

/// Reads model, data, target and plan, and checks that they match and that the request's words mean something. All faults are reported
/// together, before anything is computed.
func importModel(_ request: PackRequest, _ report: StageRunner.Report) throws(Failure) -> (ImportedInputs, summary: String) {
  var faults = FaultCollector()
  var warnings: [Diagnostic] = []
  let profile = faults.collect { () throws(Failure) in
    let read = try TargetLibrary.standard().profile(request.target)
    warnings += read.warnings
    var profile = read.profile
    profile.budget = try profile.budget.overridden(by: request.budget)
    if let optimize = request.optimize { profile.optimize = optimize }
    // A library starts no threads.
    if request.emit.contains(.library) { profile.cpu.threads = 1 }
    if let threads = request.threads { profile.cpu.threads = try checked(threads, profile, request) }
    if let duty = request.duty { profile = try profile.withDuty(duty) }
    return profile
  }
  let model = faults.collect { () throws(Failure) in try ONNXImporter.load(path: request.model, shapes: request.shapes) }
  let data = faults.collect { () throws(Failure) in try loadData(request, request.data) }
  let validation = request.validation.flatMap { path in faults.collect { () throws(Failure) in try loadData(request, path) } }
  if let model { checkGraph(model.graph, data: [data, validation].compactMap { $0 }, request, &faults) }
  let modelHash = model == nil ? nil : faults.collect { () throws(Failure) in try hash(ofFile: request.model) }
  let plan = request.plan.flatMap { path in
    faults.collect { () throws(Failure) in try replayedPlan(path, modelHash: modelHash, request) }
  }
  let proof = request.proof.flatMap { option in faults.collect { () throws(Failure) in try ProofPlace(option: option) } }
  if let profile, let place = request.proof == nil ? ProofPlace(for: profile) : proof {
    _ = faults.collect { () throws(Failure) in try profile.requireCosts(for: profile.budget, measuresTime: place.hasClock) }
  }
  if let name = request.metric { _ = faults.collect { () throws(Failure) in try Quality.Choice(option: name) } }
  try faults.throwIfAny()
  guard let profile, let model, let modelHash, let data else {
    throw Failure(.internalError, "an input was neither read nor refused")
  }

  let parts = split(data, validation: validation, request)
  if parts.calibration.count < 100 {
    let count = parts.calibration.count
    warnings.append(
      Diagnostic(
        .fewSamples, "only \(count) \(count == 1 ? "sample" : "samples") to calibrate with; 100 or more give reliable ranges",
        hint: "give more: --data FILE", severity: .warning))
  }
  warnings.forEach(report.warn)
  let imported = ImportedInputs(
    name: programName(request.model, asLibrary: request.emit.contains(.library)), modelFile: fileName(request.model), modelHash: modelHash,
    graph: model.graph,
    calibration: parts.calibration, validation: parts.validation, validationName: parts.name, profile: profile,
    proof: proof ?? ProofPlace(for: profile), plan: plan, userLimitsAccuracy: request.budget.accuracyDrop != nil, warnings: warnings)
  return (imported, "\(imported.modelFile): \(model.graph.nodes.count) nodes, \(data.count) samples, \(profile.name)")
}

/// - Returns: `threads`, if the target can run so many and what is emitted starts any.
private func checked(_ threads: Int, _ profile: TargetProfile, _ request: PackRequest) throws(Failure) -> Int {
  guard threads == 1 || !request.emit.contains(.library) else {
    throw Failure(
      .usage, "--threads \(threads) does not suit --emit library: a library starts no threads",
      hint: "leave --threads out; your threads may each run the open model, in an arena of its own")
  }
  let most = profile.operatingSystem == .linux ? profile.cpu.cores : 1
  guard (1...most).contains(threads) else {
    throw Failure(
      .usage, "--threads \(threads) does not suit \(profile.name), which has \(most == 1 ? "one core" : "\(most) cores") for threads",
      hint: most == 1 ? "leave --threads out" : "--threads 1 to --threads \(most)")
  }
  return threads
}

private func loadData(_ request: PackRequest, _ path: String) throws(Failure) -> DataSet {
  try DataSet.load(
    path: path, input: request.inputArray, label: request.labelArray, scale: request.inputScale, offset: request.inputOffset)
}

/// A program has one input, which all data must match, and one output.
private func checkGraph(_ graph: Graph, data: [DataSet], _ request: PackRequest, _ faults: inout FaultCollector) {
  for (kind, values) in [("input", graph.inputs), ("output", graph.outputs)] where values.count != 1 {
    faults.add(
      Diagnostic(
        .unsupportedOperator, "\(fileName(request.model)) has \(values.count) \(kind)s; a program has one",
        details: values.map { "\(graph[$0].name) \(graph.type(of: $0).description)" }, at: Location(file: request.model)))
  }
  guard graph.inputs.count == 1, let input = graph.inputs.first else { return }
  for set in data { _ = faults.collect { () throws(Failure) in try set.check(against: graph.type(of: input), model: request.model) } }
}

/// Reads a plan and checks that it is for this model.
/// - Parameter modelHash: nil if the model could not be read, which is a fault of its own.
private func replayedPlan(_ path: String, modelHash: String?, _ request: PackRequest) throws(Failure) -> Plan {
  let plan = try Plan.load(path: path)
  guard let modelHash, plan.model != modelHash else { return plan }
  throw Failure(
    .planMismatch, "\(path) was made for another model file than \(fileName(request.model))", at: Location(file: path),
    hint: "use the model that the plan was made for, or leave --plan out to make a new one")
}

/// Calibration and validation data that share no sample, where the data are large enough to be split.
private func split(
  _ data: DataSet, validation: DataSet?, _ request: PackRequest
) -> (calibration: DataSet, validation: DataSet, name: String) {
  if let validation, let path = request.validation {
    return (data, validation, fileName(path))
  }
  let file = fileName(request.data)
  guard data.count >= 20 else { return (data, data, file) }
  let held = Set(seededChoice(of: data.count / 5, from: data.count, seed: request.recipe.seed))
  let rest = (0..<data.count).filter { !held.contains($0) }
  return (data.subset(rest), data.subset(held.sorted()), "\(file), a fifth held out")
}

/// Folders of a build; a program of such a name would lie in their place.
private let reservedNames: Set = ["best", "cmake", "golden", "hls", "machine", "pkgconfig", "source"]

/// `models/key word.onnx` becomes `key_word`, `best.onnx` becomes `best_model`, and `math.onnx`, as a library, `math_model`.
func programName(_ path: String, asLibrary: Bool = false) -> String {
  let stem = (fileName(path) as NSString).deletingPathExtension
  let letters = stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
  let name = String(letters.isEmpty ? ["m"] : letters)
  if reservedNames.contains(name) || asLibrary && LibraryNames.isTaken(name) { return name + "_model" }
  return name.first?.isNumber == true ? "m" + name : name
}
