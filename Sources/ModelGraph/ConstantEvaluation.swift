import Foundation

/// The result of an operator on constants, for what is known at pack time. Only data movement and element-wise operators are computed
/// here; layers with weights are left to the executors, and nil is returned for them.
func evaluate(_ operation: Operator, on operands: [Tensor], result type: TensorType) -> Tensor? {
  switch operation {
  case .convolution, .gemm, .batchNormalization, .pooling, .softmax: nil
  case .elementwiseUnary(let operation):
    operands[0].floats.map { Tensor(type.shape, $0.map(operation.kind.apply)) }
  case .elementwiseBinary(let operation): evaluate(operation, operands, type.shape)
  case .concatenation(let operation): concatenate(operands, axis: operation.axis, type.shape)
  case .padding(let operation): pad(operands[0], operation, type.shape)
  case .reshape: operands[0].reshaped(to: type.shape)
  case .transpose(let operation): operands[0].transposed(by: operation.permutation)
  }
}

extension ElementwiseUnary.Kind {
  /// The function itself, on one number. The definition that executors vectorise.
  public func apply(_ x: Float) -> Float {
    switch self {
    case .clip(let bounds): bounds.apply(x)
    case .leakyRelu(let slope): x < 0 ? slope * x : x
    case .sigmoid: 1 / (1 + exp(-x))
    case .hyperbolicTangent: tanh(x)
    case .hardSigmoid(let slope, let offset): min(max(slope * x + offset, 0), 1)
    case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
    }
  }
}

extension ElementwiseBinary.Kind {
  public func apply(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    }
  }
}

private func evaluate(_ operation: ElementwiseBinary, _ operands: [Tensor], _ shape: [Int]) -> Tensor? {
  guard let a = operands[0].floats, let b = operands[1].broadcast(to: shape)?.floats else { return nil }
  return Tensor(shape, zip(a, b).map { operation.activation.apply(operation.kind.apply($0, $1)) })
}

private func concatenate(_ operands: [Tensor], axis: Int, _ shape: [Int]) -> Tensor? {
  let outer = shape[..<axis].reduce(1, *)
  let parts = operands.compactMap(\.floats)
  guard parts.count == operands.count else { return nil }
  var result: [Float] = []
  for block in 0..<outer {
    for part in parts {
      let length = part.count / max(1, outer)
      result += part[block * length..<(block + 1) * length]
    }
  }
  return Tensor(shape, result)
}

private func pad(_ operand: Tensor, _ operation: Padding, _ shape: [Int]) -> Tensor? {
  guard let values = operand.floats else { return nil }
  var result = Array(repeating: operation.value, count: shape.reduce(1, *))
  let (from, to) = (rowMajorStrides(operand.shape), rowMajorStrides(shape))
  for (index, value) in values.enumerated() {
    var target = 0
    for axis in shape.indices { target += (index / from[axis] % operand.shape[axis] + operation.before[axis]) * to[axis] }
    result[target] = value
  }
  return Tensor(shape, result)
}
