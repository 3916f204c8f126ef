import Diagnostics
import ModelGraph

/// Concat-4 to 13 of tensors that the network computes, along any axis but the batch.
func importConcatenation(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  var inputs: [ValueID] = []
  for index in node.operands.indices {
    guard case .activation(let id) = node.operand(index) else {
      throw node.unsupported("joins the constant \(node.inputName(index)) to tensors of the network")
    }
    inputs.append(id)
  }
  let rank = importer.shape(of: inputs[0]).count
  let axis = try node.normalized(node.integer("axis", default: 1), rank: rank)
  guard axis > 0 else { throw node.unsupported("joins along the batch axis") }
  return try importer.appendResult(.concatenation(Concatenation(axis: axis)), inputs, for: node)
}

func foldConcatenation(_ node: ImportNode) throws(Failure) -> Tensor {
  let first = try node.constant(0)
  let axis = try node.normalized(node.integer("axis", default: 1), rank: first.shape.count)
  var parts: [Tensor] = []
  var shape = first.shape
  shape[axis] = 0
  for index in node.operands.indices {
    let part = try node.constant(index)
    let fits = part.shape.count == shape.count && shape.indices.allSatisfy { $0 == axis || shape[$0] == part.shape[$0] }
    guard fits, (part.floats == nil) == (first.floats == nil) else {
      throw node.invalid("joins \(first.type.description) and \(part.type.description) along axis \(axis)")
    }
    guard let size = (CheckedInt(shape[axis]) + CheckedInt(part.shape[axis])).value else { throw node.invalid("joins too much") }
    shape[axis] = size
    parts.append(part)
  }
  guard constantCount(shape) != nil else { throw node.unsupported("makes a constant \(shape)") }
  let outer = shape[..<axis].reduce(1, *)
  let inner = shape[(axis + 1)...].reduce(1, *)
  func joined<Element>(_ values: [[Element]]) -> [Element] {
    var result: [Element] = []
    for row in 0..<outer {
      for (part, elements) in zip(parts, values) {
        let length = part.shape[axis] * inner
        result += elements[row * length..<(row + 1) * length]
      }
    }
    return result
  }
  return first.floats != nil
    ? Tensor(shape, joined(parts.map { $0.floats ?? [] })) : Tensor(shape, integers: joined(parts.map { $0.integers ?? [] }))
}
