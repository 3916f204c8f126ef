import Diagnostics
import Foundation
import ModelGraph
import Testing

@testable import HostCompute

/// Every operator against ONNX Runtime: `Fixtures/operators.json`, made by `Fixtures/make_fixtures.py`.
struct GoldenOperatorTests {
  @Test func everyOperatorComputesWhatOnnxRuntimeComputes() throws {
    let cases = try Fixture.all()
    #expect(cases.count >= 39)
    for fixture in cases {
      let outputs = try FloatExecutor(try fixture.graph()).run(fixture.inputs.map(\.tensor))
      let expected = fixture.result
      #expect(outputs[0].shape == expected.shape, "\(fixture.name)")
      expectClose(outputs[0].floats ?? [], expected.values, tolerance: 1e-5, "\(fixture.name)")
    }
  }

  @Test func everyCaseIsTheSameWhenObserved() throws {
    for fixture in try Fixture.all() {
      let executor = try FloatExecutor(try fixture.graph())
      let inputs = fixture.inputs.map(\.tensor)
      var last: Tensor?
      let observed = try executor.run(inputs) { _, tensor in last = tensor }
      #expect(try observed == executor.run(inputs), "\(fixture.name)")
      #expect(observed.first == last, "\(fixture.name)")
    }
  }
}

/// Differences are measured against the largest magnitude of `expected`.
func expectClose(
  _ actual: [Float], _ expected: [Float], tolerance: Float, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record("\(actual.count) values instead of \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let range = max(expected.map(abs).max() ?? 0, 1e-6)
  let worst = zip(actual, expected).map { $0 == $1 ? 0 : abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance * range && !worst.isNaN, comment, sourceLocation: sourceLocation)
}

private struct Fixture: Decodable {
  struct Array: Decodable {
    var shape: [Int]
    var values: [Float]
    var tensor: Tensor { Tensor(shape, values) }
  }
  struct Window: Decodable {
    var kernel, stride, dilation, pads: [Int]
    var roundsUp: Bool
    var window: Window2D {
      Window2D(
        kernel: (kernel[0], kernel[1]), stride: (stride[0], stride[1]), dilation: (dilation[0], dilation[1]),
        pads: (pads[0], pads[1], pads[2], pads[3]), roundsUp: roundsUp)
    }
  }
  struct Unknown: Error { var operatorName: String }

  var name: String
  var `operator`: String
  var inputs, constants: [Array]
  var result: Array
  var window: Window?
  var groups, axis: Int?
  var countsPadding: Bool?
  var epsilon, slope, offset, minimum, maximum, value: Float?
  var before, after, permutation: [Int]?

  static func all() throws -> [Fixture] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/operators.json")
    return try JSONDecoder().decode([Fixture].self, from: Data(contentsOf: file))
  }

  func graph() throws -> Graph {
    var graph = Graph(name: name)
    var operands = inputs.enumerated().map { graph.addInput("x\($0)", TensorType(.float32, [1] + $1.shape.dropFirst())) }
    operands += constants.enumerated().map { graph.addConstant("c\($0)", $1.tensor) }
    graph.outputs = [try graph.append(try operation(), operands, name: "node")]
    return graph
  }

  private func operation() throws -> Operator {
    switch `operator` {
    case "convolution": .convolution(Convolution(window: try #require(window).window, groups: try #require(groups)))
    case "maximumPooling": .pooling(Pooling(kind: .maximum, window: try #require(window).window))
    case "averagePooling":
      .pooling(Pooling(kind: .average(countsPadding: try #require(countsPadding)), window: try #require(window).window))
    case "gemm": .gemm(Gemm())
    case "batchNormalization": .batchNormalization(BatchNormalization(epsilon: try #require(epsilon)))
    case "softmax": .softmax(Softmax())
    case "sigmoid": .elementwiseUnary(ElementwiseUnary(kind: .sigmoid))
    case "hyperbolicTangent": .elementwiseUnary(ElementwiseUnary(kind: .hyperbolicTangent))
    case "leakyRelu": .elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: try #require(slope))))
    case "hardSigmoid":
      .elementwiseUnary(ElementwiseUnary(kind: .hardSigmoid(slope: try #require(slope), offset: try #require(offset))))
    case "hardSwish": .elementwiseUnary(ElementwiseUnary(kind: .hardSwish))
    case "clip":
      .elementwiseUnary(
        ElementwiseUnary(kind: .clip(ActivationBounds(minimum: try #require(minimum), maximum: try #require(maximum)))))
    case "add": .elementwiseBinary(ElementwiseBinary(kind: .add))
    case "subtract": .elementwiseBinary(ElementwiseBinary(kind: .subtract))
    case "multiply": .elementwiseBinary(ElementwiseBinary(kind: .multiply))
    case "concatenation": .concatenation(Concatenation(axis: try #require(axis)))
    case "padding": .padding(Padding(before: try #require(before), after: try #require(after), value: try #require(value)))
    case "transpose": .transpose(Transpose(permutation: try #require(permutation)))
    case let other: throw Unknown(operatorName: other)
    }
  }
}
