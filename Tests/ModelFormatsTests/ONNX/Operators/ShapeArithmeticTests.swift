import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct ShapeArithmeticTests {
  /// What the importer computes for a value that `build` makes from an input `x` of shape `[N, 2, 3, 4]`; as floats, of shape `shape`.
  private func folded(
    _ shape: [Int], opset: Int = 17, _ build: (inout ONNXModelBuilder) -> String
  ) throws(Failure) -> [Float]? {
    var model = ONNXModelBuilder(opset: opset)
    _ = model.input("x", ["N", 2, 3, 4])
    let other = model.input("z", ["N"] + shape.map { .size($0) })
    let floats = model.node("Cast", [build(&model)], ["to": .int(1)], outputs: ["folded"])
    model.output(model.node("Mul", [other, floats]))
    let constant = try imported(model).graph.constant(named: "folded")
    return constant?.shape == shape ? constant?.floats : nil
  }

  private func codes(_ build: (inout ONNXModelBuilder) -> String) -> [DiagnosticCode]? {
    failure { () throws(Failure) in try folded([1], build) }?.codes
  }

  @Test func theViewOfAnExporterBecomesAConstantShape() throws {
    // x.view(x.size(0), -1) as PyTorch exports it.
    var model = ONNXModelBuilder()
    let x = model.input("x", ["N", 2, 3, 4])
    let zero = model.node("Constant", [], ["value": .integerTensor([], [0])])
    let batch = model.node("Gather", [model.node("Shape", [x]), zero], ["axis": .int(0)])
    let minusOne = model.node("Constant", [], ["value_ints": .ints([-1])])
    let target = model.node("Concat", [model.node("Unsqueeze", [batch, model.integers("axes", [0])]), minusOne], ["axis": .int(0)])
    model.output(model.node("Reshape", [x, target]))
    #expect(try imported(model).graph.operations == [.reshape(Reshape(shape: [1, 24]))])
  }

  @Test func shapesAreCut() throws {
    #expect(try folded([4]) { $0.node("Shape", ["x"]) } == [1, 2, 3, 4])
    #expect(try folded([2]) { $0.node("Shape", ["x"], ["start": .int(-3), "end": .int(-1)]) } == [2, 3])
    #expect(try folded([2]) { $0.node("Gather", [$0.node("Shape", ["x"]), $0.integers("i", [-1, 1])]) } == [4, 2])
    #expect(codes { $0.node("Gather", [$0.node("Shape", ["x"]), $0.integers("i", [4])]) } == [.invalidGraph])
  }

  @Test func slicesCountFromBothEndsAndBackwards() throws {
    func slice(_ count: Int, _ start: Int, _ end: Int, _ step: Int) throws -> [Float]? {
      try folded([count]) {
        $0.node(
          "Slice",
          [
            $0.integers("d", [0, 1, 2, 3, 4]), $0.integers("s", [start]), $0.integers("e", [end]), $0.integers("a", [0]),
            $0.integers("t", [step]),
          ])
      }
    }
    #expect(try slice(3, 1, 4, 1) == [1, 2, 3])
    #expect(try slice(2, -2, .max, 1) == [3, 4])
    #expect(try slice(3, 0, .max, 2) == [0, 2, 4])
    #expect(try slice(5, -1, .min, -1) == [4, 3, 2, 1, 0])
    #expect(try slice(2, 3, 0, -2) == [3, 1])
    #expect(
      try folded([2], opset: 9) { $0.node("Slice", [$0.integers("d", [0, 1, 2, 3])], ["starts": .ints([1]), "ends": .ints([3])]) } == [
        1, 2,
      ])
    #expect(
      codes { $0.node("Slice", [$0.integers("d", [0]), $0.integers("s", [0]), $0.integers("e", [1]), "", $0.integers("t", [0])]) } == [
        .invalidGraph
      ])
    #expect(codes { $0.node("Slice", [$0.integers("d", [0]), $0.integers("s", [0]), $0.integers("e", [1, 2])]) } == [.invalidGraph])
  }

  @Test func tablesKeepTheirOrder() throws {
    let table: (inout ONNXModelBuilder) -> String = { $0.node("Constant", [], ["value": .floatTensor([2, 3], [0, 1, 2, 3, 4, 5])]) }
    #expect(try folded([3, 2]) { $0.node("Transpose", [table(&$0)]) } == [0, 3, 1, 4, 2, 5])
    #expect(try folded([2, 2]) { $0.node("Gather", [table(&$0), $0.integers("i", [2, 0])], ["axis": .int(1)]) } == [2, 0, 5, 3])
    #expect(
      try folded([2, 6]) { $0.node("Concat", [table(&$0), table(&$0)], ["axis": .int(1)]) } == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5])
    #expect(
      try folded([3, 1, 2]) {
        $0.node("Unsqueeze", [$0.node("Reshape", [table(&$0), $0.integers("s", [3, -1])]), $0.integers("a", [1])])
      } == [0, 1, 2, 3, 4, 5])
    #expect(try folded([2, 3]) { $0.node("Add", [table(&$0), $0.weights("c", [2, 1], [10, 20])]) } == [10, 11, 12, 23, 24, 25])
  }

  @Test func integersAreComputedAsIntegers() throws {
    #expect(try folded([1]) { $0.node("Div", [$0.integers("a", [-7]), $0.integers("b", [2])]) } == [-3])
    #expect(
      try folded([1]) { $0.node("Sub", [$0.node("Mul", [$0.integers("a", [3]), $0.integers("b", [5])]), $0.integers("c", [1])]) } == [14])
    #expect(try folded([2]) { $0.node("Cast", [$0.weights("a", [2], [2.9, -2.9])], ["to": .int(7)]) } == [2, -2])
    #expect(try folded([2]) { $0.node("Cast", [$0.weights("a", [2], [0, -2.9])], ["to": .int(9)]) } == [0, 1])
    #expect(codes { $0.node("Div", [$0.integers("a", [1]), $0.integers("b", [0])]) } == [.invalidGraph])
    #expect(codes { $0.node("Div", [$0.integers("a", [.min]), $0.integers("b", [-1])]) } == [.invalidGraph])
    #expect(codes { $0.node("Mul", [$0.integers("a", [.max]), $0.integers("b", [2])]) } == [.invalidGraph])
    #expect(codes { $0.node("Add", [$0.integers("a", [1, 2]), $0.integers("b", [1, 2, 3])]) } == [.invalidGraph])
    #expect(codes { $0.node("Add", [$0.integers("a", [1]), $0.weights("b", [1], [1])]) } == [.invalidGraph])
    #expect(codes { $0.node("Cast", [$0.weights("a", [1], [1e30])], ["to": .int(7)]) } == [.unsupportedAttribute])
  }

  @Test func filledShapesAreBounded() throws {
    #expect(try folded([2, 1]) { $0.node("ConstantOfShape", [$0.integers("s", [2, 1])], ["value": .integerTensor([1], [7])]) } == [7, 7])
    #expect(try folded([2]) { $0.node("ConstantOfShape", [$0.integers("s", [2])]) } == [0, 0])
    for shape in [[1 << 40], [1 << 40, 1 << 40, 0], [-1], [1 << 31, 0]] {
      #expect(codes { $0.node("ConstantOfShape", [$0.integers("s", shape)]) } == [.unsupportedAttribute])
    }
  }

  @Test func constantsWithoutDenseNumbersAreRefused() throws {
    #expect(codes { $0.node("Constant", [], ["value_string": .string("a")]) } == [.unsupportedAttribute])
    #expect(try folded([1]) { $0.node("Constant", [], ["value_floats": .floats([2.5])]) } == [2.5])
    #expect(try folded([]) { $0.node("Constant", [], ["value_float": .float(2.5)]) } == [2.5])
    #expect(try folded([]) { $0.node("Constant", [], ["value_int": .int(3)]) } == [3])
  }

  @Test func layersOfConstantsOnlyAreRefused() {
    #expect(codes { $0.node("Relu", [$0.weights("a", [1], [1])]) } == [.unsupportedAttribute])
  }
}
