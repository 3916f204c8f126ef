import Compression
import Deployment
import DeviceCompiler
import DeviceKernels
import Diagnostics
import HostCompute
import HostTwin
import ModelFormats
import ModelGraph
import Report

/// Makes the plan, or replays one, and measures the integer program that comes of it.
func compress(
  _ baseline: Baseline, _ request: PackRequest, _ report: StageRunner.Report
) async throws(Failure) -> (CompressedModel, summary: String) {
  let model = baseline.model
  let kernels = try await HostKernels.load()
  let tools = MeasuringTools(kernels: kernels, request: loweringRequest(model, instructionSets: kernels.instructionSets))
  let plan: Plan
  if let replayed = model.inputs.plan {
    plan = replayed
  } else {
    plan = try bestQuantization(
      model.graph, model: model.inputs.modelHash, data: model.inputs.calibration, recipes: request.recipes, tools: tools
    ) { report.advance(Int($0 * 100), of: 100, "calibration") }.plan
  }
  // What does not fit is the fault of the plan, if one was given, or of the model.
  let program = try placingFaults(at: Location(file: request.plan ?? request.model)) { () throws(Failure) in
    try lower(model.graph, plan: plan, tools.request)
  }
  let twin = HostTwin(program, kernels: kernels)
  let data = model.inputs.validation
  let outputs = twinOutputs(twin, data) { report.advance($0, of: data.count, "integer program") }
  let quality = baseline.quality
  let value = try quality.value(of: outputs, floatOutputs: baseline.outputs, data: data)
  let costs = try leaveOneOut(model.graph, plan: plan, data: data, tools: tools) {
    report.advance(Int($0 * 100), of: 100, "what each layer costs")
  }
  let loss = quality.loss(before: baseline.value.value, after: value.value, floatOutputs: baseline.outputs)
  return (
    CompressedModel(
      baseline: baseline, plan: plan, twin: twin, layerSQNR: try measureLayers(twin, model, plan), layerCosts: costs, value: value,
      loss: loss,
      changeInterval: quality.changeInterval(outputs: outputs, floatOutputs: baseline.outputs, data: data)),
    "int8 \(Formatting.quality(value.value, quality.metric)), float \(Formatting.quality(baseline.value.value, quality.metric))"
  )
}

/// The plan's program on this machine's kernels.
func hostTwin(_ model: SimplifiedModel, _ plan: Plan) async throws(Failure) -> HostTwin {
  let kernels = try await HostKernels.load()
  let program = try lower(model.graph, plan: plan, loweringRequest(model, instructionSets: kernels.instructionSets))
  return HostTwin(program, kernels: kernels)
}

/// The request of every lowering of this model.
func loweringRequest(
  _ model: SimplifiedModel, instructionSets: [InstructionSet], alignment: Int = 16, weightLimit: Int? = nil, threads: Int = 1
) -> LoweringRequest {
  let data = model.inputs.calibration
  return LoweringRequest(
    name: model.inputs.name, inputElementType: data.inputs.elementType, inputScale: data.scale, inputOffset: data.offset,
    instructionSets: instructionSets, alignment: alignment, weightLimit: weightLimit, threads: threads)
}

/// Signal to quantization noise of each step's output against the float model, in dB, on a few samples. A step without noise has none.
private func measureLayers(_ twin: HostTwin, _ model: SimplifiedModel, _ plan: Plan) throws(Failure) -> [String: Double] {
  let data = model.inputs.validation
  // Equalized as the program is, so that scales compare; the float answers are the same.
  let executor = try FloatExecutor(model.graph.equalized(by: plan.equalization))
  var outputs: [String: (float: [Float], integer: [Float])] = [:]
  for sample in 0..<min(8, data.count) {
    var reference: [String: [Float]] = [:]
    let input = try shaped(data.floats(sample..<sample + 1), like: model.graph.type(of: model.graph.inputs[0]))
    _ = try executor.run([input]) { value, tensor in reference[model.graph[value].name] = tensor.floats }
    twin.trace(twin.program.input.quantized(data.sampleBytes(sample))) { index, stored in
      let step = twin.program.steps[index]
      let value = twin.program.buffers[step.output.index].name
      guard let floats = reference[value], let quantization = plan.activations[value], floats.count == stored.count else { return }
      outputs[step.name, default: ([], [])].float += floats
      outputs[step.name, default: ([], [])].integer += stored.map { Float(quantization.dequantize(Int($0))) }
    }
  }
  return outputs.mapValues { sqnr(reference: $0.float, other: $0.integer) }.filter(\.value.isFinite)
}
