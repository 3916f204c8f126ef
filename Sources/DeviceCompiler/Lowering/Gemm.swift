import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  mutating func lower(_ operation: Gemm, _ node: Node) throws(Failure) {
    let input = graph.type(of: node.inputs[0])
    if staysFloat(node) {
      let depth = input.shape[input.rank - 1]
      try appendFloatLayer(
        node, .pointwise(rows: input.count / depth, depth: depth, columns: graph.type(of: node.output).count * depth / input.count),
        operation.activation)
      return
    }
    let variant = KernelVariant.best(.matmul, for: request.instructionSets)
    let quantized = try quantizedWeights(node, inputOffset: variant.inputOffset)
    let shape = MatmulShape(
      rows: input.count / quantized.depth, depth: quantized.depth, columns: quantized.channels,
      output: outputRange(try quantization(of: node.output), operation.activation), descending: false)
    let inputBuffer = try buffer(of: node.inputs[0])
    appendMatmul(node, shape, variant, quantized, input: inputBuffer, output: makeBuffer(for: node.output, firstStep: steps.count))
  }
}
