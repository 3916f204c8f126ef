import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

/// Functions of single numbers, sums, products, and what moves data.
@Suite struct ElementwiseTests {
  private func codes(_ model: ONNXModelBuilder) -> [DiagnosticCode]? { failure { () throws(Failure) in try imported(model) }?.codes }
  private func layers(_ model: ONNXModelBuilder) throws -> [Operator] { try imported(model).graph.layers }

  @Test(
    arguments: [
      ("Relu", [:], .clip(.relu)), ("LeakyRelu", [:], .leakyRelu(slope: 0.01)),
      ("LeakyRelu", ["alpha": .float(0.3)], .leakyRelu(slope: 0.3)),
      ("Sigmoid", [:], .sigmoid), ("Tanh", [:], .hyperbolicTangent), ("HardSigmoid", [:], .hardSigmoid(slope: 0.2, offset: 0.5)),
      ("HardSigmoid", ["alpha": .float(0.25), "beta": .float(0.75)], .hardSigmoid(slope: 0.25, offset: 0.75)),
      ("HardSwish", [:], .hardSwish),
    ] as [(String, KeyValuePairs<String, ONNXModelBuilder.Attribute>, ElementwiseUnary.Kind)])
  func functionsKeepTheirParameters(
    kind: String, attributes: KeyValuePairs<String, ONNXModelBuilder.Attribute>, function: ElementwiseUnary.Kind
  ) throws {
    #expect(try layers(singleNode(kind, attributes: attributes)) == [.elementwiseUnary(ElementwiseUnary(kind: function))])
  }

  @Test func boundsOfAClipAreAttributesBeforeOpset11AndOperandsSince() throws {
    let bounded = Operator.elementwiseUnary(ElementwiseUnary(kind: .clip(ActivationBounds(minimum: -1, maximum: 6))))
    #expect(try layers(singleNode("Clip", opset: 10, attributes: ["min": .float(-1), "max": .float(6)])) == [bounded])
    #expect(try layers(singleNode("Clip", operands: { [$0.weights("a", [], [-1]), $0.weights("b", [], [6])] })) == [bounded])
    let upper = Operator.elementwiseUnary(ElementwiseUnary(kind: .clip(ActivationBounds(maximum: 6))))
    #expect(try layers(singleNode("Clip", operands: { ["", $0.weights("b", [1], [6])] })) == [upper])
    let none = Operator.elementwiseUnary(ElementwiseUnary(kind: .clip(.none)))
    #expect(try layers(singleNode("Clip")) == [none])
    #expect(codes(singleNode("Clip", operands: { [$0.weights("a", [], [.nan])] })) == [.invalidGraph])
    #expect(codes(singleNode("Clip", operands: { [$0.weights("a", [], [3]), $0.weights("b", [], [2])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Clip", operands: { ["x", $0.weights("b", [], [2])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Clip", opset: 10, attributes: ["min": .float(.nan)])) == [.notFinite])
  }

