import CIntrinsics

extension Portable {
  /// Copies a box of up to four axes: transposes, concatenations, slices, paddings.
  /// - Parameters:
  ///   - input: read at `Σ i · inputStrides`.
  ///   - output: written at `outputOffset + Σ i · outputStrides`. Must not overlap `input`.
  public static func stridedCopyInt8(_ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ shape: StridedCopyShape) {
    let target = output + shape.outputOffset
    for i in 0..<shape.extents.0 {
      for j in 0..<shape.extents.1 {
        for k in 0..<shape.extents.2 {
          let from = input + (i &* shape.inputStrides.0 &+ j &* shape.inputStrides.1 &+ k &* shape.inputStrides.2)
          let to = target + (i &* shape.outputStrides.0 &+ j &* shape.outputStrides.1 &+ k &* shape.outputStrides.2)
          copyLine(from, to, shape)
        }
      }
    }
  }

  /// Sets `count` bytes.
  public static func fillInt8(_ output: UnsafeMutablePointer<Int8>, count: Int, value: Int8) {
    var i = 0
    while i < count {
      output[i] = value
      i &+= 1
    }
  }

  /// The innermost axis: in chunks where both sides are contiguous.
  @inline(__always)
  private static func copyLine(_ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ shape: StridedCopyShape) {
    let count = shape.extents.3
    var i = 0
    if shape.inputStrides.3 == 1 && shape.outputStrides.3 == 1 {
      while i &+ Int(EDGEPACK_CHUNK) <= count {
        edgepack_copy_chunk(output + i, input + i)
        i &+= Int(EDGEPACK_CHUNK)
      }
    }
    while i < count {
      output[i &* shape.outputStrides.3] = input[i &* shape.inputStrides.3]
      i &+= 1
    }
  }
}
