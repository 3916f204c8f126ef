import Diagnostics
import Foundation
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct ImporterTests {
  @Test func theReadMeNamesEveryOperatorThatIsRead() throws {
    // …/Tests/ModelFormatsTests/ONNX/ImporterTests.swift
    let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let words = Set(text.split { !$0.isLetter && !$0.isNumber }.map(String.init))
    for kind in ONNXOperator.allCases { #expect(words.contains(kind.rawValue)) }
    #expect(text.contains("\(ONNXOperator.allCases.count) operators"))
  }

  @Test func wholeNetworksKeepTheirNamesAndShapes() throws {
    let model = try imported(.keywordSpotter(channels: 8))
    #expect(model.opset == 17)
    #expect(model.producer == "edgepack-tests")
    #expect(model.inputs == [ImportedInput(name: "input", dynamicAxes: [0: "N"])])
    #expect(model.graph.inputs.map { model.graph[$0].name } == ["input"])
    #expect(model.graph.type(of: model.graph.inputs[0]) == TensorType(.float32, [1, 1, 49, 10]))
    #expect(model.graph.outputType == TensorType(.float32, [1, 12]))
    // 9 convolutions with batch norm and ReLU, the pool, the dense layer and the softmax.
    #expect(model.graph.layers.count == 30)
    let macs = model.graph.nodes.reduce(0) { $0 + model.graph.multiplyAccumulates(of: $1) }
    let convolutions = 25 * 5 * (8 * 40 + 4 * (8 * 9 + 8 * 8))
    #expect(macs == convolutions + 9 * 25 * 5 * 8 + 8 * 12)
  }

  @Test(arguments: [
    (ONNXModelBuilder.resNet8(channels: 4), [1, 10]), (.mobileNet(), [1, 10]), (.autoencoder(inputs: 32, hidden: [8, 4, 8]), [1, 32]),
    (.signalNetwork(), [1, 10]),
  ])
  func otherNetworksImport(model: ONNXModelBuilder, output: [Int]) throws {
    #expect(try imported(model).graph.outputType.shape == output)
  }

  @Test func convolutionsStandBetweenTranspositionsWithNamesOfTheirOwn() throws {
    let graph = try imported(singleNode("Conv", operands: { [$0.random("w", [8, 4, 3, 3], fanIn: 36)] })).graph
    #expect(graph.nodes.map(\.name) == ["layer/to-channels-last", "layer", "layer/to-channels-first"])
    #expect(graph.operations.first == .transpose(.toChannelsLast))
    #expect(graph.operations.last == .transpose(.toChannelsFirst))
    #expect(graph[graph.outputs[0]].name == "y")
  }

  @Test func nodesWithoutOrWithEqualNamesGetNamesOfTheirOwn() throws {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    let a = model.node("Relu", [x], name: "", outputs: ["a"])
    let b = model.node("Relu", [a], name: "same", outputs: ["b"])
    model.output(model.node("Relu", [b], name: "same", outputs: ["c"]))
    #expect(try imported(model).graph.nodes.map(\.name) == ["a", "same", "same_2"])
  }

  @Test func sharedWeightsAreOneConstantAndChangedOnesGetANewName() throws {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    let w = model.random("w", [3, 3], fanIn: 3)
    let a = model.node("Gemm", [x, w], ["transB": .int(1)])
    let b = model.node("Gemm", [a, w], ["transB": .int(1)])
    model.output(model.node("MatMul", [b, w]))
    let graph = try imported(model).graph
    #expect(graph.values.filter { $0.constant != nil }.map(\.name) == ["w", "w_2"])
    #expect(graph.constant(named: "w_2") == graph.constant(named: "w")?.transposed(by: [1, 0]))
  }

  @Test func initializersThatAreAlsoInputsAreConstants() throws {
    var model = singleNode("Add", ["N", 3], operands: { [$0.weights("b", [3], [1, 2, 3])] })
    _ = model.input("b", [3])
    let graph = try imported(model).graph
    #expect(graph.inputs.count == 1)
    #expect(graph.constant(named: "b") == Tensor([3], [1, 2, 3]))
  }

  @Test func whatNoOutputNeedsMayBeUnsupported() throws {
    var model = singleNode("Relu", ["N", 3])
    model.node("NonMaxSuppression", ["x"])
    #expect(try imported(model).graph.nodes.count == 1)
  }

  @Test func nodesMayStandInAnyOrder() throws {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    model.output(model.node("Relu", ["middle"], name: "second"))
    model.node("Sigmoid", [x], name: "first", outputs: ["middle"])
    #expect(try imported(model).graph.nodes.map(\.name) == ["first", "second"])
  }

  @Test func aliasesOfAnInputBecomeAnOutputOfTheirOwn() throws {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    model.output(model.node("Identity", [x], outputs: ["copy"]))
    let relu = model.node("Relu", [x], outputs: ["r"])
    model.output(model.node("Dropout", [relu], outputs: ["dropped"]))
    let graph = try imported(model).graph
    #expect(graph.outputs.map { graph[$0].name } == ["copy", "dropped"])
    #expect(graph.type(of: graph.outputs[0]) == TensorType(.float32, [1, 3]))
  }

  // MARK: Faults

  @Test func allUnsupportedOperatorsAreToldAtOnce() throws {
    var model = ONNXModelBuilder(opset: 16)
    model.setOpset(1, domain: "com.example")
    let x = model.input("x", ["N", 4, 8, 8])
    var y = x
    for index in 0..<5 { y = model.node("GridSample", [y, x], name: "/warp/\(index)") }
    y = model.node("Relu", [y])
    y = model.node("Fused", [y], name: "fused", domain: "com.example")
    y = model.node("If", [y], ["then_branch": .graph], name: "branch")
    let bad = model.weights("bad", [4, 1, 1], [1, .nan, 1, .nan])
    model.output(model.node("Add", [x, bad], name: "add"))
    model.output(y)
    let found = try #require(failure { () throws(Failure) in try imported(model) })
    #expect(found.codes == [.unsupportedOperator, .notFinite])
    #expect(found.diagnostics[0].message == "3 operators of model.onnx cannot run on a device")
    #expect(
      found.diagnostics[0].details == [
        "GridSample         /warp/0, /warp/1 and 3 more  opset 16", "com.example.Fused  fused                        opset 1",
        "If                 branch                       opset 16",
      ])
    #expect(found.diagnostics[1].message == "weights of add contain NaN: 2 of 4, first at [1, 0, 0]")
    #expect(found.diagnostics[1].location?.element == "initializer bad")
  }

  @Test func shapeArithmeticOnDataIsUnsupported() {
    let model = singleNode("Gather", ["N", 4], operands: { [$0.integers("i", [0])] })
    #expect(failure { () throws(Failure) in try imported(model) }?.codes == [.unsupportedOperator])
  }

  @Test(arguments: [1, 6, 26, -3])
  func otherOpsetsAreRefused(opset: Int) {
    let found = failure { () throws(Failure) in try imported(singleNode("Relu", opset: opset)) }
    #expect(found?.codes == [.unsupportedOpset])
    #expect(found?.text.contains("opset \(opset); 7 to 25") == true)
  }

  @Test func filesThatAreNoModelsAreRefused() {
    let folder = TemporaryFolder()
    for bytes in [[], Array("hello, I am no model".utf8), NumpyFixtures.stored, [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]] {
      let found = failure { () throws(Failure) in try ONNXImporter.load(path: folder.write(bytes, to: "m.onnx")) }
      #expect(found?.codes == [.corruptModel])
    }
    #expect(failure { () throws(Failure) in try ONNXImporter.load(path: folder.file("none.onnx")) }?.codes == [.fileNotFound])
    #expect(failure { () throws(Failure) in try ONNXImporter.load(path: folder.path) }?.codes == [.fileUnreadable])
  }

  @Test func namesThatNothingDefinesAreToldWithTheNode() {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    model.output(model.node("Add", [x, "ghost"], name: "add"))
    model.output("phantom")
    let found = failure { () throws(Failure) in try imported(model) }
    #expect(found?.codes == [.corruptModel, .corruptModel])
    #expect(found?.text.contains("Add add reads ghost, which nothing before it computes") == true)
    #expect(found?.text.contains("output phantom is never computed") == true)
  }

  @Test func cyclesAndMissingOutputsAreRefused() {
    var cycle = ONNXModelBuilder()
    _ = cycle.input("x", ["N", 3])
    cycle.node("Relu", ["b"], outputs: ["a"])
    cycle.output(cycle.node("Relu", ["a"], outputs: ["b"]))
    #expect(failure { () throws(Failure) in try imported(cycle) }?.codes == [.corruptModel])
    var silent = ONNXModelBuilder()
    _ = silent.input("x", ["N", 3])
    #expect(failure { () throws(Failure) in try imported(silent) }?.codes == [.corruptModel])
  }

  @Test func anOutputThatIsConstantIsRefused() {
    var model = singleNode("Relu", ["N", 3])
    model.output(model.weights("constant", [1], [1]))
    #expect(failure { () throws(Failure) in try imported(model) }?.text.contains("output constant does not depend on the input") == true)
  }

  @Test func aSecondResultThatIsReadIsUnsupportedAndOneThatIsNotIsIgnored() throws {
    func model(readsIndices: Bool) -> ONNXModelBuilder {
      var model = ONNXModelBuilder()
      let x = model.input("x", ["N", 1, 4, 4])
      model.output(model.node("MaxPool", [x], ["kernel_shape": .ints([2, 2])], name: "pool", outputs: ["y", "indices"]))
      if readsIndices { model.output("indices") }
      return model
    }
    #expect(try imported(model(readsIndices: false)).graph.outputs.count == 1)
    #expect(failure { () throws(Failure) in try imported(model(readsIndices: true)) }?.codes.first == .unsupportedAttribute)
  }
}