  @Test func aParametricReluWithOneSlopeIsLeaky() throws {
    let leaky = Operator.elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.25)))
    #expect(try layers(singleNode("PRelu", operands: { [$0.weights("s", [4, 1, 1], [0.25, 0.25, 0.25, 0.25])] })) == [leaky])
    #expect(codes(singleNode("PRelu", operands: { [$0.weights("s", [4, 1, 1], [1, 2, 3, 4])] })) == [.unsupportedAttribute])
  }

  // MARK: Sums and products

  @Test func constantsStandSecond() throws {
    let add = Operator.elementwiseBinary(ElementwiseBinary(kind: .add))
    let multiply = Operator.elementwiseBinary(ElementwiseBinary(kind: .multiply))
    for (kind, operation) in [("Add", add), ("Mul", multiply)] {
      var model = ONNXModelBuilder()
      let x = model.input("x", ["N", 4, 6, 5])
      model.output(model.node(kind, [model.weights("c", [4, 1, 1], [1, 2, 3, 4]), x]))
      let graph = try imported(model).graph
      #expect(graph.operations == [operation])
      #expect(graph.nodes[0].inputs.first == graph.inputs[0])
    }
    #expect(try imported(singleNode("Add", operands: { _ in ["x"] })).graph.operations == [add])
  }

  @Test func aDifferenceFromAConstantIsANegatedSum() throws {
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 3])
    model.output(model.node("Sub", [model.weights("c", [3], [1, 2, 3]), x], name: "sub"))
    let graph = try imported(model).graph
    #expect(
      graph.operations == [.elementwiseBinary(ElementwiseBinary(kind: .multiply)), .elementwiseBinary(ElementwiseBinary(kind: .add))])
    #expect(graph.constant(named: "sub/minus-one") == Tensor([1], [-1]))
    #expect(graph.constant(named: "c") == Tensor([3], [1, 2, 3]))
  }

  @Test func aQuotientIsAProductWithReciprocals() throws {
    let graph = try imported(singleNode("Div", ["N", 3], operands: { [$0.weights("c", [3], [2, 4, 3])] })).graph
    #expect(graph.operations == [.elementwiseBinary(ElementwiseBinary(kind: .multiply))])
    #expect(graph.constant(named: "layer/reciprocal") == Tensor([3], [0.5, 0.25, 1 / 3]))
    #expect(codes(singleNode("Div", ["N", 3], operands: { [$0.weights("c", [3], [2, 0, 3])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Div", ["N", 3], operands: { _ in ["x"] })) == [.unsupportedAttribute])
  }

  @Test func broadcastsThatChangeTheShapeAreRefused() {
    #expect(codes(singleNode("Add", ["N", 1], operands: { [$0.weights("c", [3], [1, 2, 3])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Add", ["N", 3], operands: { [$0.weights("c", [2, 3], [1, 2, 3, 4, 5, 6])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Add", ["N", 3], operands: { [$0.weights("c", [1, 1, 3], [1, 2, 3])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Add", ["N", 3], operands: { [$0.weights("c", [3], [1, .infinity, 3])] })) == [.notFinite])
    var model = singleNode("Relu", ["N", 3])
    let other = model.input("z", ["N", 1])
    model.output(model.node("Mul", ["y", other]))
    #expect(codes(model) == [.unsupportedAttribute])
  }

  // MARK: Moving data

  @Test(arguments: [(0, [1, 120]), (1, [1, 120]), (-3, [1, 120])])
  func flattenMakesRows(axis: Int, shape: [Int]) throws {
    #expect(try imported(singleNode("Flatten", attributes: ["axis": .int(axis)])).graph.operations == [.reshape(Reshape(shape: shape))])
  }

  @Test(arguments: [
    ([0, -1], 0, [1, 120]), ([1, 4, 30], 0, [1, 4, 30]), ([-1, 4, 0, 5], 0, [1, 4, 6, 5]), ([1, -1, 1], 1, [1, 120, 1]),
  ])
  func reshapeKnowsItsSpecialSizes(target: [Int], allowsZero: Int, shape: [Int]) throws {
    let model = singleNode("Reshape", attributes: ["allowzero": .int(allowsZero)], operands: { [$0.integers("s", target)] })
    #expect(try imported(model).graph.operations == [.reshape(Reshape(shape: shape))])
  }

  @Test(arguments: [[7, -1], [-1, -1], [1, 119], [1, 1, 1, 1, 0], [-2, 60], [1, .max, .max]])
  func impossibleReshapesAreRefused(target: [Int]) {
    #expect(codes(singleNode("Reshape", operands: { [$0.integers("s", target)] })) == [.invalidGraph])
  }

  @Test func theBatchStaysFirst() {
    #expect(codes(singleNode("Reshape", operands: { [$0.integers("s", [120, 1])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Flatten", attributes: ["axis": .int(2)])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Squeeze", operands: { [$0.integers("a", [0])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Transpose", attributes: ["perm": .ints([1, 0, 2, 3])])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Transpose")) == [.unsupportedAttribute])
    #expect(codes(singleNode("Transpose", attributes: ["perm": .ints([0, 1, 1, 2])])) == [.invalidGraph])
    #expect(codes(singleNode("Concat", attributes: ["axis": .int(0)], operands: { _ in ["x"] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Softmax", attributes: ["axis": .int(0)])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Pad", operands: { [$0.integers("p", [1, 0, 0, 0, 0, 0, 0, 0])] })) == [.unsupportedAttribute])
  }

  @Test func axesOfSqueezeAreAttributesBeforeOpset13AndOperandsSince() throws {
    for (kind, shape, axes, result) in [("Squeeze", ["N", 1, 6, 1], [1, -1], [1, 6]), ("Unsqueeze", ["N", 6], [-1, 1], [1, 1, 6, 1])]
      as [(String, [ONNXModelBuilder.Dimension], [Int], [Int])]
    {
      let old = singleNode(kind, shape, opset: 12, attributes: ["axes": .ints(axes)])
      let new = singleNode(kind, shape, operands: { [$0.integers("a", axes)] })
      for model in [old, new] { #expect(try imported(model).graph.outputType.shape == result) }
    }
    #expect(codes(singleNode("Unsqueeze")) == [.invalidGraph])
    #expect(codes(singleNode("Squeeze", operands: { [$0.integers("a", [1])] })) == [.invalidGraph])
  }

  @Test func paddingIsReadFromAllItsForms() throws {
    let expected = Operator.padding(Padding(before: [0, 0, 1, 2], after: [0, 0, 3, 4], value: 0.5))
    let old = singleNode("Pad", opset: 10, attributes: ["pads": .ints([0, 0, 1, 2, 0, 0, 3, 4]), "value": .float(0.5)])
    let operands = singleNode("Pad", opset: 13, operands: { [$0.integers("p", [0, 0, 1, 2, 0, 0, 3, 4]), $0.weights("v", [], [0.5])] })
    let axes = singleNode(
      "Pad", opset: 18, operands: { [$0.integers("p", [2, 1, 4, 3]), $0.weights("v", [], [0.5]), $0.integers("a", [-1, 2])] })
    for model in [old, operands, axes] { #expect(try imported(model).graph.operations == [expected]) }
    #expect(
      codes(singleNode("Pad", attributes: ["mode": .string("reflect")], operands: { [$0.integers("p", [0, 0, 1, 1, 0, 0, 1, 1])] })) == [
        .unsupportedAttribute
      ])
    #expect(codes(singleNode("Pad", operands: { [$0.integers("p", [0, 0, -1, 1, 0, 0, 1, 1])] })) == [.unsupportedAttribute])
    #expect(codes(singleNode("Pad", operands: { [$0.integers("p", [0, 0, 1])] })) == [.invalidGraph])
    #expect(codes(singleNode("Pad")) == [.invalidGraph])
  }

  @Test func softmaxFlattensBeforeOpset13AndNotSince() throws {
    let flat = try imported(singleNode("Softmax", ["N", 4, 6], opset: 11)).graph
    #expect(flat.operations == [.reshape(Reshape(shape: [1, 24])), .softmax(Softmax()), .reshape(Reshape(shape: [1, 4, 6]))])
    let last = try imported(singleNode("Softmax", ["N", 4, 6])).graph
    #expect(last.operations == [.softmax(Softmax())])
    let middle = try imported(singleNode("Softmax", ["N", 4, 6], attributes: ["axis": .int(1)])).graph
    let swap = Operator.transpose(Transpose(permutation: [0, 2, 1]))
    #expect(middle.operations == [swap, .softmax(Softmax()), swap])
    #expect(middle.outputType.shape == [1, 4, 6])
  }

  @Test func concatenationTakesAnyAxisButTheBatch() throws {
    let graph = try imported(singleNode("Concat", attributes: ["axis": .int(-3)], operands: { _ in ["x", "x"] })).graph
    #expect(graph.operations == [.concatenation(Concatenation(axis: 1))])
    #expect(graph.outputType.shape == [1, 12, 6, 5])
    #expect(
      codes(singleNode("Concat", attributes: ["axis": .int(1)], operands: { [$0.random("c", [1, 4, 6, 5], fanIn: 1)] })) == [
        .unsupportedAttribute
      ])
  }

  @Test func whatChangesNothingVanishes() throws {
    for (kind, attributes) in [("Identity", [:]), ("Dropout", [:]), ("Cast", ["to": .int(1)]), ("Cast", ["to": .int(10)])]
      as [(String, KeyValuePairs<String, ONNXModelBuilder.Attribute>)]
    {
      var model = singleNode(kind, attributes: attributes)
      model.output(model.node("Relu", ["y"], outputs: ["z"]))
      model.model.graph.output.removeFirst()
      #expect(try imported(model).graph.nodes.count == 1)
    }
    #expect(codes(singleNode("Cast", attributes: ["to": .int(7)])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Cast", attributes: ["to": .int(99)])) == [.unsupportedAttribute])
    let training = singleNode("Dropout", operands: { ["", $0.integers("mode", [1])] })
    #expect(codes(training) == [.unsupportedAttribute])
  }
}
