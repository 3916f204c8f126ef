import Diagnostics
import ModelGraph

/// Tensors computed at import hold at most this many elements, or as many as their largest operand: shapes and small tables, never data
/// that a damaged file claims.
private let mostFoldedElements = 1 << 20

/// Elements of a result with `shape`; nil if they are more than its operands give reason for.
private func foldedCount(_ shape: [Int], from operands: Tensor...) -> Int? {
  guard let count = constantCount(shape) else { return nil }
  return count <= operands.map(\.count).reduce(mostFoldedElements, max) ? count : nil
}

/// Shape-1 to 23 of a tensor that the network computes: its type is known, so its shape is a constant (with batch 1).
func importShape(_ node: ImportNode, _ importer: GraphImporter) throws(Failure) -> Operand {
  .constant(try shapeTensor(node, of: importer.shape(of: node.activation())))
}

/// `shape[start ..< end]` as Shape-15 cuts it.
func shapeTensor(_ node: ImportNode, of shape: [Int]) throws(Failure) -> Tensor {
  let bound = { (value: Int) in min(max(value < 0 ? max(value, -shape.count) + shape.count : value, 0), shape.count) }
  let start = bound(try node.integer("start", default: 0))
  let end = bound(try node.integer("end", default: shape.count))
  let sizes = start < end ? shape[start..<end].map { Int64($0) } : []
  return Tensor([sizes.count], integers: sizes)
}

/// Constant-1 to 23 in its dense numeric forms.
func foldConstant(_ node: ImportNode) throws(Failure) -> Tensor {
  if let attribute = try node.attribute("value", .tensor) { return try node.decode(attribute.t) }
  if let attribute = try node.attribute("value_float", .float) { return Tensor([], [attribute.f]) }
  if let attribute = try node.attribute("value_floats", .floats) { return Tensor([attribute.floats.count], attribute.floats) }
  if let attribute = try node.attribute("value_int", .int) { return Tensor([], integers: [attribute.i]) }
  if let attribute = try node.attribute("value_ints", .ints) { return Tensor([attribute.ints.count], integers: attribute.ints) }
  throw node.unsupported("holds no dense numbers")
}

/// ConstantOfShape-9: a shape filled with one number, float 0 by default.
func foldConstantOfShape(_ node: ImportNode) throws(Failure) -> Tensor {
  let shape = try node.optionalIntegers(0) ?? []
  guard let count = foldedCount(shape) else { throw node.unsupported("fills a shape \(shape)") }
  guard let attribute = try node.attribute("value", .tensor) else { return Tensor(shape, Array(repeating: 0, count: count)) }
  let value = try node.decode(attribute.t)
  guard value.count == 1 else { throw node.invalid("fills a shape with \(value.count) numbers") }
  if let floats = value.floats { return Tensor(shape, Array(repeating: floats[0], count: count)) }
  return Tensor(shape, integers: Array(repeating: value.integers?[0] ?? 0, count: count))
}

/// The element type that a Cast asks for.
func castTarget(_ node: ImportNode) throws(Failure) -> (type: ONNXTensorProto.DataType, isFloat: Bool) {
  let number = try node.integer("to", default: 0)
  let type = ONNXTensorProto.DataType(rawValue: Int(Int32(truncatingIfNeeded: number))) ?? .undefined
  switch type {
  case .float, .float16, .double, .bfloat16: return (type, true)
  case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool: return (type, false)
  case .undefined, .string, .complex64, .complex128, .UNRECOGNIZED: throw node.unsupported("casts to \(type)")
  }
}

/// Cast-6 to 24 of a constant. Floats are truncated towards zero; those that no Int64 holds are refused.
func foldCast(_ node: ImportNode) throws(Failure) -> Tensor {
  let tensor = try node.constant(0)
  let target = try castTarget(node)
  switch tensor.storage {
  case .float32(let values):
    if target.isFloat { return tensor }
    if target.type == .bool { return Tensor(tensor.shape, integers: values.map { $0 != 0 ? 1 : 0 }) }
    let integers = values.map { Int64(exactly: $0.rounded(.towardZero)) }
    guard !integers.contains(nil) else { throw node.unsupported("casts a number that no integer holds") }
    return Tensor(tensor.shape, integers: integers.compactMap { $0 })
  case .int64(let values):
    if target.isFloat { return Tensor(tensor.shape, values.map { Float($0) }) }
    return target.type == .bool ? Tensor(tensor.shape, integers: values.map { $0 != 0 ? 1 : 0 }) : tensor
  }
}

/// Gather-1 to 13 of constants.
func foldGather(_ node: ImportNode) throws(Failure) -> Tensor {
  let data = try node.constant(0)
  let axis = try node.normalized(node.integer("axis", default: 0), rank: data.shape.count)
  let indices = try node.optionalIntegers(1) ?? []
  let size = data.shape[axis]
  guard indices.allSatisfy({ $0 >= -size && $0 < size }) else { throw node.invalid("takes elements \(indices) of \(size)") }
  let shape = Array(data.shape[..<axis]) + (try node.constant(1).shape) + Array(data.shape[(axis + 1)...])
  guard let count = foldedCount(shape, from: data) else { throw node.unsupported("takes a shape \(shape)") }
  let outer = data.shape[..<axis].reduce(1, *)
  let inner = data.shape[(axis + 1)...].reduce(1, *)
  var sources: [Int] = []
  sources.reserveCapacity(count)
  for row in 0..<outer {
    for index in indices {
      let start = (row * size + (index < 0 ? index + size : index)) * inner
      sources += start..<start + inner
    }
  }
  return data.picking(sources, shape: shape)
}

