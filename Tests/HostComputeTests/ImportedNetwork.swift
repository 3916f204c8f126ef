import Diagnostics
import ModelGraph
import TestSupport

@testable import HostCompute

/// Builds graphs as the ONNX importer leaves them: channels-first between the operators, each channels-last operator between two
/// transpositions, one-dimensional data reshaped to images of height 1 around it.
struct ImportedNetwork {
  var graph: Graph
  var random: SeededGenerator
  private var count = 0

  init(_ name: String, seed: UInt64) {
    graph = Graph(name: name)
    random = SeededGenerator(seed: seed)
  }

  func shape(_ id: ValueID) -> [Int] { graph.type(of: id).shape }

  mutating func name(_ base: String) -> String {
    count += 1
    return "\(base)\(count)"
  }

  mutating func constant(_ shape: [Int], _ range: ClosedRange<Float> = -1...1) -> ValueID {
    let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &random) }
    return graph.addConstant(name("constant"), Tensor(shape, values))
  }

  mutating func append(_ operation: Operator, _ operands: [ValueID]) throws -> ValueID {
    try graph.append(operation, operands, name: name(operation.name))
  }

  /// A channels-last operator on `[1, C, H, W]` or `[1, C, W]`.
  mutating func channelsLast(_ operation: Operator, _ x: ValueID, _ parameters: [ValueID]) throws -> ValueID {
    let shape = shape(x)
    let isLine = shape.count == 3
    let image = isLine ? try append(.reshape(Reshape(shape: [1, shape[1], 1, shape[2]])), [x]) : x
    let last = try append(.transpose(.toChannelsLast), [image])
    let result = try append(operation, [last] + parameters)
    let first = try append(.transpose(.toChannelsFirst), [result])
    let size = self.shape(first)
    return isLine ? try append(.reshape(Reshape(shape: [1, size[1], size[3]])), [first]) : first
  }

  /// Keeps height and width if the stride is 1 and the kernel is odd.
  mutating func convolution(
    _ x: ValueID, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1, bias: Bool = true
  ) throws -> ValueID {
    let isLine = shape(x).count == 3
    let (kernelHeight, padding) = (isLine ? 1 : kernel, kernel / 2)
    let window = Window2D(
      kernel: (kernelHeight, kernel), stride: (isLine ? 1 : stride, stride),
      pads: (isLine ? 0 : padding, padding, isLine ? 0 : padding, padding))
    let weights = constant([outputs, kernelHeight, kernel, shape(x)[1] / groups])
    return try channelsLast(
      .convolution(Convolution(window: window, groups: groups)), x, bias ? [weights, constant([outputs])] : [weights])
  }

  mutating func batchNormalization(_ x: ValueID) throws -> ValueID {
    let channels = [shape(x)[1]]
    let parameters = [constant(channels), constant(channels), constant(channels), constant(channels, 0.5...2)]
    return try channelsLast(.batchNormalization(BatchNormalization(epsilon: 1e-5)), x, parameters)
  }

  mutating func pooling(_ x: ValueID, _ kind: Pooling.Kind, kernel: Int, stride: Int) throws -> ValueID {
    let isLine = shape(x).count == 3
    let window = Window2D(kernel: (isLine ? 1 : kernel, kernel), stride: (isLine ? 1 : stride, stride))
    return try channelsLast(.pooling(Pooling(kind: kind, window: window)), x, [])
  }

  mutating func globalAveragePooling(_ x: ValueID) throws -> ValueID {
    let shape = shape(x)
    let window = Window2D(kernel: shape.count == 3 ? (1, shape[2]) : (shape[2], shape[3]))
    return try channelsLast(.pooling(Pooling(kind: .average(countsPadding: false), window: window)), x, [])
  }

  mutating func unary(_ kind: ElementwiseUnary.Kind, _ x: ValueID) throws -> ValueID {
    try append(.elementwiseUnary(ElementwiseUnary(kind: kind)), [x])
  }

  mutating func relu(_ x: ValueID) throws -> ValueID { try unary(.clip(.relu), x) }

  mutating func binary(_ kind: ElementwiseBinary.Kind, _ a: ValueID, _ b: ValueID) throws -> ValueID {
    try append(.elementwiseBinary(ElementwiseBinary(kind: kind)), [a, b])
  }

  mutating func flatten(_ x: ValueID) throws -> ValueID {
    try append(.reshape(Reshape(shape: [1, shape(x).reduce(1, *)])), [x])
  }

  mutating func dense(_ x: ValueID, _ outputs: Int, bias: Bool = true) throws -> ValueID {
    let weights = constant([outputs, shape(x)[1]])
    return try append(.gemm(Gemm()), bias ? [x, weights, constant([outputs])] : [x, weights])
  }

  /// The graph before and after `Pipeline.simplify`, with what both compute for the same random batch.
  mutating func simplified() throws -> (graph: Graph, before: [Tensor], after: [Tensor]) {
    var simple = graph
    _ = try Pipeline.simplify.run(&simple)
    let inputs = graph.inputs.map { id in
      let shape = [3] + self.shape(id).dropFirst()
      return Tensor(shape, random.floats(shape.reduce(1, *)))
    }
    return (simple, try FloatExecutor(graph).run(inputs), try FloatExecutor(simple).run(inputs))
  }
}

extension Graph {
  /// The operators in execution order, as reports name them.
  var operatorNames: [String] { nodes.map(\.operation.name) }

  /// Transpositions that neither move a graph input nor an output.
  var innerTranspositions: [Node] {
    nodes.filter { node in
      guard case .transpose = node.operation else { return false }
      return !movesInput(node.inputs[0]) && !movesOutput(node.output)
    }
  }

  private func movesInput(_ id: ValueID) -> Bool {
    guard let node = producer(of: id) else { return inputs.contains(id) }
    return ["Reshape", "Transpose"].contains(node.operation.name) && movesInput(node.inputs[0])
  }

  private func movesOutput(_ id: ValueID) -> Bool {
    let readers = nodes.filter { $0.inputs.contains(id) }
    return readers.isEmpty || readers.allSatisfy { ["Reshape", "Transpose"].contains($0.operation.name) && movesOutput($0.output) }
  }
}
