import DeviceKernels
import Diagnostics
import Foundation
import ModelGraph

extension Lowering {
  /// Any function of one int8 value is a table of 256 entries.
  mutating func lower(_ operation: ElementwiseUnary, _ node: Node) throws(Failure) {
    let (operand, value) = (node.inputs[0], node.output)
    let source = try buffer(of: operand)
    let table = lookupTable(from: try quantization(of: operand), to: try quantization(of: value), operation.kind.function)
    appendLookup(node.name, table, from: source, to: makeBuffer(for: value, firstStep: steps.count))
  }

  /// The buffer of `operand` at the scale that the plan gives `value`: its own where the scales agree, else through a table step.
  mutating func sameScale(_ operand: ValueID, as value: ValueID) throws(Failure) -> BufferID {
    let source = try buffer(of: operand)
    let (from, to) = (try quantization(of: operand), try quantization(of: value))
    guard from != to else { return source }
    let name = "\(graph[value].name)/requantize"
    let output = makeBuffer(name, bytes: graph.type(of: operand).count, firstStep: steps.count)
    appendLookup(name, lookupTable(from: from, to: to) { $0 }, from: source, to: output)
    return output
  }

  private mutating func appendLookup(_ name: String, _ table: [Int8], from source: BufferID, to output: BufferID) {
    let count = buffers[output.index].bytes
    appendStep(
      name, kind: .lookup(count: count), inputs: [source], output: output, constants: sectionBytes(table),
      overlaps: [.elementwiseAscending(count: count)])
  }
}

/// 256 entries, indexed by `stored + 128`, computed in float64.
func lookupTable(from: AffineQuantization, to: AffineQuantization, _ function: (Double) -> Double) -> [Int8] {
  (-128...127).map { Int8(to.quantize(function(from.dequantize($0)))) }
}

extension ElementwiseUnary.Kind {
  /// The function in float64.
  public var function: @Sendable (Double) -> Double {
    switch self {
    case .clip(let bounds): { max(Double(bounds.minimum), min(Double(bounds.maximum), $0)) }
    case .leakyRelu(let slope): { $0 < 0 ? Double(slope) * $0 : $0 }
    case .sigmoid: { 1 / (1 + exp(-$0)) }
    case .hyperbolicTangent: { tanh($0) }
    case .hardSigmoid(let slope, let offset): { max(0, min(1, Double(slope) * $0 + Double(offset))) }
    case .hardSwish: { $0 * max(0, min(1, $0 / 6 + 0.5)) }
    }
  }
}