/// Slice-1 to 13 of constants; bounds are attributes before opset 10, operands since.
func foldSlice(_ node: ImportNode) throws(Failure) -> Tensor {
  let data = try node.constant(0)
  let isOperand = node.opset >= 10
  guard
    let starts = try isOperand ? node.optionalIntegers(1) : node.integers("starts"),
    let ends = try isOperand ? node.optionalIntegers(2) : node.integers("ends")
  else { throw node.invalid("has no bounds") }
  let axes = try (isOperand ? node.optionalIntegers(3) : node.integers("axes")) ?? Array(starts.indices)
  let steps = try (isOperand ? node.optionalIntegers(4) : nil) ?? Array(repeating: 1, count: starts.count)
  guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
    throw node.invalid("has unequal bounds")
  }
  _ = try node.normalized(axes, rank: data.shape.count)
  var ranges = data.shape.map { Array(0..<$0) }
  for (index, axis) in axes.enumerated() {
    let position = axis < 0 ? axis + data.shape.count : axis
    guard steps[index] != 0, steps[index] != Int.min else { throw node.invalid("has a step of \(steps[index])") }
    ranges[position] = slice(size: data.shape[position], start: starts[index], end: ends[index], step: steps[index])
  }
  var sources = [0]
  for (axis, range) in ranges.enumerated() {
    let size = data.shape[axis]
    sources = sources.flatMap { base in range.map { base * size + $0 } }
  }
  return data.picking(sources, shape: ranges.map(\.count))
}

/// The indices of one axis from `start` towards `end`, excluded; negative bounds count from the end, and all are clamped.
private func slice(size: Int, start: Int, end: Int, step: Int) -> [Int] {
  let fromEnd = { (bound: Int) in bound < 0 ? max(bound, -size - 1) + size : min(bound, size) }
  if step > 0 {
    return Array(stride(from: max(fromEnd(start), 0), to: max(fromEnd(end), 0), by: min(step, size + 1)))
  }
  return Array(stride(from: min(fromEnd(start), size - 1), to: max(fromEnd(end), -1), by: max(step, -size - 1)))
}

/// Add, Sub, Mul and Div of two constants that broadcast.
func foldArithmetic(_ kind: ONNXOperator, _ node: ImportNode) throws(Failure) -> Tensor {
  let (a, b) = (try node.constant(0), try node.constant(1))
  guard let shape = broadcastShape(a.shape, b.shape), foldedCount(shape, from: a, b) != nil else {
    throw node.invalid("combines \(a.type.description) and \(b.type.description)")
  }
  let (left, right) = (broadcastIndices(a.shape, to: shape), broadcastIndices(b.shape, to: shape))
  if let x = a.floats, let y = b.floats {
    return Tensor(shape, zip(left, right).map { arithmetic(kind, x[$0], y[$1]) })
  }
  guard let x = a.integers, let y = b.integers else { throw node.invalid("combines \(a.type.description) and \(b.type.description)") }
  let results = zip(left, right).map { arithmetic(kind, x[$0], y[$1]) }
  guard !results.contains(where: \.overflow) else { throw node.invalid("overflows, or divides by zero") }
  return Tensor(shape, integers: results.map(\.partialValue))
}

private func arithmetic(_ kind: ONNXOperator, _ x: Float, _ y: Float) -> Float {
  kind == .add ? x + y : kind == .sub ? x - y : kind == .mul ? x * y : x / y
}

private func arithmetic(_ kind: ONNXOperator, _ x: Int64, _ y: Int64) -> (partialValue: Int64, overflow: Bool) {
  kind == .add
    ? x.addingReportingOverflow(y)
    : kind == .sub
      ? x.subtractingReportingOverflow(y) : kind == .mul ? x.multipliedReportingOverflow(by: y) : x.dividedReportingOverflow(by: y)
}

private func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
  let rank = max(a.count, b.count)
  let (left, right) = (Array(repeating: 1, count: rank - a.count) + a, Array(repeating: 1, count: rank - b.count) + b)
  guard zip(left, right).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
  return zip(left, right).map { $0 == 1 ? $1 : $0 }
}

/// For each element of the broadcast shape, the element of the operand.
private func broadcastIndices(_ shape: [Int], to target: [Int]) -> [Int] {
  let padded = Array(repeating: 1, count: target.count - shape.count) + shape
  var indices = [0]
  for (axis, size) in target.enumerated() {
    let own = padded[axis]
    indices = indices.flatMap { base in (0..<size).map { base * own + (own == 1 ? 0 : $0) } }
  }
  return indices
}
