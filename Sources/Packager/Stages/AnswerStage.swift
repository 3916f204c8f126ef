import Crypto
import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import ModelGraph
import Report
import Targets

/// What a pack ends with.
public struct PackOutcome: Sendable {
  public var answer: Answer
  /// The folder that holds the build.
  public var folder: String
}

/// Holds the build against the budget, writes the report, and moves the build to its place.
func answer(
  _ build: CompiledBuild, _ smoke: SmokeResult, _ folder: RunFolder, _ report: StageRunner.Report
) throws(Failure) -> (PackOutcome, summary: String) {
  let writer = BuildWriter(model: build.model, program: build.program, folder: folder.staging)
  try writer.write(Array(readMe(build).utf8), to: "README.txt")
  var answer = try makeAnswer(build, smoke, files: [])
  accuracyWarnings(build.model).forEach(report.warn)
  // The report lists itself; its own size does not change when the list is filled by a fixed point of two rounds.
  for _ in 0..<3 {
    try writer.write(Array((try JSONText.encode(answer) + "\n").utf8), to: "report.json")
    answer.files = try listFiles(folder.staging)
  }
  try writer.write(Array((try JSONText.encode(answer) + "\n").utf8), to: "report.json")
  try writer.write(Array(try checksums(folder.staging).utf8), to: "SHA256SUMS")
  let place = try folder.publish(fits: answer.answer == .fits)
  return (PackOutcome(answer: answer, folder: place), answer.answer.rawValue)
}

private func makeAnswer(_ build: CompiledBuild, _ smoke: SmokeResult, files: [Answer.File]) throws(Failure) -> Answer {
  let model = build.model
  let simplified = model.baseline.model
  let profile = simplified.inputs.profile
  let graph = simplified.graph
  let layers = graph.nodes.map { node in layerRow(node, graph, model) }.filter { $0.operator != Reshape.name }
  return Answer(
    program: build.manifest.programHash,
    model: Answer.Model(
      file: simplified.inputs.modelFile, name: build.program.name, macs: layers.reduce(0) { $0 + $1.macs },
      parameters: layers.reduce(0) { $0 + $1.parameters }),
    target: Answer.Target(
      name: profile.name, core: profile.cpu.core, clock: profile.cpu.clock, os: profile.operatingSystem.rawValue),
    budget: budgetAxes(build, smoke), accuracy: accuracy(model), layers: layers, arena: arena(build.program), ram: build.footprint.ram,
    flash: build.footprint.flash, files: files, smoke: Answer.Smoke(smoke), recipe: recipeLines(model.plan),
    warnings: simplified.inputs.warnings + accuracyWarnings(model))
}

/// Says why a limit on accuracy was not held against the loss.
private func accuracyWarnings(_ model: CompressedModel) -> [Diagnostic] {
  guard accuracyLimit(model) == nil, let limit = model.baseline.model.inputs.profile.budget.accuracyDrop,
    !model.baseline.quality.metric.isError
  else { return [] }
  return [
    Diagnostic(
      .emptyData, "\(model.value.samples) samples cannot show a loss of \(Formatting.percent(limit)); accuracy is measured, not judged",
      hint: "give \(Int((1 / limit).rounded(.up))) samples or more: --val FILE", severity: .warning)
  ]
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
    Answer.Axis(.latency, unit: .milliseconds, limit: budget.latency, predicted: nil, measured: nil, binds: nil),
    Answer.Axis(.energy, unit: .millijoules, limit: budget.energy, predicted: nil, measured: nil, binds: nil),
    Answer.Axis(
      .accuracy, unit: quality.metric.isError ? .relative : .fraction,
      limit: accuracyLimit(build.model), predicted: nil, measured: build.model.loss,
      binds: worstLayer.map { "\($0.key) in int8" }),
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
    before: before.value, after: model.value.value, interval: [model.value.interval.lowerBound, model.value.interval.upperBound])
}

private func layerRow(_ node: Node, _ graph: Graph, _ model: CompressedModel) -> Answer.Layer {
  let parameters = node.inputs.reduce(0) { $0 + (graph.constant($1)?.count ?? 0) }
  return Answer.Layer(
    name: node.name, operator: node.operation.name, macs: graph.multiplyAccumulates(of: node), parameters: parameters,
    bits: model.plan.layers[node.name]?.weightBits, sqnrDb: model.layerSQNR[node.name])
}

private func arena(_ program: LoweredProgram) -> Answer.Arena {
  Answer.Arena(
    bytes: program.arena.bytes, lowerBound: program.arena.lowerBound,
    buffers: program.buffers.indices.map { index in
      let buffer = program.buffers[index]
      return Answer.Arena.Buffer(
        name: buffer.name, bytes: buffer.bytes, offset: program.arena.offsets[index], firstStep: buffer.firstStep,
        lastStep: buffer.lastStep)
    })
}

private func recipeLines(_ plan: Plan) -> [String] {
  let recipe = plan.recipe
  return [
    "int8", "ranges by \(recipe["ranges"] ?? "plan") on \(recipe["calibration_samples"] ?? "?") samples",
    "bias correction \(recipe["bias_correction"] ?? "as planned")",
  ]
}

private func readMe(_ build: CompiledBuild) -> String {
  let name = build.manifest.name
  switch build.manifest.kind {
  case .program:
    return """
      \(name): a static program for \(build.manifest.target.name), packed by edgepack.

      copy    scp \(name) \(name).epk BOARD:
      prove   ./\(name) --self-test
      run     ./\(name) input.npy           one line a sample
              ./\(name) -o out.npy input.npy

      plan.json replays this build; report.json is the answer; SHA256SUMS checks the files.

      """
  case .firmware:
    return """
      \(name): firmware for \(build.manifest.target.name), packed by edgepack.

      \(name).elf runs in QEMU and loads with a debugger, \(name).bin is the image for the flash.
      edgepack smoke . proves it in the emulator.

      """
  }
}

// MARK: Files

private func listFiles(_ folder: String) throws(Failure) -> [Answer.File] {
  var files: [Answer.File] = []
  for path in try relativePaths(folder) {
    let size = (try? FileManager.default.attributesOfItem(atPath: folder + "/" + path)[.size] as? Int) ?? 0
    files.append(Answer.File(path: path, bytes: size, kind: kind(of: path)))
  }
  return files
}

private func checksums(_ folder: String) throws(Failure) -> String {
  var lines = ""
  for path in try relativePaths(folder) where path != "SHA256SUMS" { lines += "\(try hash(ofFile: folder + "/" + path))  \(path)\n" }
  return lines
}

private func relativePaths(_ folder: String) throws(Failure) -> [String] {
  do {
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder) && !isFolder.boolValue
    }
  } catch {
    throw Failure(.fileUnreadable, "\(folder) cannot be listed: \(error.localizedDescription)")
  }
}

private func kind(of path: String) -> Answer.File.Kind {
  switch path {
  case "build.json": return .manifest
  case "plan.json": return .plan
  case "report.json": return .report
  case _ where path.hasPrefix("golden/"): return .golden
  case _ where path.hasPrefix("source/"): return .source
  case _ where path.hasPrefix("machine/"): return .machine
  case _ where path.hasPrefix("hls/"): return .accelerator
  case _ where path.hasSuffix(".epk"): return .weights
  case _ where path.hasSuffix(".elf") || path.hasSuffix(".bin"): return .firmware
  case _ where path.hasSuffix(".txt") || path.hasSuffix(".map"): return .text
  default: return .program
  }
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
      })
  }
}
