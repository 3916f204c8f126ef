import DeviceCompiler
import Diagnostics
import ModelFormats
import ModelGraph

/// How a plan is made without training.
public struct QuantizationRecipe: Hashable, Sendable {
  public var ranges: RangeMethod
  /// Cross-layer equalization before everything else.
  public var equalizes: Bool
  /// How much finer than a hundredth of the extremes the steps are in which `mse` searches for a range.
  public var rangeRefinement: Int
  public var correctsBiases: Bool
  /// At most this many samples are looked at, chosen by `seed`.
  public var calibrationSamples: Int
  public var seed: UInt64
  /// Layers whose weights and arithmetic stay float32.
  public var floatLayers: [String]

  /// - Precondition: `rangeRefinement` is at least 1.
  public init(
    ranges: RangeMethod = .mse, equalizes: Bool = false, rangeRefinement: Int = 1, correctsBiases: Bool = true,
    calibrationSamples: Int = 1024, seed: UInt64 = 0, floatLayers: [String] = []
  ) {
    precondition(rangeRefinement >= 1, "a search needs steps")
    self.ranges = ranges
    self.equalizes = equalizes
    self.rangeRefinement = rangeRefinement
    self.correctsBiases = correctsBiases
    self.calibrationSamples = calibrationSamples
    self.seed = seed
    self.floatLayers = floatLayers
  }
}

/// Post-training quantization: int8 activations, int8 weights per channel (Nagel et al. 2021; docs/numeric-contract.md §1).
/// - Parameters:
///   - graph: simplified; every layer with weights is a convolution or a dense layer.
///   - model: SHA-256 of the model file, in hex; stands in the plan.
///   - data: calibration data in the stored element type.
/// - Throws: what calibration throws; `usage` naming layers that shall stay float and are not there.
public func quantize(
  _ graph: Graph, model: String, data: DataSet, recipe: QuantizationRecipe, progress: (Double) -> Void = { _ in }
) throws(Failure) -> Plan {
  try Calibration(graph, data: data, recipe: recipe, progress: progress).plan(model: model, recipe: recipe)
}

/// What calibration saw of a graph, equalized or not: all that plans are made from.
struct Calibration {
  /// For `Graph.equalized(by:)`; empty without equalization, and where no channel gains a factor.
  let equalization: [String: [Int]]
  private let graph: Graph
  private let samples: DataSet
  private let statistics: CalibrationStatistics

  /// - Throws: what calibration throws; `usage` naming layers that shall stay float and are not there.
  init(_ graph: Graph, data: DataSet, recipe: QuantizationRecipe, progress: (Double) -> Void = { _ in }) throws(Failure) {
    try checkNames(recipe.floatLayers, graph)
    samples = data.subset(seededChoice(of: recipe.calibrationSamples, from: data.count, seed: recipe.seed))
    equalization = recipe.equalizes ? equalizationExponents(graph) : [:]
    self.graph = try graph.equalized(by: equalization)
    statistics = try CalibrationStatistics.collect(self.graph, samples, progress: progress)
  }

  func plan(model: String, recipe: QuantizationRecipe) -> Plan {
    var plan = Plan(model: model, equalization: equalization)
    let input = storedQuantization(samples.inputs.elementType, scale: samples.scale, offset: samples.offset)
    for (value, quantization) in activationQuantizations(graph, statistics, input: input, recipe: recipe) {
      plan.activations[graph[value].name] = quantization
    }
    for node in graph.nodes {
      guard let layer = layerPlan(node, graph, plan, statistics, recipe) else { continue }
      plan.layers[node.name] = layer
    }
    plan.recipe = [
      "method": "post-training quantization", "ranges": recipe.ranges.rawValue, "bias_correction": recipe.correctsBiases ? "on" : "off",
      "equalization": equalization.isEmpty ? "off" : "on", "calibration_samples": String(samples.count), "seed": String(recipe.seed),
    ]
    if recipe.rangeRefinement > 1 { plan.recipe["range_refinement"] = String(recipe.rangeRefinement) }
    return plan
  }
}

private func checkNames(_ names: [String], _ graph: Graph) throws(Failure) {
  let known = graph.nodes.filter { $0.operation.hasWeights }.map(\.name)
  let unknown = names.filter { !known.contains($0) }
  guard unknown.isEmpty else {
    throw Failure(
      .usage, "no layer with weights is called \(unknown.joined(separator: ", "))",
      details: ["layers: " + known.joined(separator: ", ")],
      hint: nearestMatch(to: unknown[0], among: known).map { "did you mean \($0)?" })
  }
}

