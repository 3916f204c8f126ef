import Diagnostics
import ModelGraph

/// Relu, Clip, LeakyRelu, PRelu with one slope, Sigmoid, Tanh, HardSigmoid, HardSwish.
func importElementwiseUnary(_ kind: ONNXOperator, _ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let function = try elementwiseKind(kind, node)
  return try importer.appendResult(.elementwiseUnary(ElementwiseUnary(kind: function)), [input], for: node)
}

private func elementwiseKind(_ kind: ONNXOperator, _ node: ImportNode) throws(Failure) -> ElementwiseUnary.Kind {
  if kind == .relu { return .clip(.relu) }
  if kind == .clip { return .clip(try clipBounds(node)) }
  if kind == .leakyRelu { return .leakyRelu(slope: try node.finite("alpha", default: 0.01)) }
  if kind == .sigmoid { return .sigmoid }
  if kind == .tanh { return .hyperbolicTangent }
  if kind == .hardSwish { return .hardSwish }
  if kind == .hardSigmoid {
    return .hardSigmoid(slope: try node.finite("alpha", default: 0.2), offset: try node.finite("beta", default: 0.5))
  }
  // PRelu: with the same slope everywhere it is a LeakyRelu.
  let slopes = try node.weights(1).floats ?? []
  guard let slope = slopes.first, slopes.allSatisfy({ $0 == slope }) else {
    throw node.unsupported("has a slope per channel; one slope is supported")
  }
  return .leakyRelu(slope: slope)
}

/// Attributes before opset 11, optional operands since.
private func clipBounds(_ node: ImportNode) throws(Failure) -> ActivationBounds {
  let bounds =
    if node.opset < 11 {
      ActivationBounds(
        minimum: try node.float("min", default: -.infinity), maximum: try node.float("max", default: .infinity))
    } else {
      ActivationBounds(minimum: try node.optionalScalar(1) ?? -.infinity, maximum: try node.optionalScalar(2) ?? .infinity)
    }
  guard bounds.minimum <= bounds.maximum else {
    throw node.unsupported("clips to at least \(bounds.minimum) and at most \(bounds.maximum)")
  }
  return bounds
}
