import Foundation
import ModelFormats
import TestSupport

/// The operators that the importer knows, and some that it does not.
let operatorNames = [
  "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv", "Div", "Dropout", "Expand",
  "Flatten", "Gather", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "If", "LeakyRelu", "Loop",
  "LSTM",
  "MatMul", "MaxPool", "Mul", "Pad", "PRelu", "Range", "ReduceMax", "ReduceMean", "Relu", "Reshape", "Resize", "Shape", "Sigmoid", "Slice",
  "Softmax", "Squeeze", "Sub", "Tanh", "Tile", "Transpose", "Unsqueeze", "",
]

let attributeNames = [
  "strides", "pads", "dilations", "kernel_shape", "group", "axis", "axes", "perm", "auto_pad", "ceil_mode", "count_include_pad", "epsilon",
  "alpha", "beta", "transA", "transB", "min", "max", "to", "value", "value_ints", "value_float", "mode", "keepdims", "start", "end",
  "shape",
  "allowzero", "starts", "ends", "storage_order", "spatial", "training_mode",
]

extension ModelDamage {
  /// Puts nodes between a node and its operand that look harmless one by one.
  func insertNodes(_ graph: inout ONNXGraphProto, _ random: inout SeededGenerator) {
    let readers = graph.node.indices.filter { !graph.node[$0].input.isEmpty }
    guard let reader = readers.randomElement(using: &random), let source = graph.node[reader].input.first else { return }
    var builder = NodeInserter(source: source)
    switch self {
    case .growingChain:
      // Doubles the tensor again and again.
      for _ in 0..<random.pick([3, 20, 40, 70]) {
        let last = builder.result
        builder.append(random.pick(["Concat", "Concat", "Add"]), [last, last], axis: random.pick([0, 1, 2, 3, -1]))
      }
    case .hugeFill:
      let shape = (0..<random.pick([1, 2, 4])).map { _ in random.pick([1, 3, 1 << 10, 1 << 12, 1 << 23, 1 << 24, 1 << 40]) }
      builder.constant("fill.shape", shape, in: &graph)
      for copy in 0..<random.pick([1, 4, 30]) {
        builder.append("ConstantOfShape", ["fill.shape"])
        if random.oneIn(2) { builder.append(random.pick(["Transpose", "Cast", "Shape", "Flatten"]), [builder.result]) }
        if copy > 0 { builder.append(random.pick(["Add", "Mul", "Concat", "Gather"]), [builder.result, builder.results[0]], axis: 0) }
      }
      builder.append("Add", [source, builder.result])
    case .deepTransposes:
      for _ in 0..<random.pick([2, 30, 300]) {
        let rank = random.pick([2, 3, 4, 4, 4, 5, 9, 12])
        if random.oneIn(3) {
          builder.constant("shape.\(builder.results.count)", (0..<rank).map { _ in random.pick([1, 1, 2, -1, 0]) }, in: &graph)
          builder.append("Reshape", [builder.result, "shape.\(builder.results.count)"])
        } else {
          builder.append("Transpose", [builder.result], permutation: [0] + Array(1..<rank).shuffled(using: &random))
        }
      }
    default:
      builder.append(
        random.pick(operatorNames), [builder.result] + (graph.initializer.isEmpty ? [] : [random.pick(graph.initializer).name]))
    }
    graph.node.insert(contentsOf: builder.nodes, at: reader)
    let moved = graph.node.indices.contains(reader + builder.nodes.count) ? reader + builder.nodes.count : reader
    graph.node[moved].input[0] = builder.result
  }
}

/// Nodes that are made one behind the other.
private struct NodeInserter {
  var nodes: [ONNXNodeProto] = []
  var results: [String] = []
  let source: String

  init(source: String) { self.source = source }

  var result: String { results.last ?? source }

  mutating func append(_ kind: String, _ inputs: [String], axis: Int? = nil, permutation: [Int]? = nil) {
    var node = ONNXNodeProto()
    node.opType = kind
    node.name = "inserted.\(nodes.count)"
    node.input = inputs
    node.output = ["inserted.\(nodes.count).y"]
    if let axis {
      var attribute = ONNXAttributeProto()
      (attribute.name, attribute.type, attribute.i) = ("axis", .int, Int64(axis))
      node.attribute.append(attribute)
    }
    if let permutation {
      var attribute = ONNXAttributeProto()
      (attribute.name, attribute.type, attribute.ints) = ("perm", .ints, permutation.map(Int64.init))
      node.attribute.append(attribute)
    }
    nodes.append(node)
    results.append(node.output[0])
  }

  func constant(_ name: String, _ values: [Int], in graph: inout ONNXGraphProto) {
    var tensor = ONNXTensorProto()
    (tensor.name, tensor.dataType, tensor.dims, tensor.int64Data) = (name, .int64, [Int64(values.count)], values.map(Int64.init))
    graph.initializer.append(tensor)
  }
}
