import DeviceKernels
import Diagnostics
import Foundation
import ModelGraph

extension Softmax {
  /// Every probability fits: 0 is −128, and 255/256 is 127.
  public static let outputQuantization = AffineQuantization(scale: 1 / 256, zeroPoint: -128)
}

extension Lowering {
  mutating func lower(_ operation: Softmax, _ node: Node) throws(Failure) {
    guard try quantization(of: node.output) == Softmax.outputQuantization else {
      throw Failure(.planMismatch, "the plan gives the softmax \(node.name) another scale than 1/256")
    }
    let type = graph.type(of: node.output)
    let columns = type.shape.last ?? 1
    let table = exponentialTable(scale: try quantization(of: node.inputs[0]).scale, columns: columns)
    let input = try buffer(of: node.inputs[0])
    let output = makeBuffer(for: node.output, firstStep: steps.count)
    let shape = SoftmaxShape(rows: type.count / max(1, columns), columns: columns)
    appendStep(
      node, kind: .softmax(shape), inputs: [input], output: output, constants: sectionBytes(table), overlaps: [shape.overlapDistance])
  }
}

/// `exp(−i · scale)` for the 256 differences i, at the scale 2^min(23, 31 − ⌈log2(columns + 1)⌉) so that a row's sum fits 32 bits
/// (docs/numeric-contract.md §5).
func exponentialTable(scale: Float, columns: Int) -> [UInt32] {
  // ⌈log2(n + 1)⌉ is the number of binary digits of n.
  let digits = Int.bitWidth - columns.leadingZeroBitCount
  let unit = Double(sign: .plus, exponent: min(23, 31 - digits), significand: 1)
  return (0...255).map { UInt32((exp(-Double($0) * Double(scale)) * unit).rounded(.toNearestOrEven)) }
}
