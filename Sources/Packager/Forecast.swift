import Deployment
import DeviceCompiler
import Diagnostics
import ModelFormats
import ModelGraph
import Report
import Targets

/// What a pack would do and need, without computing or writing anything: `--dry-run`.
/// - Throws: every fault of the input at once, as a pack would.
public func forecast(_ request: PackRequest, progress: @escaping ProgressSink) async throws(Failure) -> ForecastScreen {
  let run = StageRunner(progress: progress, store: StageStore(request.output, ignoresSaved: true), isStopping: { false })
  let imported = try await run.stage(.importModel) { (report) async throws(Failure) in try importModel(request, report) }
  let simplified = try await run.stage(.simplify) { (report) async throws(Failure) in try simplify(imported, request, report) }
  let profile = imported.profile
  let program = try sizedProgram(simplified.graph, for: profile)
  return ForecastScreen(
    model: imported.modelFile, target: profile.name, steps: steps(request, simplified), budget: budget(program, profile))
}

/// Bounds hold for any int8 program of this model; predictions leave out code and stack, which only the compiler knows.
private func budget(_ program: LoweredProgram, _ profile: TargetProfile) -> [ForecastScreen.Line] {
  let weights = program.weights.reduce(0) { $0 + $1.bytes.count }
  let residentWeights = profile.operatingSystem == .linux ? weights : 0
  let limits = profile.budget
  let arena = program.arena
  return [
    ForecastScreen.Line(
      .ram, unit: .bytes, limit: limits.ram.map(Double.init), predicted: Double(arena.bytes + residentWeights),
      atLeast: Double(arena.lowerBound),
      parts: "arena \(Formatting.bytes(arena.bytes))" + (residentWeights > 0 ? ", weights \(Formatting.bytes(weights))" : "")),
    ForecastScreen.Line(
      .flash, unit: .bytes, limit: limits.flash.map(Double.init), predicted: Double(weights), atLeast: Double(weights),
      parts: "weights \(Formatting.bytes(weights))"),
    ForecastScreen.Line(.latency, unit: .milliseconds, limit: limits.latency, predicted: nil, atLeast: nil, parts: Formatting.absent),
    ForecastScreen.Line(.energy, unit: .millijoules, limit: limits.energy, predicted: nil, atLeast: nil, parts: Formatting.absent),
    ForecastScreen.Line(
      .accuracy, unit: .fraction, limit: limits.accuracyDrop, predicted: nil, atLeast: nil, parts: "measured by packing"),
  ]
}

/// One phrase for each thing that a pack would do.
private func steps(_ request: PackRequest, _ model: SimplifiedModel) -> [String] {
  let inputs = model.inputs
  let calibration = min(request.recipe.calibrationSamples, inputs.calibration.count)
  let make =
    inputs.plan == nil
    ? "calibrate on \(Formatting.grouped(calibration)) samples, ranges by \(request.recipe.ranges.rawValue), bias correction "
      + (request.recipe.correctsBiases ? "on" : "off")
    : "replay the plan \(request.plan ?? "")"
  let kinds = request.emit.map(\.rawValue).sorted().joined(separator: ", ")
  return [
    "\(make); int8 for \(model.graph.nodes.count) layers",
    "measure accuracy on \(Formatting.grouped(inputs.validation.count)) samples of \(inputs.validationName)",
    "compile for \(inputs.profile.cpu.core) (\(kinds)), prove on \(inputs.proof.title)",
    "write \(request.output)/",
  ]
}
