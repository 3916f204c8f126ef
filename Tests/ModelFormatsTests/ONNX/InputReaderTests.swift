import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct InputReaderTests {
  private func inputShape(_ shape: [ONNXModelBuilder.Dimension], given: [Int]? = nil) throws(Failure) -> [Int] {
    let model = try imported(singleNode("Relu", shape), shapes: given.map { ["x": $0] } ?? [:])
    return model.graph.type(of: model.graph.inputs[0]).shape
  }

  @Test(arguments: ["N", 1, 0, -1] as [ONNXModelBuilder.Dimension])
  func theBatchBecomesOne(batch: ONNXModelBuilder.Dimension) throws {
    #expect(try inputShape([batch, 3]) == [1, 3])
  }

  @Test func otherDynamicAxesNeedAShape() throws {
    let found = failure { () throws(Failure) in try inputShape(["N", 3, "height", 0]) }
    #expect(found?.codes == [.dynamicShape])
    #expect(found?.text.contains("along axis 2 (`height`), axis 3") == true)
    #expect(found?.diagnostics.first?.hint == "`--shape x=1,3,96,96` fixes it")
    #expect(try inputShape(["N", 3, "height", 0], given: [1, 3, 8, 9]) == [1, 3, 8, 9])
  }

  @Test func aShapeMustAgreeWithTheModel() {
    for given in [[1, 4, 8, 9], [1, 3, 8], [1, 3, 8, 9, 1]] {
      let found = failure { () throws(Failure) in try inputShape(["N", 3, "height", 0], given: given) }
      #expect(found?.codes == [.shapeMismatch])
    }
    #expect(failure { () throws(Failure) in try inputShape(["N", 3], given: [1, 0]) }?.codes == [.shapeMismatch])
    #expect(failure { () throws(Failure) in try inputShape(["N", "T"], given: [1, 0]) }?.codes == [.corruptModel])
    #expect(failure { () throws(Failure) in try imported(singleNode("Relu", ["N", 3]), shapes: ["z": [1, 3]]) }?.codes == [.usage])
  }

  @Test func aFixedBatchNeedsAnExplicitShape() throws {
    let found = failure { () throws(Failure) in try inputShape([8, 3]) }
    #expect(found?.codes == [.unsupportedAttribute])
    #expect(found?.diagnostics.first?.hint == "`--shape x=1,3` imports it for batch 1")
    #expect(try inputShape([8, 3], given: [1, 3]) == [1, 3])
  }

  @Test func impossibleSizesAreRefused() {
    #expect(failure { () throws(Failure) in try inputShape(["N", .size(1 << 40), .size(1 << 40)]) }?.codes == [.corruptModel])
    #expect(failure { () throws(Failure) in try inputShape(["N", -7]) }?.codes == [.corruptModel])
    var scalar = singleNode("Relu", ["N"])
    scalar.model.graph.input[0].type.tensorType.shape.dim = []
    #expect(failure { () throws(Failure) in try imported(scalar) }?.codes == [.unsupportedAttribute])
  }

  @Test func inputsThatAreNoFloatsAreRefusedAndMissingTypesAreDamage() {
    for (type, code) in [
      (ONNXTensorProto.DataType.int64, DiagnosticCode.unsupportedAttribute), (.string, .unsupportedAttribute), (.undefined, .corruptModel),
    ] {
      var model = singleNode("Relu", ["N", 3])
      model.model.graph.input[0].type.tensorType.elemType = type
      #expect(failure { () throws(Failure) in try imported(model) }?.codes == [code])
    }
    var untyped = singleNode("Relu", ["N", 3])
    untyped.model.graph.input[0].clearType()
    #expect(failure { () throws(Failure) in try imported(untyped) }?.codes == [.unsupportedAttribute])
  }

  @Test func anInputWithoutShapeNeedsOne() throws {
    var model = singleNode("Relu", ["N", 3])
    model.model.graph.input[0].type.tensorType.clearShape()
    #expect(failure { () throws(Failure) in try imported(model) }?.codes == [.dynamicShape])
    #expect(try imported(model, shapes: ["x": [1, 5]]).graph.outputType.shape == [1, 5])
  }
}
