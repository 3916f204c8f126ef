import Diagnostics
import ModelGraph

/// Flatten-1 to 13, Reshape-5 to 19, Squeeze-1 to 13, Unsqueeze-1 to 13: other shapes for the same elements.
func importReshape(_ kind: ONNXOperator, _ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let shape = try newShape(kind, node, of: importer.shape(of: input))
  guard shape.first == 1 else {
    throw node.unsupported("turns \(importer.type(of: input).description) into \(shape); the batch must stay the first axis")
  }
  return try importer.appendResult(.reshape(Reshape(shape: shape)), [input], for: node)
}

func foldReshape(_ kind: ONNXOperator, _ node: ImportNode) throws(Failure) -> Tensor {
  let tensor = try node.constant(0)
  return tensor.reshaped(to: try newShape(kind, node, of: tensor.shape))
}

/// The shape that a node gives its operand; it has as many elements.
private func newShape(_ kind: ONNXOperator, _ node: ImportNode, of shape: [Int]) throws(Failure) -> [Int] {
  if kind == .reshape { return try reshaped(node, shape) }
  if kind == .flatten {
    let axis = try node.integer("axis", default: 1)
    guard axis >= -shape.count, axis <= shape.count else { throw node.invalid("has axis \(axis) for \(shape.count) axes") }
    let split = axis < 0 ? axis + shape.count : axis
    return [shape[..<split].reduce(1, *), shape[split...].reduce(1, *)]
  }
  // Axes are an attribute before opset 13, an operand since.
  let axes = node.opset < 13 ? try node.integers("axes") : try node.optionalIntegers(1)
  if kind == .squeeze {
    var removed = shape.indices.filter { shape[$0] == 1 }
    if let axes { removed = try node.normalized(axes, rank: shape.count) }
    guard removed.allSatisfy({ shape[$0] == 1 }) else { throw node.invalid("removes axes \(removed) of \(shape)") }
    return shape.indices.filter { !removed.contains($0) }.map { shape[$0] }
  }
  guard let axes else { throw node.invalid("names no axes") }
  var result = shape
  let inserted = try node.normalized(axes, rank: shape.count + axes.count)
  for axis in inserted { result.insert(1, at: axis) }
  return result
}

/// Reshape's rules: 0 copies the size at its place (unless `allowzero`), one −1 takes what is left.
private func reshaped(_ node: ImportNode, _ shape: [Int]) throws(Failure) -> [Int] {
  guard let requested = try node.optionalIntegers(1) else { throw node.invalid("names no shape") }
  let copiesZeros = try !node.flag("allowzero", default: false)
  var result: [Int] = []
  for (axis, size) in requested.enumerated() {
    guard size == 0, copiesZeros else {
      result.append(size)
      continue
    }
    guard shape.indices.contains(axis) else { throw node.invalid("copies axis \(axis) of \(shape)") }
    result.append(shape[axis])
  }
  let open = result.indices.filter { result[$0] == -1 }
  let count = shape.reduce(1, *)
  let mismatch = node.invalid("turns \(shape) into \(requested)")
  if let axis = open.first {
    result[axis] = 1
    guard open.count == 1, let known = constantCount(result), known > 0, count % known == 0 else { throw mismatch }
    result[axis] = count / known
  }
  guard constantCount(result) == count else { throw mismatch }
  return result
}

/// Identity, Dropout at inference, and Cast between floats change nothing.
func importPassThrough(_ kind: ONNXOperator, _ node: ImportNode) throws(Failure) -> Operand {
  let input = try node.activation()
  try node.requireSingleOutput()
  if kind == .dropout, node.opset >= 12, let mode = try node.optionalConstant(2), mode.integers?.contains(where: { $0 != 0 }) ?? true {
    throw node.unsupported("is in training mode", hint: "export the model in evaluation mode")
  }
  if kind == .cast {
    let target = try castTarget(node)
    guard target.isFloat else { throw node.unsupported("casts activations to \(target.type)") }
  }
  return .activation(input)
}
