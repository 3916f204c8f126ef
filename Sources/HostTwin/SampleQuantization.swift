import DeviceCompiler
import DeviceKernels
import ModelGraph

extension ProgramInput {
  /// The int8 tensor of the first step for one stored sample, exactly as the packed program makes it from the same bytes.
  /// - Parameter bytes: the sample's elements, little-endian, in the order of `shape`.
  public func quantized(_ bytes: [UInt8]) -> [Int8] {
    let axes = Array(shape.dropFirst())
    let count = axes.reduce(1, *)
    precondition(bytes.count == count * elementType.bytes, "a sample has as many elements as the input's shape")
    var result = [Int8](repeating: Int8(quantization.zeroPoint), count: count)
    bytes.withUnsafeBytes { bytes in
      var position = 0
      var index = Array(repeating: 0, count: axes.count)
      for element in 0..<count {
        result[position] = quantizedElement(bytes, element)
        // Step to the next index, the last axis fastest.
        for axis in axes.indices.reversed() {
          index[axis] += 1
          position += bufferStrides[axis]
          if index[axis] < axes[axis] { break }
          position -= bufferStrides[axis] * axes[axis]
          index[axis] = 0
        }
      }
    }
    return result
  }

  private func quantizedElement(_ bytes: UnsafeRawBufferPointer, _ element: Int) -> Int8 {
    if let table { return table[Int(bytes[element])] }
    let value: Float
    switch elementType {
    case .float32: value = bytes.loadUnaligned(fromByteOffset: element * 4, as: Float.self)
    case .float64: value = Float(bytes.loadUnaligned(fromByteOffset: element * 8, as: Double.self))
    case .int16: value = Float(bytes.loadUnaligned(fromByteOffset: element * 2, as: Int16.self))
    case .uint16: value = Float(bytes.loadUnaligned(fromByteOffset: element * 2, as: UInt16.self))
    case .int32: value = Float(bytes.loadUnaligned(fromByteOffset: element * 4, as: Int32.self))
    case .int64: value = Float(bytes.loadUnaligned(fromByteOffset: element * 8, as: Int64.self))
    case .int8, .uint8, .bool: preconditionFailure("8-bit types have a table")
    }
    return storedConversion.quantize(value)
  }
}

extension ProgramOutput {
  /// The answer that an int8 value stands for: `scale · (stored − zeroPoint)`, one float32 multiplication.
  public func real(_ stored: Int8) -> Float { quantization.scale * Float(Int(stored) - quantization.zeroPoint) }
}
