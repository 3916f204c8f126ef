import ModelGraph

extension Tensor {
  /// The same elements under another shape.
  /// - Precondition: the shape holds as many elements.
  init(reshaping tensor: Tensor, to shape: [Int]) {
    switch tensor.storage {
    case .float32(let values): self.init(shape, values)
    case .int64(let values): self.init(shape, integers: values)
    }
  }

  /// `result.shape[i] = shape[permutation[i]]`.
  /// - Precondition: a permutation of all axes.
  func transposed(by permutation: [Int]) -> Tensor {
    let newShape = permutation.map { shape[$0] }
    switch storage {
    case .float32(let values): return Tensor(newShape, reordered(values, shape, by: permutation))
    case .int64(let values): return Tensor(newShape, integers: reordered(values, shape, by: permutation))
    }
  }

  /// The elements at the given row-major indices.
  func picking(_ sources: [Int], shape: [Int]) -> Tensor {
    switch storage {
    case .float32(let values): Tensor(shape, sources.map { values[$0] })
    case .int64(let values): Tensor(shape, integers: sources.map { values[$0] })
    }
  }
}

/// Walks the result in order and keeps the source's index beside it.
private func reordered<Element>(_ values: [Element], _ shape: [Int], by permutation: [Int]) -> [Element] {
  guard !values.isEmpty else { return [] }
  var strides = Array(repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  let sizes = permutation.map { shape[$0] }
  let steps = permutation.map { strides[$0] }
  var position = Array(repeating: 0, count: sizes.count)
  var source = 0
  var result: [Element] = []
  result.reserveCapacity(values.count)
  while result.count < values.count {
    result.append(values[source])
    var axis = sizes.count - 1
    while axis >= 0 {
      position[axis] += 1
      source += steps[axis]
      if position[axis] < sizes[axis] { break }
      source -= steps[axis] * sizes[axis]
      position[axis] = 0
      axis -= 1
    }
  }
  return result
}
