import ModelGraph

extension Tensor {
  /// The elements at the given row-major indices.
  func picking(_ sources: [Int], shape: [Int]) -> Tensor {
    switch storage {
    case .float32(let values): Tensor(shape, sources.map { values[$0] })
    case .int64(let values): Tensor(shape, integers: sources.map { values[$0] })
    }
  }
}
