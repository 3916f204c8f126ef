extension Tensor {
  /// The same values under another shape of the same count.
  public func reshaped(to shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "a reshape keeps the number of values")
    var result = self
    result.shape = shape
    return result
  }

  /// The axes reordered: `result.shape[i] = shape[permutation[i]]`. Unlike the operator `Transpose`, axis 0 may move.
  public func transposed(by permutation: [Int]) -> Tensor {
    precondition(permutation.sorted() == Array(shape.indices), "a permutation names every axis once")
    let result = permutation.map { shape[$0] }
    switch storage {
    case .float32(let values): return Tensor(result, gathered(values, result, strides(permutation)))
    case .int64(let values): return Tensor(result, integers: gathered(values, result, strides(permutation)))
    }
  }

  /// The values spread over `target` as ONNX broadcasts: axes are aligned at the end, axes of size 1 repeat.
  /// Nil if the shapes do not fit.
  public func broadcast(to target: [Int]) -> Tensor? {
    guard shape.count <= target.count else { return nil }
    let padded = Array(repeating: 1, count: target.count - shape.count) + shape
    guard zip(padded, target).allSatisfy({ $0 == $1 || $0 == 1 }) else { return nil }
    let own = rowMajorStrides(padded)
    let steps = padded.indices.map { padded[$0] == 1 ? 0 : own[$0] }
    switch storage {
    case .float32(let values): return Tensor(target, gathered(values, target, steps))
    case .int64(let values): return Tensor(target, integers: gathered(values, target, steps))
    }
  }

  private func strides(_ permutation: [Int]) -> [Int] {
    let own = rowMajorStrides(shape)
    return permutation.map { own[$0] }
  }
}

/// How far apart neighbours along each axis lie in a dense row-major array, in elements.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}

/// Reads `values` in the row-major order of `shape`, where a step along axis `i` moves `strides[i]` elements.
private func gathered<Element>(_ values: [Element], _ shape: [Int], _ strides: [Int]) -> [Element] {
  let count = shape.reduce(1, *)
  guard count > 0 else { return [] }
  var result: [Element] = []
  result.reserveCapacity(count)
  var position = Array(repeating: 0, count: shape.count)
  var offset = 0
  for _ in 0..<count {
    result.append(values[offset])
    for axis in shape.indices.reversed() {
      position[axis] += 1
      offset += strides[axis]
      if position[axis] < shape[axis] { break }
      offset -= strides[axis] * shape[axis]
      position[axis] = 0
    }
  }
  return result
}
