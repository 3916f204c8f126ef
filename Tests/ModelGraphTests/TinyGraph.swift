import Diagnostics

@testable import ModelGraph

extension Graph {
  /// Adds a node named after its operator and its place, so that tests read short.
  mutating func add(_ operation: Operator, _ operands: ValueID..., name: String? = nil) throws -> ValueID {
    try append(operation, operands, name: name ?? "\(operation.name)\(nodes.count)")
  }

  mutating func relu(_ x: ValueID) throws -> ValueID { try add(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), x) }
  mutating func toFirst(_ x: ValueID) throws -> ValueID { try add(.transpose(.toChannelsFirst), x) }
  mutating func toLast(_ x: ValueID) throws -> ValueID { try add(.transpose(.toChannelsLast), x) }
  mutating func reshape(_ x: ValueID, _ shape: [Int]) throws -> ValueID { try add(.reshape(Reshape(shape: shape)), x) }

  /// A dense layer whose weights are 1, 2, 3, …, without bias.
  mutating func dense(_ x: ValueID, _ outputs: Int) throws -> ValueID {
    let depth = type(of: x).shape[1]
    return try add(.gemm(Gemm()), x, addConstant("w", Tensor([outputs, depth], (1...outputs * depth).map(Float.init))), name: "dense")
  }

  /// A convolution whose weights are 1, 2, 3, …, without bias.
  mutating func convolution(
    _ x: ValueID, _ outputs: Int, _ window: Window2D = Window2D(kernel: (1, 1)), groups: Int = 1
  ) throws -> ValueID {
    let shape = [outputs, window.kernelHeight, window.kernelWidth, type(of: x).shape[3] / groups]
    let weights = addConstant("w", Tensor(shape, (1...shape.reduce(1, *)).map(Float.init)))
    return try add(.convolution(Convolution(window: window, groups: groups)), x, weights, name: "conv")
  }

  mutating func pass(_ pass: Pass) throws -> Int {
    let changes = try pass.run(&self)
    try checkInvariants()
    return changes
  }

  var operatorNames: [String] { nodes.map(\.operation.name) }

  /// The floats of a node's constant operand.
  func floats(_ node: String, _ operand: Int) -> [Float]? {
    nodes.first { $0.name == node }.flatMap { constant($0.inputs[operand])?.floats }
  }

  static func with(_ shape: [Int], _ build: (inout Graph, ValueID) throws -> ValueID) throws -> Graph {
    var graph = Graph(name: "tiny")
    let x = graph.addInput("x", TensorType(.float32, shape))
    graph.outputs = [try build(&graph, x)]
    return graph
  }
}
