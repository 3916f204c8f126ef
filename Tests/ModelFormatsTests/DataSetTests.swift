import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct DataSetTests {
  let folder = TemporaryFolder()

  private func write(_ arrays: [(name: String, array: StoredArray)], to name: String = "train.npz") throws(Failure) -> String {
    try NpzFile.write(arrays, to: folder.file(name))
    return folder.file(name)
  }

  private func load(_ path: String, input: String? = nil, label: String? = nil, scale: Double? = nil, offset: Double? = nil) throws(Failure)
    -> DataSet
  {
    try DataSet.load(path: path, input: input, label: label, scale: scale, offset: offset)
  }

  private let images = StoredArray(elementType: .uint8, shape: [3, 2, 2], integers: [0, 1, 2, 3, 128, 129, 130, 131, 252, 253, 254, 255])

  // MARK: Reading

  @Test func arraysXAndYAreTakenByDefault() throws {
    let labels = StoredArray(elementType: .int64, shape: [3], integers: [2, 0, 1])
    let data = try load(write([("y", labels), ("x", images)]))
    #expect(data.count == 3)
    #expect(data.sampleShape == [2, 2])
    #expect(data.integerLabels == [2, 0, 1])
    #expect(data.floatLabels == Tensor([3], [2, 0, 1]))
    #expect(data.sampleBytes(1) == [128, 129, 130, 131])
  }

  @Test func otherNamesAreTakenWhenGiven() throws {
    let output = StoredArray(shape: [3, 2], floats: [1, 2, 3, 4, 5, 6])
    let data = try load(write([("input", images), ("output", output)]), input: "input", label: "output")
    #expect(data.integerLabels == nil)
    #expect(data.floatLabels == Tensor([3, 2], [1, 2, 3, 4, 5, 6]))
  }

  @Test func labelsAreOptional() throws {
    let data = try load(write([("x", images)]))
    #expect(data.labels == nil)
    #expect(data.integerLabels == nil)
    #expect(data.floatLabels == nil)
  }

  @Test func anNpyFileIsASetWithoutLabels() throws {
    try NpyFile.write(images, to: folder.file("x.npy"))
    let data = try load(folder.file("x.npy"))
    #expect(data.inputs == images)
    #expect(data.labels == nil)
    let found = failure { () throws(Failure) in try load(folder.file("x.npy"), input: "x") }
    #expect(found?.codes == [.missingArray])
  }

  @Test func storedIntegersBecomeFloatsWithOneRounding() throws {
    // 0.1 is no float: rounding the scale or the product first would change the last bit of some of these.
    let data = try load(write([("x", images)]), scale: 0.1, offset: -1.7)
    let expected = (0..<12).map { Float(Double(images.bytes[$0]) * 0.1 + -1.7) }
    #expect(data.floats(0..<3) == Tensor([3, 2, 2], expected))
    #expect(data.floats(1..<2) == Tensor([1, 2, 2], Array(expected[4..<8])))
    #expect(data.floats(0..<0) == Tensor([0, 2, 2], []))
  }

  @Test(arguments: [ElementType.int8, .int16, .uint16, .int32, .int64])
  func signsSurviveTheConversion(type: ElementType) throws {
    let values = type == .uint16 ? [0, 65_535, 7] : [-128, 127, -1]
    let data = try load(write([("x", StoredArray(elementType: type, shape: [1, 3], integers: values))]))
    #expect(data.floats(0..<1).floats == values.map(Float.init))
  }

  @Test func aSubsetKeepsSamplesAndLabelsTogether() throws {
    let labels = StoredArray(elementType: .uint8, shape: [3], integers: [7, 8, 9])
    let data = try load(write([("x", images), ("y", labels)]), scale: 0.5).subset([2, 0, 2])
    #expect(data.count == 3)
    #expect(data.integerLabels == [9, 7, 9])
    #expect(data.sampleBytes(0) == [252, 253, 254, 255])
    #expect(data.floats(0..<1).floats == [126, 126.5, 127, 127.5])
  }

  // MARK: Refusals

  @Test func aMissingInputIsToldWithTheArraysThatThereAre() throws {
    let path = try write([("input", images), ("output", StoredArray(shape: [3], floats: [1, 2, 3]))])
    let found = failure { () throws(Failure) in try load(path) }
    #expect(found?.codes == [.missingArray])
    #expect(found?.text.contains("train.npz has no array x") == true)
    #expect(found?.diagnostics.first?.details == ["it holds input uint8[3, 2, 2]", "it holds output float32[3]"])
    #expect(found?.diagnostics.first?.hint == "`--input input`")
    #expect(failure { () throws(Failure) in try load(path, input: "input", label: "z") }?.codes == [.missingArray])
  }

  @Test(arguments: [[0, 2], [2, 0], []])
  func dataWithoutSamplesAreRefused(shape: [Int]) throws {
    let path = try write([("x", StoredArray(shape: shape, floats: shape.isEmpty ? [] + [1] : []))])
    let expected: [DiagnosticCode] = [.emptyData]
    #expect(failure { () throws(Failure) in try load(path) }?.codes == expected)
  }

  @Test func notANumberIsToldWithItsPlace() throws {
    var values = Array(repeating: Float(1), count: 24)
    (values[17], values[20]) = (.nan, .nan)
    let found = failure { () throws(Failure) in try load(write([("x", StoredArray(shape: [2, 3, 4], floats: values))])) }
    #expect(found?.codes == [.notFinite])
    #expect(found?.text.contains("x of train.npz contains NaN: 2 of 24, first at [1, 1, 1]") == true)
    values[3] = -.infinity
    let both = failure { () throws(Failure) in try load(write([("x", StoredArray(shape: [2, 3, 4], floats: values))])) }
    #expect(both?.text.contains("NaN and infinity: 3 of 24, first at [0, 0, 3]") == true)
  }

  @Test func floatsThatOverflowByTheScaleAreRefused() throws {
    let found = failure { () throws(Failure) in try load(write([("x", images)]), scale: 1e300) }
    #expect(found?.codes == [.notFinite])
    #expect(found?.text.contains("by the given scale and offset") == true)
    #expect(failure { () throws(Failure) in try load(write([("x", images)]), scale: 0) }?.codes == [.usage])
    #expect(failure { () throws(Failure) in try load(write([("x", images)]), offset: .nan) }?.codes == [.usage])
  }

  @Test func labelsMustMatchTheSamples() throws {
    let short = StoredArray(elementType: .uint8, shape: [2], integers: [1, 2])
    #expect(failure { () throws(Failure) in try load(write([("x", images), ("y", short)])) }?.codes == [.shapeMismatch])
    let broken = StoredArray(shape: [3], floats: [1, .nan, 2])
    let found = failure { () throws(Failure) in try load(write([("x", images), ("y", broken)])) }
    #expect(found?.text.contains("y of train.npz contains NaN: 1 of 3, first at [1]") == true)
  }

  @Test func otherFilesAreRefused() {
    #expect(failure { () throws(Failure) in try load(folder.write(Array("hello".utf8), to: "a.npz")) }?.text.contains("neither") == true)
    #expect(failure { () throws(Failure) in try load(folder.write([], to: "a.npz")) }?.codes == [.corruptData])
    #expect(failure { () throws(Failure) in try load(folder.file("none.npz")) }?.codes == [.fileNotFound])
  }

  // MARK: Against a model

  @Test func shapesMayDifferInAxesOfSizeOne() throws {
    let data = try load(write([("x", images)]))
    try data.check(against: TensorType(.float32, [1, 2, 2]), model: "m.onnx")
    try data.check(against: TensorType(.float32, [1, 1, 2, 2]), model: "m.onnx")
    try data.check(against: TensorType(.float32, [1, 2, 1, 2, 1]), model: "m.onnx")
  }

  @Test func otherShapesAreRefusedWithTheLayoutThatWouldFit() throws {
    let path = try write([("x", StoredArray(elementType: .uint8, shape: [2, 8, 6, 3], integers: Array(repeating: 0, count: 288)))])
    let data = try load(path)
    let found = failure { () throws(Failure) in try data.check(against: TensorType(.float32, [1, 3, 8, 6]), model: "models/door.onnx") }
    #expect(found?.codes == [.shapeMismatch])
    #expect(found?.diagnostics.first?.details == ["train.npz x is [2, 8, 6, 3] uint8; door.onnx takes [N, 3, 8, 6] float32"])
    #expect(found?.diagnostics.first?.hint == "the axes look like N,H,W,C: save `x.transpose(0, 3, 1, 2)`")
    let flat = failure { () throws(Failure) in try data.check(against: TensorType(.float32, [1, 144]), model: "door.onnx") }
    #expect(flat?.codes == [.shapeMismatch])
    #expect(flat?.diagnostics.first?.hint == nil)
  }
}
