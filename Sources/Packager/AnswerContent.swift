import Deployment
import DeviceCompiler
import Diagnostics
import ModelGraph
import Report
import Targets

/// The content of the report.
/// - Parameter files: of the build, without the report itself and the list of checksums.
func makeAnswer(_ build: CompiledBuild, _ smoke: SmokeResult, files: [Answer.File]) throws(Failure) -> Answer {
  let model = build.model
  let simplified = model.baseline.model
  let profile = simplified.inputs.profile
  let graph = simplified.graph
  let layers = graph.nodes.map { node in layerRow(node, graph, build) }.filter { $0.operator != Reshape.name }
  return Answer(
    program: build.manifest.programHash,
    model: Answer.Model(
      file: simplified.inputs.modelFile, name: build.program.name, macs: layers.reduce(0) { $0 + $1.macs },
      parameters: layers.reduce(0) { $0 + $1.parameters }),
    target: Answer.Target(
      name: profile.name, core: profile.cpu.core, clock: profile.cpu.clock, os: profile.operatingSystem.rawValue,
      threads: build.program.threads),
    budget: budgetAxes(build, smoke), accuracy: accuracy(model), layers: layers, arena: arena(build.program, graph),
    ram: build.footprint.ram,
    flash: build.footprint.flash, files: files, smoke: Answer.Smoke(smoke), recipe: recipeLines(model.plan),
    warnings: simplified.inputs.warnings + accuracyWarnings(model) + floatLayerWarnings(model))
}

/// Names the layers that stay float: why, and what each costs in bytes.
func floatLayerWarnings(_ model: CompressedModel) -> [Diagnostic] {
  let graph = model.baseline.model.graph
  return graph.nodes.compactMap { node in
    guard let layer = model.plan.layers[node.name], layer.staysFloat else { return nil }
    let weights = graph.constant(node.inputs[1])?.count ?? 0
    let reason = layer.reason ?? "the plan says so"
    return Diagnostic(
      .floatLayer, "\(node.name) stays float: \(reason); its weights take \(Formatting.bytes(3 * weights)) more than in int8",
      severity: .warning)
  }
}

/// Says why a limit on accuracy was not held against the loss.
func accuracyWarnings(_ model: CompressedModel) -> [Diagnostic] {
  guard accuracyLimit(model) == nil, let limit = model.baseline.model.inputs.profile.budget.accuracyDrop,
    !model.baseline.quality.metric.isError
  else { return [] }
  return [
    Diagnostic(
      .fewSamples,
      "\(model.value.samples) samples cannot show a loss of \(Formatting.threeDigits(limit * 100)) pt; accuracy is measured, not judged",
      hint: samplesThatShow(limit).map { "give \($0) samples or more: --val FILE" } ?? "set a limit that samples can show",
      severity: .warning)
  ]
}

/// How many samples it takes to see a loss of `limit`, 0 to 1; nil if no data set has so many, as for 0.
func samplesThatShow(_ limit: Double) -> Int? {
  let samples = (1 / limit).rounded(.up)
  return samples >= 1 && samples <= 1e9 ? Int(samples) : nil
}

/// One line an axis; an axis without a figure or a limit stays, so that the screen shows what was not judged.
private func budgetAxes(_ build: CompiledBuild, _ smoke: SmokeResult) -> [Answer.Axis] {
  let budget = build.manifest.target.budget
  let footprint = build.footprint
  let quality = build.model.baseline.quality
  let flash = Double(footprint.flashBytes)
  let worstLayer = build.model.layerSQNR.min { ($0.value, $0.key) < ($1.value, $1.key) }
  return [
    Answer.Axis(
      .ram, unit: .bytes, limit: budget.ram.map(Double.init), predicted: Double(footprint.ram.total),
      measured: smoke.residentPeak.map(Double.init), binds: footprint.ramBinds),
    Answer.Axis(
      .flash, unit: .bytes, limit: budget.flash.map(Double.init), predicted: flash, measured: flash, binds: footprint.flashBinds),
  ] + build.predictions.axes(measured: smoke) + [
    Answer.Axis(
      .accuracy, unit: quality.metric.isError ? .relative : .fraction,
      limit: accuracyLimit(build.model), predicted: nil, measured: build.model.loss,
      binds: worstLayer.map { "\($0.key) in int8" })
  ]
}

