import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  /// Sums and differences of two activations, integers only (docs/numeric-contract.md §4).
  mutating func lower(_ operation: ElementwiseBinary, _ node: Node) throws(Failure) {
    guard operation.kind != .multiply else {
      throw unsupported(node, "it multiplies two tensors of the network; one of them must be a constant")
    }
    guard graph.type(of: node.inputs[0]).shape == graph.type(of: node.inputs[1]).shape else {
      throw unsupported(node, "its operands have different shapes")
    }
    let inputs = [try buffer(of: node.inputs[0]), try buffer(of: node.inputs[1])]
    let (a, b) = (try quantization(of: node.inputs[0]), try quantization(of: node.inputs[1]))
    let result = try quantization(of: node.output)
    let factorA = Double(a.scale) / Double(result.scale)
    let factorB = Double(b.scale) / Double(result.scale) * (operation.kind == .subtract ? -1 : 1)
    // The larger factor gets 15 bits: 2^14 ≤ |multiplier| < 2^15. Rounding may reach 2^15, then one bit less is used.
    var shift = 14 - Int(max(factorA, abs(factorB)).exponent)
    if (max(factorA, abs(factorB)) * Double(sign: .plus, exponent: shift, significand: 1)).rounded() >= 0x1p15 { shift -= 1 }
    guard (1...30).contains(shift) else {
      throw Failure(.multiplierRange, "\(node.name) adds operands whose scales differ too much from its result's")
    }
    let unit = Double(sign: .plus, exponent: shift, significand: 1)
    let shape = AddShape(
      count: graph.type(of: node.output).count, zeroPointA: Int32(a.zeroPoint),
      multiplierA: Int32((factorA * unit).rounded(.toNearestOrEven)), zeroPointB: Int32(b.zeroPoint),
      multiplierB: Int32((factorB * unit).rounded(.toNearestOrEven)), shift: Int32(shift),
      output: outputRange(result, operation.activation), descending: false)
    let output = makeBuffer(for: node.output, firstStep: steps.count)
    appendStep(node, kind: .add(shape), inputs: inputs, output: output, overlaps: [shape.overlapDistance, shape.overlapDistance])
  }
}
