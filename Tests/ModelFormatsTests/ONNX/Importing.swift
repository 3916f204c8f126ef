import Diagnostics
import ModelGraph
import TestSupport

@testable import ModelFormats

/// Imports a built model by way of a file, and checks the graph's invariants.
func imported(_ model: ONNXModelBuilder, shapes: [String: [Int]] = [:]) throws(Failure) -> ImportedModel {
  let folder = TemporaryFolder()
  let result = try ONNXImporter.load(path: model.write(to: folder), shapes: shapes)
  try result.graph.checkInvariants()
  return result
}

/// A model of one node over an input `x`, whose output is the model's.
func singleNode(
  _ kind: String, _ shape: [ONNXModelBuilder.Dimension] = ["N", 4, 6, 5], opset: Int = 17,
  attributes: KeyValuePairs<String, ONNXModelBuilder.Attribute> = [:], operands: (inout ONNXModelBuilder) -> [String] = { _ in [] }
) -> ONNXModelBuilder {
  var model = ONNXModelBuilder(opset: opset)
  let input = model.input("x", shape)
  let others = operands(&model)
  model.output(model.node(kind, [input] + others, attributes, name: "layer", outputs: ["y"]))
  return model
}

extension Graph {
  var outputType: TensorType { type(of: outputs[0]) }
  var operations: [Operator] { nodes.map(\.operation) }
  /// The operators without the transpositions and reshapes that surround channels-last ones.
  var layers: [Operator] {
    operations.filter {
      switch $0 {
      case .transpose, .reshape: false
      case .convolution, .gemm, .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding:
        true
      }
    }
  }
  func constant(named name: String) -> Tensor? { values.first { $0.name == name }?.constant }
}
