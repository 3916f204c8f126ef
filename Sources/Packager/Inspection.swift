import DeviceCompiler
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Report
import Targets

/// A model's layers after simplification, for `edgepack inspect`.
public struct Inspection: Sendable {
  public var model: String
  public var rows: [LayerRow]
  /// What an int8 program for the target would need; nil without a target.
  public var targetSummary: String?
}

/// Reads and simplifies a model and lists what its layers cost for one sample.
/// - Parameter target: also plans the arena of an int8 program for it. Scales do not matter for that, so no data are needed.
public func inspect(model path: String, shapes: [String: [Int]], target: String?) throws(Failure) -> Inspection {
  let imported = try ONNXImporter.load(path: path, shapes: shapes)
  var graph = imported.graph
  _ = try placingFaults(at: Location(file: path)) { () throws(Failure) in try Pipeline.simplify.run(&graph) }
  let rows = graph.nodes.map { node in
    let type = graph.type(of: node.output)
    return LayerRow(
      name: node.name, operator: node.operation.title, outputShape: type.shape, macs: graph.multiplyAccumulates(of: node),
      parameters: node.inputs.reduce(0) { $0 + (graph.constant($1)?.count ?? 0) }, activationBytes: type.count)
  }
  var summary: String?
  if let target {
    let profile = try TargetLibrary.standard().profile(target).profile
    let program = try placingFaults(at: Location(file: path)) { () throws(Failure) in try sizedProgram(graph, for: profile) }
    let weights = program.weights.reduce(0) { $0 + $1.bytes.count }
    summary =
      "as int8 on \(profile.name): arena \(Formatting.bytes(program.arena.bytes))"
      + " (no plan below \(Formatting.bytes(program.arena.lowerBound))), weights \(Formatting.bytes(weights))"
  }
  return Inspection(model: fileName(path), rows: rows, targetSummary: summary)
}

/// The int8 program of a simplified graph for a target, of which only the sizes mean something.
func sizedProgram(_ graph: Graph, named name: String = "model", for profile: TargetProfile) throws(Failure) -> LoweredProgram {
  try lower(graph, plan: sizingPlan(graph), LoweringRequest(name: name, instructionSets: profile.instructionSets))
}

/// A plan whose scales only serve to compute sizes.
private func sizingPlan(_ graph: Graph) -> Plan {
  var plan = Plan(model: "")
  for value in graph.values where value.constant == nil { plan.activations[value.name] = AffineQuantization(scale: 1, zeroPoint: 0) }
  for node in graph.nodes {
    switch node.operation {
    case .convolution, .gemm:
      guard let channels = graph.type(of: node.inputs[1]).shape.first else { continue }
      let scales = [Float](repeating: 1, count: channels)
      plan.layers[node.name] = LayerPlan(weightBits: 8, weightScales: scales, biases: [Int32](repeating: 0, count: channels))
    case .softmax: plan.activations[graph[node.output].name] = Softmax.outputQuantization
    case .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .concatenation, .padding, .reshape, .transpose: continue
    }
  }
  return plan
}
