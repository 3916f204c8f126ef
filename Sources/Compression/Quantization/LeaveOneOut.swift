import Diagnostics
import ModelFormats
import ModelGraph

/// What int8 costs in one layer: how far the program's outputs come nearer to the float model's when that layer alone stays float.
public struct LayerCost: Hashable, Sendable, Codable {
  public var layer: String
  /// Gain of the outputs' signal to quantization noise, in dB. Negative where the layer's errors happen to cancel others.
  public var outputGain: Double
  /// What the layer's weights would take more as float32, in bytes.
  public var additionalBytes: Int
}

/// Leaves one layer after the other in float and measures the program that results: real programs, run by the device's kernels.
/// - Parameters:
///   - plan: the program's; layers that stay float in it are passed over.
///   - data: at most 64 of its samples are run, fewer for large networks.
/// - Returns: one entry a layer with weights, in the graph's order; none where the network is so large that even a few samples of each
///   variant would take minutes.
public func leaveOneOut(
  _ graph: Graph, plan: Plan, data: DataSet, tools: MeasuringTools, progress: (Double) -> Void = { _ in }
) throws(Failure) -> [LayerCost] {
  let layers = graph.nodes.filter { plan.layers[$0.name]?.staysFloat == false }
  let operations = graph.nodes.reduce(0) { $0 + graph.multiplyAccumulates(of: $1) }
  let affordable = layers.isEmpty || operations == 0 ? 0 : operationBudget / (layers.count * operations)
  guard affordable >= 4 else { return [] }
  let samples = data.subset(seededChoice(of: min(64, affordable), from: data.count, seed: 0))
  let reference = try floatOutputs(graph, samples)
  let before = try outputSQNR(graph, plan, samples, reference, tools)
  var costs: [LayerCost] = []
  for (index, layer) in layers.enumerated() {
    var variant = plan
    variant.layers[layer.name] = .float(because: "left out")
    let after = try outputSQNR(graph, variant, samples, reference, tools)
    let weights = graph.constant(layer.inputs[1])?.count ?? 0
    // Equal outputs have no noise left to compare; a gain of nothing is then the truth.
    let gain = before.isFinite && after.isFinite ? after - before : 0
    costs.append(LayerCost(layer: layer.name, outputGain: gain, additionalBytes: 3 * weights))
    progress(Double(index + 1) / Double(layers.count))
  }
  return costs
}

/// Multiply-accumulates that all variants together may take: about half a minute of one core.
private let operationBudget = 20_000_000_000
