import DeviceCompiler
import DeviceKernels
import HostTwin
import ModelGraph

/// Compiled by the first test that wants them.
enum TestKernels {
  private static let loading = Task { try await HostKernels.load(threads: 2) }
  static func load() async throws -> HostKernels { try await loading.value }
}

/// A graph and its plan, built together: each value is given its quantization where it is made.
struct PlannedGraph {
  var graph = Graph(name: "test")
  var plan = Plan(model: "")

  mutating func input(_ shape: [Int], _ quantization: AffineQuantization) -> ValueID {
    plan.activations["x"] = quantization
    return graph.addInput("x", TensorType(.float32, shape))
  }

  mutating func append(_ operation: Operator, _ operands: ValueID..., at quantization: AffineQuantization) throws -> ValueID {
    try append(operation, operands: operands, at: quantization)
  }

  mutating func append(_ operation: Operator, operands: [ValueID], at quantization: AffineQuantization) throws -> ValueID {
    let name = "\(operation.name) \(graph.nodes.count)"
    plan.activations[name] = quantization
    return try graph.append(operation, operands, name: name)
  }

  /// A layer with weights, an `[O, …]` constant, at one scale for all channels.
  mutating func append(
    _ operation: Operator, _ operand: ValueID, weights: Tensor, scale: Float, biases: [Int32], at quantization: AffineQuantization
  ) throws -> ValueID {
    let constant = graph.addConstant("weights \(graph.nodes.count)", weights)
    let value = try append(operation, operand, constant, at: quantization)
    plan.layers[graph[value].name] = LayerPlan(
      weightBits: 8, weightScales: Array(repeating: scale, count: weights.shape[0]), biases: biases)
    return value
  }

  /// Every second layer keeps its weights in float32.
  mutating func keepEverySecondLayerFloat() {
    let layers = graph.nodes.map(\.name).filter { plan.layers[$0] != nil }
    for (index, name) in layers.enumerated() where index % 2 == 0 { plan.layers[name]?.weightBits = 32 }
  }

  /// - Parameter threads: with more than one, every step is split that can be.
  func lowered(
    _ output: ValueID, for sets: [InstructionSet] = [], weightLimit: Int? = nil, threads: Int = 1
  ) throws -> LoweredProgram {
    var graph = graph
    graph.outputs = [output]
    try graph.checkInvariants()
    return try lower(
      graph, plan: plan,
      LoweringRequest(name: "test", instructionSets: sets, weightLimit: weightLimit, threads: threads, leastPartWork: 1))
  }
}

extension LoweredProgram {
  /// The same steps with every buffer in bytes of its own.
  var withoutOverlaps: LoweredProgram {
    var program = self
    var end = 0
    for (index, buffer) in buffers.enumerated() {
      program.arena.offsets[index] = end
      end += (buffer.bytes + 15) / 16 * 16
    }
    program.arena.bytes = end
    return program
  }
}
