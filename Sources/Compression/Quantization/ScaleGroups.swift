import ModelGraph

/// Which values must share one scale because an operator only moves or compares their elements, and which scales are fixed from outside.
struct ScaleGroups {
  private var parents: [Int]

  init(_ graph: Graph) {
    parents = Array(graph.values.indices)
    for node in graph.nodes {
      switch node.operation {
      case .reshape, .transpose, .padding: unite(node.inputs[0], node.output)
      case .pooling(let pooling): if pooling.kind == .maximum { unite(node.inputs[0], node.output) }
      case .concatenation: for input in node.inputs { unite(input, node.output) }
      case .convolution, .gemm, .batchNormalization, .elementwiseUnary, .elementwiseBinary, .softmax: break
      }
    }
  }

  /// The group's representative.
  func root(_ value: ValueID) -> Int {
    var index = value.index
    while parents[index] != index { index = parents[index] }
    return index
  }

  private mutating func unite(_ a: ValueID, _ b: ValueID) {
    let (rootA, rootB) = (root(a), root(b))
    parents[max(rootA, rootB)] = min(rootA, rootB)
  }
}

/// The scale that an operator's result always has, whatever the data.
func fixedQuantization(of operation: Operator) -> AffineQuantization? {
  switch operation {
  case .softmax: return Softmax.outputQuantization
  case .elementwiseUnary(let unary):
    switch unary.kind {
    case .sigmoid, .hardSigmoid: return Softmax.outputQuantization
    case .hyperbolicTangent: return AffineQuantization(scale: 1 / 128, zeroPoint: 0)
    case .clip, .leakyRelu, .hardSwish: return nil
    }
  case .convolution, .gemm, .batchNormalization, .pooling, .elementwiseBinary, .concatenation, .padding, .reshape, .transpose: return nil
  }
}

/// The scale under which stored 8-bit data are the program's input as they are, if there is one.
func storedQuantization(_ elementType: ElementType, scale: Double, offset: Double) -> AffineQuantization? {
  let shift: Double
  switch elementType {
  case .int8: shift = 0
  case .uint8: shift = -128
  case .float32, .float64, .int16, .uint16, .int32, .int64, .bool: return nil
  }
  guard scale > 0, scale.isFinite, offset.isFinite else { return nil }
  let zeroPoint = -offset / scale + shift
  guard abs(zeroPoint - zeroPoint.rounded()) < 1e-6, (-128...127).contains(zeroPoint.rounded()) else { return nil }
  return AffineQuantization(scale: Float(scale), zeroPoint: Int(zeroPoint.rounded()))
}
