import Diagnostics
import ModelGraph

/// BatchNormalization-7 to 15 in inference form, over axis 1 of `[N, C]`, `[N, C, W]` or `[N, C, H, W]`.
func importBatchNormalization(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  try node.requireSingleOutput()
  guard try node.flag("spatial", default: true) else { throw node.unsupported("normalizes each element apart (`spatial` = 0)") }
  guard try !node.flag("training_mode", default: false) else {
    throw node.unsupported("is in training mode", hint: "export the model in evaluation mode")
  }
  let shape = importer.shape(of: input)
  guard (2...4).contains(shape.count) else { throw node.unsupported("works on \(importer.type(of: input).description)") }
  var constants: [ValueID] = []
  for index in 1...4 {
    let parameter = try node.weights(index)
    guard parameter.shape == [shape[1]] else {
      throw node.invalid("has a parameter \(node.inputName(index)) of shape \(parameter.shape) for \(shape[1]) channels")
    }
    constants.append(try importer.addConstant(node.inputName(index), parameter, for: node))
  }
  let epsilon = try node.finite("epsilon", default: 1e-5)
  guard try node.weights(4).floats?.allSatisfy({ $0 + epsilon > 0 }) ?? false else {
    throw node.invalid("has a variance \(node.inputName(4)) that is not positive, with `epsilon` \(epsilon)")
  }
  let operation = Operator.batchNormalization(BatchNormalization(epsilon: epsilon))
  guard shape.count > 2 else { return try importer.appendResult(operation, [input] + constants, for: node) }
  return .activation(try importer.appendChannelsLast(operation, input, constants, for: node))
}