/// The limit that the measured loss is held against; nil where the profile's cannot be judged. A limit of the user's own always counts.
private func accuracyLimit(_ model: CompressedModel) -> Double? {
  let inputs = model.baseline.model.inputs
  let quality = model.baseline.quality
  let budget = inputs.profile.budget
  guard let limit = quality.metric.isError ? budget.errorGrowth : budget.accuracyDrop else { return nil }
  return inputs.userLimitsAccuracy || quality.canJudge(limit, samples: model.value.samples) ? limit : nil
}

private func accuracy(_ model: CompressedModel) -> Answer.Accuracy {
  let before = model.baseline.value
  return Answer.Accuracy(
    metric: model.baseline.quality.metric, data: model.baseline.model.inputs.validationName, samples: before.samples,
    before: model.baseline.quality.metric == .agreement ? nil : before.value, after: model.value.value,
    interval: model.changeInterval.map { [$0.lowerBound, $0.upperBound] })
}

private func layerRow(_ node: Node, _ graph: Graph, _ build: CompiledBuild) -> Answer.Layer {
  let model = build.model
  let steps = build.program.steps.indices.filter { build.program.steps[$0].name == node.name }
  let weights = steps.compactMap { build.program.steps[$0].weights }.reduce(0) { $0 + build.program.weights[$1.index].bytes.count }
  let parameters = node.inputs.reduce(0) { $0 + (graph.constant($1)?.count ?? 0) }
  return Answer.Layer(
    name: node.name, operator: node.operation.title, shape: graph.type(of: node.output).shape, step: steps.first,
    macs: graph.multiplyAccumulates(of: node), parameters: parameters, weightBytes: weights,
    bits: model.plan.layers[node.name]?.weightBits, sqnrDb: model.layerSQNR[node.name],
    floatGainDb: model.layerCosts.first { $0.layer == node.name }?.outputGain, floatReason: model.plan.layers[node.name]?.reason)
}

private func arena(_ program: LoweredProgram, _ graph: Graph) -> Answer.Arena {
  let shapes = Dictionary(graph.values.map { ($0.name, $0.type.shape) }) { first, _ in first }
  return Answer.Arena(
    bytes: program.arena.bytes, lowerBound: program.arena.lowerBound,
    buffers: program.buffers.indices.map { index in
      let buffer = program.buffers[index]
      return Answer.Arena.Buffer(
        name: buffer.name, shape: shapes[buffer.name], bytes: buffer.bytes, offset: program.arena.offsets[index],
        firstStep: buffer.firstStep,
        lastStep: buffer.lastStep)
    })
}

private func recipeLines(_ plan: Plan) -> [String] {
  let recipe = plan.recipe
  let floatLayers = plan.layers.values.count(where: \.staysFloat)
  let lines = [
    "int8" + (floatLayers > 0 ? ", \(floatLayers) of \(plan.layers.count) layers float" : ""),
    "ranges by \(recipe["ranges"] ?? "plan") on \(recipe["calibration_samples"] ?? "?") samples",
    "bias correction \(recipe["bias_correction"] ?? "as planned")",
  ]
  return plan.equalization.isEmpty ? lines : lines + ["\(plan.equalization.count) layers equalized with the next"]
}

extension Answer.Smoke {
  /// The proof in the words of the report.
  public init(_ result: SmokeResult) {
    self.init(
      on: result.on.rawValue, cases: result.cases, casesEqual: result.casesEqual, byteEqual: result.byteEqual,
      maxDifference: result.maxDifference, arenaHighWater: result.arenaHighWater, residentPeak: result.residentPeak,
      pageFaults: result.pageFaults.map {
        PageFaults(
          beforeMinor: $0.beforeMinor, beforeMajor: $0.beforeMajor, firstRunMinor: $0.firstRunMinor, firstRunMajor: $0.firstRunMajor,
          endMinor: $0.endMinor, endMajor: $0.endMajor)
      },
      memoryLimit: result.memory?.limit, memoryPeak: result.memory?.peak, oomKills: result.memory?.oomKills,
      latency: result.latency.map { Latency(median: $0.median, p95: $0.p95, runs: $0.runs) },
      coldLatency: result.coldLatency.map { ColdLatency(median: $0.median, runs: $0.runs) },
      throttledStart: result.throttledStart.map {
        ThrottledStart(firstRun: $0.firstRun, laterRun: $0.laterRun, storageBandwidth: $0.storageBandwidth)
      }, threads: result.threads)
  }
}
