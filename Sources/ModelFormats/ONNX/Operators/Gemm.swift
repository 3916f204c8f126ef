import Diagnostics
import ModelGraph

/// Gemm-7 to 13: `alpha · A · B + beta · C` with constant B and C. Becomes a dense layer with weights `[O, K]`; the factors are
/// multiplied into the constants.
func importGemm(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  guard importer.shape(of: input).count == 2 else { throw node.invalid("takes a matrix, got \(importer.type(of: input).description)") }
  guard try !node.flag("transA", default: false) else {
    throw node.unsupported("transposes its input (`transA`), which would move the batch")
  }
  let (alpha, beta) = (try node.finite("alpha", default: 1), try node.finite("beta", default: 1))
  let stored = try node.weights(1)
  guard stored.shape.count == 2 else { throw node.invalid("has weights \(stored.type.description), not a matrix") }
  let weights = try node.flag("transB", default: false) ? stored : stored.transposed(by: [1, 0])
  try requireMatch(node, weights, columns: importer.shape(of: input)[1])
  var operands = [input, try importer.addConstant(node.inputName(1), try weights.scaled(by: alpha, for: node), for: node)]
  if node.has(2) {
    let outputs = weights.shape[0]
    let bias = try node.weights(2)
    // C broadcasts over the rows (the batch): a vector, a row or a single number.
    guard let values = bias.floats, bias.shape.count <= 2, bias.shape.dropLast().allSatisfy({ $0 == 1 }),
      [1, outputs].contains(values.count)
    else { throw node.unsupported("adds \(bias.type.description) to rows of \(outputs)") }
    let row = values.count == outputs ? values : Array(repeating: values[0], count: outputs)
    operands.append(try importer.addConstant(node.inputName(2), try Tensor([outputs], row).scaled(by: beta, for: node), for: node))
  }
  return try importer.appendResult(.gemm(Gemm()), operands, for: node)
}

/// MatMul-1 to 13 of `[N, …, K]` and a constant `[K, O]`.
func importMatMul(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  if case .constant = node.operand(0) { throw node.unsupported("has its constant on the left; only `x · constant` is supported") }
  let input = try node.activation()
  if case .activation = node.operand(1) { throw node.unsupported("multiplies two tensors of the network; one must be a constant matrix") }
  let stored = try node.weights(1)
  guard importer.shape(of: input).count >= 2, stored.shape.count == 2 else {
    throw node.unsupported(
      "multiplies \(importer.type(of: input).description) by \(stored.type.description); supported is a constant matrix")
  }
  let weights = stored.transposed(by: [1, 0])
  try requireMatch(node, weights, columns: importer.shape(of: input).last ?? 0)
  return try importer.appendResult(.gemm(Gemm()), [input, importer.addConstant(node.inputName(1), weights, for: node)], for: node)
}

private func requireMatch(_ node: ImportNode, _ weights: Tensor, columns: Int) throws(Failure) {
  guard weights.shape[1] == columns else { throw node.invalid("multiplies rows of \(columns) by a matrix for rows of \(weights.shape[1])") }
}

extension Tensor {
  /// Every number multiplied by a factor of the node.
  /// - Throws: `not-finite` if a product is too large for a float.
  fileprivate func scaled(by factor: Float, for node: ImportNode) throws(Failure) -> Tensor {
    guard factor != 1, let floats else { return self }
    let products = floats.map { $0 * factor }
    guard NonFiniteCount(products) == nil else {
      throw Failure(.notFinite, "weights of \(node.name) times \(factor) are too large for a float", at: node.location)
    }
    return Tensor(shape, products)
  }
}
