import Diagnostics
import ModelGraph

/// Softmax-1 to 13. Since opset 13 it works along one axis (−1 by default), before along all axes from `axis` on (1 by default), as
/// if they were one. Ours works along the last axis; others are brought there and back.
func importSoftmax(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let shape = importer.shape(of: input)
  let axis = try node.normalized(node.integer("axis", default: node.opset < 13 ? 1 : -1), rank: shape.count)
  guard axis > 0 else { throw node.unsupported("works along the batch axis") }
  let softmax = Operator.softmax(Softmax())
  guard axis < shape.count - 1 else { return try importer.appendResult(softmax, [input], for: node) }
  guard node.opset >= 13 else {
    let flat = Reshape(shape: shape[..<axis] + [shape[axis...].reduce(1, *)])
    let rows = try importer.append(.reshape(flat), [input], for: node, step: "to-rows")
    let result = try importer.append(softmax, [rows], for: node)
    return .activation(
      try importer.append(.reshape(Reshape(shape: shape)), [result], for: node, step: "from-rows", output: node.outputNames.first))
  }
  // Swapping two axes is its own inverse.
  var permutation = Array(shape.indices)
  permutation.swapAt(axis, shape.count - 1)
  let swap = Operator.transpose(Transpose(permutation: permutation))
  let rows = try importer.append(swap, [input], for: node, step: "to-last-axis")
  let result = try importer.append(softmax, [rows], for: node)
  return .activation(try importer.append(swap, [result], for: node, step: "from-last-axis", output: node.outputNames.first))
}
