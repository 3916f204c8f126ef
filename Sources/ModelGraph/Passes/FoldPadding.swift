import Diagnostics

extension Pass {
  /// Lets the window behind a Pad do the padding.
  ///     Conv(Pad(x, zeros))          becomes   Conv(x) with larger pads
  ///     AveragePool(Pad(x, zeros))   becomes   AveragePool(x) with pads that count
  ///     MaxPool(Pad(x, v))           becomes   MaxPool(x) with pads, where v can never win: no element of x lies below it
  /// Spatial axes only. A pool whose windows would see nothing but padding is left alone.
  public static let foldPadding = Pass(
    "fold-padding", after: [.normalizeLayout, .fuseActivations],
    because: "spatial axes must be axes 1 and 2, and fused bounds tell that values are not negative", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for index in graph.nodes.indices {
    while let folded = graph.withPaddingFolded(graph.nodes[index]) {
      graph.nodes[index] = folded
      changes += 1
    }
  }
  graph.dropUnusedNodes()
  return changes
}

extension Graph {
  fileprivate func withPaddingFolded(_ node: Node) -> Node? {
    guard let operand = node.inputs.first, let pad = producer(of: operand), case .padding(let padding) = pad.operation,
      padding.before.count == 4, [0, 3].allSatisfy({ padding.before[$0] == 0 && padding.after[$0] == 0 })
    else { return nil }
    var result = node
    result.inputs[0] = pad.inputs[0]
    switch node.operation {
    case .convolution(var operation):
      guard padding.value == 0 else { return nil }
      operation.window.enlargePads(by: padding)
      result.operation = .convolution(operation)
    case .pooling(let operation):
      guard let folded = pooling(operation, over: pad, padding) else { return nil }
      result.operation = .pooling(folded)
    case .gemm, .batchNormalization, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding, .reshape, .transpose:
      return nil
    }
    return result
  }

  private func pooling(_ operation: Pooling, over pad: Node, _ padding: Padding) -> Pooling? {
    var result = operation
    result.window.enlargePads(by: padding)
    switch operation.kind {
    case .average(let countsPadding):
      guard padding.value == 0, countsPadding || !operation.window.isPadded else { return nil }
      result.kind = .average(countsPadding: true)
    case .maximum:
      guard padding.value <= lowerBound(of: pad.inputs[0]) else { return nil }
    }
    let (inside, padded) = (type(of: pad.inputs[0]).shape, type(of: pad.output).shape)
    guard let before = operation.window.outputSize(height: padded[1], width: padded[2]),
      let after = result.window.outputSize(height: inside[1], width: inside[2]), before == after,
      result.window.everyWindowTouches(height: inside[1], width: inside[2])
    else { return nil }
    return result
  }

  /// A number below which no element of the value lies, as far as the operators tell.
  private func lowerBound(of id: ValueID) -> Float {
    // Forwards over the nodes: a value that is read often, as in a chain of concatenations with itself, is looked at once.
    var bounds: [ValueID: Float] = [:]
    let known = { (id: ValueID, bounds: [ValueID: Float]) in bounds[id] ?? constant(id)?.floats?.min() ?? -.infinity }
    for node in nodes {
      bounds[node.output] = lowerBound(of: node, node.inputs.map { known($0, bounds) })
      if node.output == id { break }
    }
    return known(id, bounds)
  }

  private func lowerBound(of node: Node, _ operands: [Float]) -> Float {
    switch node.operation {
    case .convolution(let operation): return operation.activation.minimum
    case .gemm(let operation): return operation.activation.minimum
    case .elementwiseBinary(let operation): return operation.activation.minimum
    case .elementwiseUnary(let operation):
      switch operation.kind {
      case .clip(let bounds): return bounds.minimum
      case .sigmoid, .hardSigmoid: return 0
      case .hyperbolicTangent: return -1
      case .leakyRelu, .hardSwish: return -.infinity
      }
    case .softmax: return 0
    case .padding(let operation): return min(operation.value, operands[0])
    case .concatenation: return operands.min() ?? -.infinity
    case .pooling, .reshape, .transpose: return operands[0]
    case .batchNormalization: return -.infinity
    }
  }
}

extension Window2D {
  fileprivate mutating func enlargePads(by padding: Padding) {
    padTop += padding.before[1]
    padLeft += padding.before[2]
    padBottom += padding.after[1]
    padRight += padding.after[2]
  }

  /// At every position at least one element of the window lies on the input, not on padding.
  fileprivate func everyWindowTouches(height: Int, width: Int) -> Bool {
    guard let size = outputSize(height: height, width: width) else { return false }
    func touches(_ outputs: Int, _ length: Int, _ before: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Bool {
      (0..<outputs).allSatisfy { output in
        // The first tap that does not lie on the padding before the input.
        let first = output * stride - before
        let tap = first >= 0 ? 0 : (dilation - 1 - first) / dilation
        return tap < kernel && first + tap * dilation < length
      }
    }
    return touches(size.height, height, padTop, kernelHeight, strideY, dilationY)
      && touches(size.width, width, padLeft, kernelWidth, strideX, dilationX)
  }
}
