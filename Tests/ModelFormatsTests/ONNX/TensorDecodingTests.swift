import Diagnostics
import Foundation
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct TensorDecodingTests {
  private func decode(_ configure: (inout ONNXTensorProto) -> Void, path: String = "m.onnx") throws(Failure) -> Tensor {
    var proto = ONNXTensorProto()
    configure(&proto)
    return try TensorDecoder(path: path).decode(proto, element: "initializer w")
  }

  @Test(
    arguments: [
      (0x0000, 0), (0x8000, -0.0), (0x3c00, 1), (0xc000, -2), (0x7bff, 65_504), (0x0400, 6.103515625e-5), (0x0001, 5.9604645e-8),
      (0x83ff, -6.0975552e-5), (0x7c00, .infinity), (0x3555, 0.33325195),
    ] as [(UInt16, Float)])
  func halvesBecomeTheSameFloats(bits: UInt16, value: Float) {
    #expect(floatFromHalf(bits).bitPattern == value.bitPattern)
  }

  @Test func notANumberStaysOne() { #expect(floatFromHalf(0x7e01).isNaN) }

  @Test func everyFormatIsReadFromRawBytes() throws {
    let cases: [(ONNXTensorProto.DataType, [UInt8], Tensor)] = [
      (.float, [0, 0, 0xc0, 0x3f], Tensor([1], [1.5])), (.double, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], Tensor([1], [1.5])),
      (.float16, [0, 0x3e], Tensor([1], [1.5])), (.bfloat16, [0xc0, 0x3f], Tensor([1], [1.5])),
      (.int8, [0xfe], Tensor([1], integers: [-2])),
      (.uint8, [0xfe], Tensor([1], integers: [254])), (.bool, [1], Tensor([1], integers: [1])),
      (.int16, [0xfe, 0xff], Tensor([1], integers: [-2])),
      (.uint16, [0xfe, 0xff], Tensor([1], integers: [65_534])), (.int32, [0xfe, 0xff, 0xff, 0xff], Tensor([1], integers: [-2])),
      (.uint32, [0xfe, 0xff, 0xff, 0xff], Tensor([1], integers: [4_294_967_294])),
      (.int64, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Tensor([1], integers: [-2])),
    ]
    for (type, bytes, expected) in cases {
      let tensor = try decode {
        $0.dims = [1]
        $0.dataType = type
        $0.rawData = Data(bytes)
      }
      #expect(tensor == expected, "\(type)")
    }
  }

  @Test func typedFieldsAreRead() throws {
    #expect(try decode { ($0.dims, $0.dataType, $0.floatData) = ([2], .float, [1, 2]) } == Tensor([2], [1, 2]))
    #expect(try decode { ($0.dims, $0.dataType, $0.doubleData) = ([1], .double, [0.1]) } == Tensor([1], [0.1]))
    #expect(try decode { ($0.dims, $0.dataType, $0.int32Data) = ([1], .float16, [0x3e00]) } == Tensor([1], [1.5]))
    #expect(try decode { ($0.dims, $0.dataType, $0.int32Data) = ([1], .bfloat16, [0x3fc0]) } == Tensor([1], [1.5]))
    #expect(try decode { ($0.dims, $0.dataType, $0.int32Data) = ([2], .int8, [-1, 5]) } == Tensor([2], integers: [-1, 5]))
    #expect(try decode { ($0.dims, $0.dataType, $0.int64Data) = ([], .int64, [9]) } == Tensor([], integers: [9]))
    #expect(try decode { ($0.dims, $0.dataType, $0.uint64Data) = ([1], .uint32, [9]) } == Tensor([1], integers: [9]))
  }

  @Test func contradictionsAreDamage() {
    let damaged: [(inout ONNXTensorProto) -> Void] = [
      { ($0.dims, $0.dataType, $0.floatData) = ([3], .float, [1, 2]) },
      { ($0.dims, $0.dataType, $0.rawData) = ([1], .float, Data([1, 2, 3])) },
      { ($0.dims, $0.dataType) = ([-1], .float) }, { ($0.dims, $0.dataType, $0.rawData) = ([1 << 40, 1 << 40], .float, Data()) },
      { ($0.dims, $0.dataType, $0.rawData) = ([1 << 62], .float, Data()) },
    ]
    for configure in damaged { #expect(failure { () throws(Failure) in try decode(configure) }?.codes == [.corruptModel]) }
    #expect(failure { () throws(Failure) in try decode { ($0.dims, $0.dataType) = ([1], .string) } }?.codes == [.unsupportedAttribute])
  }

  @Test func externalDataLieBesideTheModel() throws {
    let folder = TemporaryFolder()
    _ = folder.write([9, 9, 9, 9, 0, 0, 0xc0, 0x3f], to: "weights.bin")
    func external(_ fields: [(String, String)]) throws(Failure) -> Tensor {
      try decode(
        {
          ($0.dims, $0.dataType, $0.dataLocation) = ([1], .float, .external)
          $0.externalData = fields.map { field in
            var entry = ONNXStringStringEntryProto()
            (entry.key, entry.value) = field
            return entry
          }
        }, path: folder.file("m.onnx"))
    }
    #expect(try external([("location", "weights.bin"), ("offset", "4"), ("length", "4")]) == Tensor([1], [1.5]))
    #expect(try external([("location", "weights.bin"), ("offset", "4")]) == Tensor([1], [1.5]))
    #expect(failure { () throws(Failure) in try external([("location", "none.bin")]) }?.codes == [.fileNotFound])
    for fields in [
      [], [("location", "../weights.bin")], [("location", "/etc/passwd")], [("location", "weights.bin"), ("offset", "6"), ("length", "4")],
      [("location", "weights.bin"), ("offset", "-9223372036854775808")], [("location", "weights.bin"), ("offset", "x")],
    ] {
      #expect(failure { () throws(Failure) in try external(fields) }?.codes == [.corruptModel], "\(fields)")
    }
  }
}