/// One scale for each activation: values that must share one share it, fixed ones stay fixed.
private func activationQuantizations(
  _ graph: Graph, _ statistics: CalibrationStatistics, input: AffineQuantization?, recipe: QuantizationRecipe
) -> [ValueID: AffineQuantization] {
  var fixed: [ValueID: AffineQuantization] = [:]
  if let input { fixed[graph.inputs[0]] = input }
  for node in graph.nodes { if let quantization = fixedQuantization(of: node.operation) { fixed[node.output] = quantization } }
  let groups = ScaleGroups(graph)
  let members = Dictionary(grouping: statistics.activations.keys.sorted(), by: groups.root)
  var result: [ValueID: AffineQuantization] = [:]
  for values in members.values {
    let seen = values.compactMap { statistics.activations[$0] }
    let fixedScales = Set(values.compactMap { fixed[$0] })
    let shared: AffineQuantization
    if fixedScales.count == 1, let only = fixedScales.first, seen.allSatisfy({ only.covers($0) }) {
      shared = only
    } else {
      shared = recipe.ranges.quantization(for: seen, refinement: recipe.rangeRefinement)
    }
    // Where a fixed scale and the group's disagree, lowering converts by a table.
    for value in values { result[value] = fixed[value] ?? shared }
  }
  return result
}

extension AffineQuantization {
  /// Whether all that was seen lies within the representable range, give or take a step.
  fileprivate func covers(_ seen: ActivationStatistics) -> Bool {
    Double(seen.minimum) >= dequantize(-128) - Double(scale) && Double(seen.maximum) <= dequantize(127) + Double(scale)
  }
}

/// Weight scales and integer biases of a layer; nil for operators without weights.
private func layerPlan(
  _ node: Node, _ graph: Graph, _ plan: Plan, _ statistics: CalibrationStatistics, _ recipe: QuantizationRecipe
) -> LayerPlan? {
  guard node.operation.hasWeights, let weights = graph.constant(node.inputs[1]), let floats = weights.floats,
    let channels = weights.shape.first, channels > 0,
    let input = plan.activations[graph[node.inputs[0]].name], let output = plan.activations[graph[node.output].name]
  else { return nil }
  if recipe.floatLayers.contains(node.name) { return .float(because: "asked for") }
  let depth = floats.count / channels
  let biases = node.inputs.count > 2 ? graph.constant(node.inputs[2])?.floats : nil
  let means = recipe.correctsBiases ? statistics.activations[node.inputs[0]]?.channelMeans : nil
  // Keeps the requantization factor at 2^−39 or above, within its range (docs/numeric-contract.md §2).
  let smallest = 0x1p-39 * Double(output.scale) / Double(input.scale)
  // The largest magnitude that an input minus its zero point can have.
  let inputReach = Double(max(127 - input.zeroPoint, input.zeroPoint + 128))
  var layer = LayerPlan(weightBits: 8, weightScales: [], biases: [])
  for channel in 0..<channels {
    let row = floats[channel * depth..<(channel + 1) * depth]
    var bias = Double(biases?[channel] ?? 0)
    let largest = row.reduce(0) { max($0, Double(abs($1))) }
    // A channel that is dead, or nearly, still needs a scale that holds its bias and gives a usable factor.
    let scale = Float(max(largest / 127, abs(bias) / (Double(input.scale) * 0x1p30), smallest))
    if let means {
      bias += biasCorrection(row, scale: scale, channel: channel, channels: channels, node: node, means: means)
    }
    layer.weightScales.append(scale)
    let integer = (bias / (Double(input.scale) * Double(scale))).rounded(.toNearestOrEven)
    layer.biases.append(Int32(max(-0x1p30, min(0x1p30, integer))))
    let magnitude = row.reduce(0.0) { $0 + min(127, (Double(abs($1)) / Double(scale)).rounded(.toNearestOrEven)) }
    if abs(integer) + magnitude * inputReach >= 0x1p31 { return .float(because: "a 32-bit sum could overflow") }
    let multiplier = Double(input.scale) * Double(scale) / Double(output.scale)
    if multiplier >= 8 { return .float(because: "its outputs need a finer scale than int8 arithmetic gives") }
  }
  return layer
}

extension Operator {
  /// Whether the operator is a layer that quantization gives scales: its second operand are weights.
  var hasWeights: Bool {
    switch self {
    case .convolution, .gemm: true
    case .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding, .reshape, .transpose:
      false
    }
  }
}

/// What rounding a channel's weights takes from its mean output: `Σ (w − ŵ) · E[x]`.
private func biasCorrection(
  _ row: ArraySlice<Float>, scale: Float, channel: Int, channels: Int, node: Node, means: [Double]
) -> Double {
  var groups = 1
  if case .convolution(let convolution) = node.operation { groups = convolution.groups }
  let inputsInGroup = max(1, means.count / groups)
  let firstInput = channel / max(1, channels / groups) * inputsInGroup
  var correction = 0.0
  for (position, weight) in row.enumerated() {
    let stored = max(-127, min(127, (Double(weight) / Double(scale)).rounded(.toNearestOrEven)))
    correction += (Double(weight) - stored * Double(scale)) * means[firstInput + position % inputsInGroup]
  }
  return correction
}
