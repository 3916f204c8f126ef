import DeviceKernels
import ModelGraph

extension ProgramInput {
  /// How an element of the stored type becomes int8, unless it goes through `table` (docs/program-interface.md, input conversion).
  public var storedConversion: InputConversion { conversion(scale: scale, offset: offset) }

  /// How a float32 element, in the model's own units, becomes int8.
  public var float32Conversion: InputConversion {
    elementType == .float32 ? storedConversion : conversion(scale: 1, offset: 0)
  }

  private func conversion(scale: Double, offset: Double) -> InputConversion {
    let step = Double(quantization.scale)
    return InputConversion(
      multiplier: Float(scale / step), addend: Float(offset / step) + 0, zeroPoint: Int32(quantization.zeroPoint))
  }

  /// 8-bit types: the int8 value of each stored byte, by its bit pattern. Computed in float64, rounded half to even. Nil for wider types.
  public var table: [Int8]? {
    guard elementType.bytes == 1 else { return nil }
    return (0..<256).map { pattern in
      let stored = elementType == .int8 ? Double(Int8(truncatingIfNeeded: pattern)) : Double(pattern)
      let exact = (stored * scale + offset) / Double(quantization.scale)
      let rounded = exact.rounded(.toNearestOrEven) + Double(quantization.zeroPoint)
      return rounded > -128 ? Int8(min(rounded, 127)) : -128
    }
  }
}
