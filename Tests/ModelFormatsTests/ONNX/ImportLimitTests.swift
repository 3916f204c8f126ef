import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

/// A small file must not ask for much memory or time.
struct ImportLimitTests {
  @Test func fillsAreSmallTables() throws {
    let fill = { (count: Int) in
      singleNode("Add", ["N", 4]) { model in
        [
          model.node(
            "Squeeze",
            [
              model.node(
                "Slice",
                [
                  model.node("ConstantOfShape", [model.integers("shape", [1, count])]), model.integers("starts", [0]),
                  model.integers("ends", [4]),
                  model.integers("axes", [1]),
                ])
            ])
        ]
      }
    }
    _ = try imported(fill(1000))
    let found = failure { () throws(Failure) in try imported(fill(1 << 22)) }
    #expect(found?.codes.first == .unsupportedAttribute && found?.text.contains("fills a shape [1, 4194304]") == true)
  }

  @Test func computedConstantsStayInProportionToTheFile() {
    var model = ONNXModelBuilder()
    var sum = model.input("x", ["N", 1])
    model.integers("shape", [1, 1 << 20])
    for _ in 0..<40 {
      let fill = model.node("ConstantOfShape", ["shape"])
      let one = model.node("Slice", [fill, model.integers("starts", [0]), model.integers("ends", [1]), model.integers("axes", [1])])
      sum = model.node("Add", [sum, one])
    }
    model.output(sum)
    let found = failure { () throws(Failure) in try imported(model) }
    #expect(
      found?.codes.first == .unsupportedAttribute && found?.text.contains("bytes from a file of") == true, "\(found?.text ?? "imported")")
  }

  @Test func doublingEndsAtTheLargestTensor() {
    var model = ONNXModelBuilder()
    var x = model.input("x", ["N", 2, 2, 2])
    for _ in 0..<70 { x = model.node("Concat", [x, x], ["axis": .int(3)]) }
    model.output(x)
    let found = failure { () throws(Failure) in try imported(model) }
    #expect(found?.codes == [.unsupportedAttribute] && found?.text.contains("empty or too large") == true)
  }

  @Test func attributesBeyondAllSizesAreRefused() {
    let weights = { (model: inout ONNXModelBuilder) in [model.random("w", [4, 4, 3, 3], fanIn: 36)] }
    for (name, values) in [
      ("strides", [0, 1]), ("strides", [-1, 1]), ("dilations", [Int.max, 1]), ("pads", [Int.max, 0, 0, 0]),
      ("pads", [1 << 20, 0, 1 << 20, 0]),
      ("kernel_shape", [Int.max, 3]),
    ] {
      let model = singleNode("Conv", attributes: [name: .ints(values)], operands: weights)
      #expect(
        failure { () throws(Failure) in try imported(model) } == nil ? name == "pads" && values[0] == 1 << 20 : true, "\(name) \(values)")
    }
    for group in [0, -1, Int.min, 3, Int.max] {
      let found = failure { () throws(Failure) in try imported(singleNode("Conv", attributes: ["group": .int(group)], operands: weights)) }
      #expect(found?.codes == [.invalidGraph], "group \(group)")
    }
  }

  @Test func aVarianceThatIsNotPositiveIsRefused() {
    let model = singleNode("BatchNormalization") { model in
      ["scale", "bias", "mean"].map { model.weights($0, [4], [1, 1, 1, 1]) } + [model.weights("variance", [4], [1, -1, 1, 1])]
    }
    let found = failure { () throws(Failure) in try imported(model) }
    #expect(found?.codes == [.invalidGraph] && found?.text.contains("variance that is not positive") == true)
  }

  @Test func infinityInWeightsIsCountedWithItsPlace() {
    let model = singleNode("MatMul", ["N", 3]) { model in [model.weights("fc.weight", [3, 2], [1, 2, 3, .infinity, .nan, 6])] }
    let found = failure { () throws(Failure) in try imported(model) }
    #expect(found?.codes == [.notFinite])
    #expect(found?.text.contains("weights of layer contain NaN and infinity: 2 of 6, first at [1, 1]") == true)
    #expect(found?.text.contains("initializer fc.weight") == true)
  }
}
