import Diagnostics
import ModelGraph

/// Transpose-1 to 23; the batch stays first.
func importTranspose(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let permutation = try readPermutation(node, rank: importer.shape(of: input).count)
  guard permutation.first == 0 else { throw node.unsupported("reorders axes by \(permutation); the batch must stay the first axis") }
  return try importer.appendResult(.transpose(Transpose(permutation: permutation)), [input], for: node)
}

func foldTranspose(_ node: ImportNode) throws(Failure) -> Tensor {
  let tensor = try node.constant(0)
  return tensor.transposed(by: try readPermutation(node, rank: tensor.shape.count))
}

private func readPermutation(_ node: ImportNode, rank: Int) throws(Failure) -> [Int] {
  let permutation = try node.integers("perm") ?? (0..<rank).reversed()
  guard permutation.sorted() == Array(0..<rank) else { throw node.invalid("reorders \(rank) axes by \(permutation)") }
  return permutation
}
