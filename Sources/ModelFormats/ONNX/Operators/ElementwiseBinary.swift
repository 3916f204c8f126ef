import Diagnostics
import ModelGraph

/// Add-7 to 14 and Sub-7 to 14: of two equal shapes, or with a constant that broadcasts.
func importSum(_ node: ImportNode, isDifference: Bool, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  guard case .constant = node.operand(0) else {
    return try combine(isDifference ? .subtract : .add, node, activation: 0, other: 1, &importer)
  }
  guard isDifference else { return try combine(.add, node, activation: 1, other: 0, &importer) }
  // c − x = x · (−1) + c, exactly: the sign changes without rounding.
  let input = try node.activation(1)
  let minusOne = try importer.addConstant("\(node.name)/minus-one", Tensor([1], [-1]), for: node)
  let negated = try importer.append(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), [input, minusOne], for: node, step: "negated")
  let constant = try broadcastable(node, 0, over: negated, importer)
  return try importer.appendResult(
    .elementwiseBinary(ElementwiseBinary(kind: .add)), [negated, try importer.addConstant(node.inputName(0), constant, for: node)],
    for: node)
}

/// Mul-7 to 14.
func importProduct(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  if case .constant = node.operand(0) { return try combine(.multiply, node, activation: 1, other: 0, &importer) }
  return try combine(.multiply, node, activation: 0, other: 1, &importer)
}

/// Div-7 to 14 by a constant, as a product with its reciprocal: one more float rounding than the division.
func importQuotient(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  guard case .constant = node.operand(1) else { throw node.unsupported("divides by a tensor of the network; only constants are supported") }
  let input = try node.activation(0)
  let divisor = try broadcastable(node, 1, over: input, importer)
  let reciprocals = (divisor.floats ?? []).map { 1 / $0 }
  guard reciprocals.allSatisfy(\.isFinite) else { throw node.unsupported("divides by zero or by a number whose reciprocal is no float") }
  let factor = try importer.addConstant("\(node.name)/reciprocal", Tensor(divisor.shape, reciprocals), for: node)
  return try importer.appendResult(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), [input, factor], for: node)
}

private func combine(
  _ kind: ElementwiseBinary.Kind, _ node: ImportNode, activation: Int, other: Int, _ importer: inout GraphImporter
) throws(Failure) -> Operand {
  let input = try node.activation(activation)
  let operation = Operator.elementwiseBinary(ElementwiseBinary(kind: kind))
  if case .activation(let second) = node.operand(other) {
    let (a, b) = (importer.type(of: input), importer.type(of: second))
    guard a == b else {
      throw node.unsupported("combines \(a.description) and \(b.description); two tensors of the network must have one shape")
    }
    return try importer.appendResult(operation, [input, second], for: node)
  }
  let constant = try broadcastable(node, other, over: input, importer)
  return try importer.appendResult(operation, [input, importer.addConstant(node.inputName(other), constant, for: node)], for: node)
}

/// A constant operand that broadcasts over an input without changing the input's shape.
private func broadcastable(_ node: ImportNode, _ index: Int, over input: ValueID, _ importer: GraphImporter) throws(Failure) -> Tensor {
  let constant = try node.weights(index)
  let shape = importer.shape(of: input)
  let fits =
    constant.shape.count <= shape.count && zip(shape.suffix(constant.shape.count), constant.shape).allSatisfy { $0 == $1 || $1 == 1 }
  guard fits else {
    throw node.unsupported("combines \(importer.type(of: input).description) with a constant \(constant.shape), which changes its shape")
  }
  return constant
}
