import DeviceCompiler
import Diagnostics
import HostCompute
import HostTwin
import ModelFormats
import ModelGraph

/// What integer programs are made and measured with on this machine.
public struct MeasuringTools: Sendable {
  public var kernels: HostKernels
  public var request: LoweringRequest

  /// - Parameter request: for instruction sets that `kernels` has.
  public init(kernels: HostKernels, request: LoweringRequest) {
    self.kernels = kernels
    self.request = request
  }
}

/// A recipe that was tried, and how close its integer program came to the float model.
public struct MeasuredRecipe: Sendable {
  public var recipe: QuantizationRecipe
  /// Signal to quantization noise of the program's outputs, in dB.
  public var outputSQNR: Double
}

/// Makes a plan by each recipe, runs each plan's integer program on calibration samples, and keeps the one whose outputs have the least
/// noise. Float models differ in what they need: ranges that clip suit one and ruin another.
/// - Parameter recipes: the preferred one first; a later one must be better, not equal. They differ in ranges and equalization alone.
/// - Returns: the best plan, and what was measured of each that gave a program; nothing is measured of a single recipe.
/// - Precondition: there is a recipe.
public func bestQuantization(
  _ graph: Graph, model: String, data: DataSet, recipes: [QuantizationRecipe], tools: MeasuringTools, progress: (Double) -> Void = { _ in }
) throws(Failure) -> (plan: Plan, measured: [MeasuredRecipe]) {
  var candidates: [(recipe: QuantizationRecipe, plan: Plan)] = []
  // Statistics are what costs; recipes that see the same graph share them.
  let calibrations = Dictionary(grouping: recipes, by: \.equalizes).sorted { !$0.key && $1.key }
  for (index, group) in calibrations.enumerated() {
    let calibration = try Calibration(graph, data: data, recipe: group.value[0]) {
      progress((Double(index) + $0) / Double(calibrations.count))
    }
    if group.key, calibration.equalization.isEmpty { continue }
    for recipe in group.value { candidates.append((recipe, calibration.plan(model: model, recipe: recipe))) }
  }
  if candidates.isEmpty, let recipe = recipes.first {
    // Asked to equalize what cannot be.
    candidates = [(recipe, try quantize(graph, model: model, data: data, recipe: recipe))]
  }
  guard candidates.count > 1 else { return (candidates[0].plan, []) }
  let samples = data.subset(seededChoice(of: samplesPerRecipe, from: data.count, seed: recipes[0].seed))
  let reference = try floatOutputs(graph, samples)
  var best: (plan: Plan, sqnr: Double)?
  var measured: [MeasuredRecipe] = []
  for (recipe, plan) in candidates {
    // A plan that gives no program is passed over; if none does, lowering the first one tells why.
    guard let sqnr = try? outputSQNR(graph, plan, samples, reference, tools) else { continue }
    measured.append(MeasuredRecipe(recipe: recipe, outputSQNR: sqnr))
    if sqnr > best?.sqnr ?? -.infinity { best = (plan, sqnr) }
  }
  guard var plan = best?.plan else { return (candidates[0].plan, []) }
  plan.recipe["chosen_among"] = measured.map(\.summary).joined(separator: ", ")
  return (plan, measured)
}

/// Enough for the noise of outputs, which each sample shows; few beside what calibration itself reads.
private let samplesPerRecipe = 64

extension MeasuredRecipe {
  /// `mse 31.2 dB`, `mse with equalization 33.0 dB`.
  var summary: String {
    let tenths = outputSQNR.isFinite ? String((outputSQNR * 10).rounded() / 10) : "∞"
    return recipe.ranges.rawValue + (recipe.equalizes ? " with equalization" : "") + " \(tenths) dB"
  }
}

/// Signal to quantization noise of a plan's integer program against the float outputs for the same samples.
func outputSQNR(
  _ graph: Graph, _ plan: Plan, _ samples: DataSet, _ reference: [Float], _ tools: MeasuringTools
) throws(Failure) -> Double {
  let twin = HostTwin(try lower(graph, plan: plan, tools.request), kernels: tools.kernels)
  let outputs = twin.run((0..<samples.count).map { twin.program.input.quantized(samples.sampleBytes($0)) })
  return sqnr(reference: reference, other: outputs.flatMap { $0.map(twin.program.output.real) })
}

/// The float model's outputs, one sample after the other.
func floatOutputs(_ graph: Graph, _ samples: DataSet) throws(Failure) -> [Float] {
  let input = try shaped(samples.floats(0..<samples.count), like: graph.type(of: graph.inputs[0]))
  return try FloatExecutor(graph).run([input])[0].floats ?? []
}
