import Diagnostics
import ModelGraph

/// Pad-2 to 25, mode `constant`. Pads and value are attributes before opset 11, operands since; axes are an operand since 18.
func importPadding(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let rank = importer.shape(of: input).count
  let mode = try node.string("mode", default: "constant")
  guard mode == "constant" else { throw node.unsupported("pads in mode `\(mode)`; `constant` is supported") }
  let isOperand = node.opset >= 11
  guard let pads = try isOperand ? node.optionalIntegers(1) : node.integers("pads") else { throw node.invalid("has no pads") }
  let value = try isOperand ? node.optionalScalar(2) ?? 0 : node.float("value", default: 0)
  guard value.isFinite else { throw node.unsupported("pads with \(value)") }
  var (before, after) = (Array(repeating: 0, count: rank), Array(repeating: 0, count: rank))
  let axes = try paddedAxes(node, rank: rank)
  guard pads.count == 2 * axes.count else { throw node.invalid("has \(pads.count) pads for \(axes.count) axes") }
  for (index, axis) in axes.enumerated() { (before[axis], after[axis]) = (pads[index], pads[axes.count + index]) }
  guard pads.allSatisfy({ (0...(1 << 20)).contains($0) }) else {
    throw node.unsupported("has pads \(pads); they must not be negative or huge")
  }
  guard before[0] == 0, after[0] == 0 else { throw node.unsupported("pads the batch") }
  return try importer.appendResult(.padding(Padding(before: before, after: after, value: value)), [input], for: node)
}

/// The axes that pads belong to, in the order of the pads.
private func paddedAxes(_ node: ImportNode, rank: Int) throws(Failure) -> [Int] {
  guard node.opset >= 18, let axes = try node.optionalIntegers(3) else { return Array(0..<rank) }
  _ = try node.normalized(axes, rank: rank)
  return axes.map { $0 < 0 ? $0 + rank : $0 }
}
