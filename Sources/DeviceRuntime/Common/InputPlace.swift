/// Where one element of a sample lies in the input tensor. Elements come in the order of a file: the last axis fastest.
struct InputPlace {
  private var counters = Network.InputAxes(repeating: 0)
  /// In bytes from the tensor's start.
  private(set) var offset = 0

  /// Moves to the next element; behind the last one, back to the first.
  @inline(__always)
  mutating func advance() {
    var axis = counters.count - 1
    while axis >= 0 {
      counters[axis] &+= 1
      offset &+= Network.inputStrides[axis]
      if counters[axis] < Network.inputExtents[axis] { return }
      offset &-= counters[axis] &* Network.inputStrides[axis]
      counters[axis] = 0
      axis -= 1
    }
  }
}
