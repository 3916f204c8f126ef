import DeviceCompiler
import ModelGraph
import Testing

@testable import HostTwin

struct SampleQuantizationTests {
  private func input(
    _ shape: [Int], _ type: ElementType, strides: [Int], scale: Double = 1, offset: Double = 0, quantization: AffineQuantization
  ) -> ProgramInput {
    ProgramInput(
      name: "x", shape: shape, elementType: type, scale: scale, offset: offset, quantization: quantization, bufferStrides: strides,
      buffer: BufferID(0))
  }

  @Test func floatsAreRoundedToTheNearestStepAndClamped() {
    let input = input([1, 6], .float32, strides: [1], quantization: AffineQuantization(scale: 0.5, zeroPoint: 3))
    let bytes = [Float(0), 0.25, 0.75, -0.26, 1000, -1000].flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    }
    // Halves go to the even step.
    #expect(input.quantized(bytes) == [3, 3, 5, 2, 127, -128])
  }

  @Test func storedBytesBecomeRealValuesFirst() {
    let input = input(
      [1, 4], .uint8, strides: [1], scale: 1.0 / 255, offset: -0.5, quantization: AffineQuantization(scale: 1.0 / 255, zeroPoint: 0))
    // 0, 127, 128 and 255 stand for −0.5, −0.002, 0.002, 0.5.
    let result = input.quantized([0, 127, 128, 255])
    #expect([-128, -127].contains(result[0]) && result[3] == 127)
    #expect(abs(Int(result[1])) <= 1 && abs(Int(result[2])) <= 1 && result[2] >= result[1])
  }

  @Test func elementsAreStoredWhereTheFirstKernelWantsThem() {
    // Two channels of 2×3 pixels, stored channels-last.
    let input = input([1, 2, 2, 3], .int8, strides: [1, 6, 2], quantization: AffineQuantization(scale: 1, zeroPoint: 0))
    let result = input.quantized((0..<12).map { UInt8($0) })
    #expect(result == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11])
  }

  @Test(arguments: [ElementType.int16, .uint16, .int32, .int64, .float64])
  func widerTypesAreReadLittleEndian(_ type: ElementType) {
    let input = input([1, 2], type, strides: [1], scale: 0.5, quantization: AffineQuantization(scale: 1, zeroPoint: 0))
    let bytes: [UInt8] =
      type == .float64
      ? [Double(24), 300].flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
      : [24, 300].flatMap { value in (0..<type.bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    #expect(input.quantized(bytes) == [12, 127])
  }

  @Test func answersAreScaleTimesDistance() {
    let output = ProgramOutput(
      name: "y", shape: [1, 2], quantization: AffineQuantization(scale: 0.25, zeroPoint: -3), buffer: BufferID(0))
    #expect(output.real(-3) == 0 && output.real(5) == 2 && output.real(-128) == -31.25)
  }
}
