import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport

@testable import DeviceCompiler

/// A graph with a plan made by hand: every activation gets the scale that the test says.
struct TinyNetwork {
  var graph = Graph(name: "tiny")
  var plan = Plan(model: "")
  var random: SeededGenerator

  init(seed: UInt64 = 1) { random = SeededGenerator(seed: seed) }

  mutating func input(_ shape: [Int], scale: Float, zeroPoint: Int) -> ValueID {
    plan.activations["x"] = AffineQuantization(scale: scale, zeroPoint: zeroPoint)
    return graph.addInput("x", TensorType(.float32, shape))
  }

  /// Appends an operator whose result, named like the node, has the given scale.
  mutating func add(
    _ operation: Operator, _ operands: [ValueID], name: String, scale: Float, zeroPoint: Int
  ) throws(Failure) -> ValueID {
    plan.activations[name] = AffineQuantization(scale: scale, zeroPoint: zeroPoint)
    return try graph.append(operation, operands, name: name)
  }

  /// Appends a layer with weights of `shape`, whose integers are drawn from −127…127, each channel with a scale of its own.
  mutating func layer(
    _ operation: Operator, _ operand: ValueID, weights shape: [Int], name: String, scale: Float, zeroPoint: Int
  ) throws(Failure) -> ValueID {
    let scales = (0..<shape[0]).map { _ in Float.random(in: 0.001...0.004, using: &random) }
    let depth = shape.dropFirst().reduce(1, *)
    let floats = scales.flatMap { scale in (0..<depth).map { _ in Float(Int.random(in: -127...127, using: &random)) * scale } }
    plan.layers[name] = LayerPlan(
      weightBits: 8, weightScales: scales, biases: scales.map { _ in Int32.random(in: -3000...3000, using: &random) })
    return try add(
      operation, [operand, graph.addConstant("\(name).weight", Tensor(shape, floats))], name: name, scale: scale, zeroPoint: zeroPoint)
  }

  /// The same integers as `layer` gave the weights, and what else the layer's arithmetic needs.
  func integers(of name: String) -> (weights: [Int], biases: [Int], scales: [Float]) {
    guard let node = graph.nodes.first(where: { $0.name == name }), let floats = graph.constant(node.inputs[1])?.floats,
      let layer = plan.layers[name]
    else { return ([], [], []) }
    let depth = floats.count / layer.weightScales.count
    let weights = floats.enumerated().map { Int((Double($1) / Double(layer.weightScales[$0 / depth])).rounded(.toNearestOrEven)) }
    return (weights, layer.biases.map { Int($0) }, layer.weightScales)
  }

  mutating func lowered(
    output: ValueID, instructionSets: [InstructionSet] = [.portable], alignment: Int = 16
  ) throws(Failure) -> LoweredProgram {
    graph.outputs = [output]
    return try lower(graph, plan: plan, LoweringRequest(name: "tiny", instructionSets: instructionSets, alignment: alignment))
  }

  /// Random int8 values, both ends among them.
  mutating func values(_ count: Int) -> [Int8] {
    var values = (0..<count).map { _ in Int8.random(in: -128...127, using: &random) }
    if count > 1 { (values[0], values[1]) = (-128, 127) }
    return values
  }
}

/// `clamp(roundHalfEven(float32(accumulator) · multiplier) + zeroPoint)`: the product is rounded to float32 by Swift, the sum in Double.
func requantized(_ accumulator: Int, _ multiplier: Float, zeroPoint: Int, _ bounds: ClosedRange<Int> = -128...127) -> Int8 {
  let product = Double(Float(accumulator) * multiplier)
  let rounded = Int(product.rounded(.toNearestOrEven)) + zeroPoint
  return Int8(max(bounds.lowerBound, min(bounds.upperBound, rounded)))
}
