import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

/// Convolutions, dense layers, batch normalization and pools: what ONNX's attributes become.
@Suite struct LayerTests {
  private func codes(_ model: ONNXModelBuilder) -> [DiagnosticCode]? { failure { () throws(Failure) in try imported(model) }?.codes }

  private func window(_ model: ONNXModelBuilder) throws -> Window2D {
    switch try #require(imported(model).graph.layers.first) {
    case .convolution(let convolution): convolution.window
    case .pooling(let pooling): pooling.window
    case let other: throw Failure(.internalError, "\(other) has no window")
    }
  }

  // MARK: Conv

  @Test func convolutionWeightsBecomeChannelsLast() throws {
    let values = (0..<2 * 3 * 2 * 2).map(Float.init)
    let model = singleNode("Conv", ["N", 3, 4, 4], operands: { [$0.weights("w", [2, 3, 2, 2], values), $0.weights("b", [2], [1, 2])] })
    let graph = try imported(model).graph
    let weights = try #require(graph.constant(named: "w"))
    #expect(weights.shape == [2, 2, 2, 3])
    for (o, i, y, x) in [(0, 0, 0, 0), (0, 2, 1, 0), (1, 1, 0, 1), (1, 2, 1, 1)] {
      #expect(weights.floats?[((o * 2 + y) * 2 + x) * 3 + i] == values[((o * 3 + i) * 2 + y) * 2 + x])
    }
    #expect(graph.outputType.shape == [1, 2, 3, 3])
    #expect(graph.constant(named: "b") == Tensor([2], [1, 2]))
  }

  @Test func attributesOfAConvolutionBecomeItsWindow() throws {
    let model = singleNode(
      "Conv", ["N", 4, 12, 11],
      attributes: ["strides": .ints([2, 1]), "dilations": .ints([1, 2]), "pads": .ints([1, 2, 3, 4]), "group": .int(2)],
      weights: [6, 2, 3, 2])
    let graph = try imported(model).graph
    let expected = Window2D(kernel: (3, 2), stride: (2, 1), dilation: (1, 2), pads: (top: 1, left: 2, bottom: 3, right: 4))
    #expect(graph.layers == [.convolution(Convolution(window: expected, groups: 2))])
    #expect(graph.outputType.shape == [1, 6, 7, 15])
  }

  @Test(
    arguments: [
      ("SAME_UPPER", 7, 3, 2, 1, (1, 1)), ("SAME_UPPER", 8, 3, 2, 1, (0, 1)), ("SAME_LOWER", 8, 3, 2, 1, (1, 0)),
      ("SAME_UPPER", 8, 3, 1, 2, (2, 2)),
      ("SAME_LOWER", 5, 4, 1, 1, (2, 1)), ("SAME_UPPER", 9, 1, 4, 1, (0, 0)), ("VALID", 8, 3, 2, 1, (0, 0)),
    ] as [(String, Int, Int, Int, Int, (Int, Int))])
  func automaticPaddingIsResolved(mode: String, size: Int, kernel: Int, stride: Int, dilation: Int, pads: (Int, Int)) throws {
    let model = singleNode(
      "Conv", ["N", 1, .size(size), 8],
      attributes: ["auto_pad": .string(mode), "strides": .ints([stride, 1]), "dilations": .ints([dilation, 1])], weights: [1, 1, kernel, 1])
    let window = try window(model)
    #expect((window.padTop, window.padBottom) == pads)
    #expect((window.padLeft, window.padRight) == (0, 0))
    if mode != "VALID" { #expect(try imported(model).graph.outputType.shape[2] == (size + stride - 1) / stride) }
  }

  @Test func oneDimensionalConvolutionsBecomeImagesOfHeightOne() throws {
    let model = singleNode("Conv", ["N", 2, 9], attributes: ["pads": .ints([1, 0]), "strides": .ints([2])], weights: [3, 2, 4])
    let graph = try imported(model).graph
    let expected = Window2D(kernel: (1, 4), stride: (1, 2), pads: (top: 0, left: 1, bottom: 0, right: 0))
    #expect(graph.layers == [.convolution(Convolution(window: expected))])
    #expect(graph.outputType.shape == [1, 3, 4])
    #expect(
      graph.nodes.map(\.name) == ["layer/to-image", "layer/to-channels-last", "layer", "layer/to-channels-first", "layer/from-image"])
    #expect(graph.constant(named: "w")?.shape == [3, 1, 4, 2])
  }

  @Test func convolutionsThatContradictThemselvesAreRefused() {
    #expect(codes(singleNode("Conv", attributes: ["group": .int(0)], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["group": .int(3)], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: [:], weights: [8, 5, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: [:], weights: [8, 4, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: [:], weights: [8, 4, 7, 7])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["kernel_shape": .ints([2, 2])], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["strides": .ints([0, 1])], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["pads": .ints([1, 1])], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["pads": .ints([-1, 0, 0, 0])], weights: [8, 4, 3, 3])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Conv", attributes: ["strides": .ints([.max, .max])], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["auto_pad": .string("SOMETIMES")], weights: [8, 4, 3, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Conv", attributes: ["strides": .string("2")], weights: [8, 4, 3, 3])) == [.corruptModel])
    #expect(codes(singleNode("Conv", ["N", 4, 6, 5, 7], attributes: [:], weights: [8, 4, 3, 3, 3])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Conv")) == [.invalidGraph])
  }

  // MARK: Gemm and MatMul

  @Test func denseWeightsAreRowsOfOutputs() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let transposed = singleNode("Gemm", ["N", 3], attributes: ["transB": .int(1)], weights: [2, 3], values)
    #expect(try imported(transposed).graph.constant(named: "w") == Tensor([2, 3], values))
    let plain = singleNode("Gemm", ["N", 3], attributes: [:], weights: [3, 2], values)
    #expect(try imported(plain).graph.constant(named: "w") == Tensor([2, 3], [1, 3, 5, 2, 4, 6]))
    let product = singleNode("MatMul", ["N", 7, 3], attributes: [:], weights: [3, 2], values)
    #expect(try imported(product).graph.constant(named: "w") == Tensor([2, 3], [1, 3, 5, 2, 4, 6]))
    #expect(try imported(product).graph.outputType.shape == [1, 7, 2])
  }

  @Test(arguments: [[2], [1, 2], [1], [], [1, 1]])
  func factorsAndBroadcastsOfGemmGoIntoTheConstants(shape: [Int]) throws {
    let bias: [Float] = shape.last == 2 ? [10, 20] : [10]
    let model = singleNode("Gemm", ["N", 1], attributes: ["alpha": .float(0.5), "beta": .float(-2), "transB": .int(1)]) {
      [$0.weights("w", [2, 1], [2, 4]), $0.weights("b", shape, bias)]
    }
    let graph = try imported(model).graph
    #expect(graph.constant(named: "w") == Tensor([2, 1], [1, 2]))
    #expect(graph.constant(named: "b") == Tensor([2], shape.last == 2 ? [-20, -40] : [-20, -20]))
  }

  @Test func denseLayersThatAreNotOursAreRefused() {
    #expect(codes(singleNode("Gemm", ["N", 3], attributes: ["transA": .int(1)], weights: [3, 2])) == [.unsupportedAttribute])
    #expect(codes(singleNode("Gemm", ["N", 4], attributes: [:], weights: [3, 2])) == [.invalidGraph])
    #expect(codes(singleNode("Gemm", ["N", 2, 3], attributes: [:], weights: [3, 2])) == [.invalidGraph])
    #expect(codes(singleNode("Gemm", ["N", 3], attributes: ["alpha": .float(.infinity)], weights: [3, 2])) == [.notFinite])
    #expect(codes(singleNode("Gemm", ["N", 3], attributes: ["alpha": .float(3e38)], weights: [1, 3], [1, 2, 3])) == [.invalidGraph])
    #expect(codes(singleNode("Gemm", ["N", 1], attributes: ["alpha": .float(3e38)], weights: [1, 3], [1, 2, 3])) == [.notFinite])
    #expect(codes(singleNode("MatMul", ["N", 2, 3], attributes: [:], weights: [1, 3, 2])) == [.unsupportedAttribute])
    #expect(codes(singleNode("MatMul", ["N", 3], operands: { _ in ["x"] })) == [.unsupportedAttribute])
    let wideBias = singleNode("Gemm", ["N", 1], attributes: ["transB": .int(1)]) {
      [$0.weights("w", [2, 1], [2, 4]), $0.weights("b", [3], [1, 2, 3])]
    }
    #expect(codes(wideBias) == [.unsupportedAttribute])
    var left = ONNXModelBuilder()
    let x = left.input("x", ["N", 3])
    left.output(left.node("MatMul", [left.random("w", [3, 3], fanIn: 3), x]))
    #expect(codes(left) == [.unsupportedAttribute])
  }

  // MARK: BatchNormalization

  private func batchNorm(
    _ shape: [ONNXModelBuilder.Dimension], _ attributes: KeyValuePairs<String, ONNXModelBuilder.Attribute> = [:], opset: Int = 17
  )
    -> ONNXModelBuilder
  {
    singleNode("BatchNormalization", shape, opset: opset, attributes: attributes) { model in
      ["s", "b", "m", "v"].map { model.weights($0, [4], [1, 2, 3, 4]) }
    }
  }

  @Test func batchNormalizationWorksOnEachRank() throws {
    for shape in [["N", 4], ["N", 4, 6], ["N", 4, 6, 5]] as [[ONNXModelBuilder.Dimension]] {
      let graph = try imported(batchNorm(shape, ["epsilon": .float(0.5)])).graph
      #expect(graph.layers == [.batchNormalization(BatchNormalization(epsilon: 0.5))])
      #expect(graph.outputType.shape == graph.type(of: graph.inputs[0]).shape)
    }
    #expect(codes(batchNorm(["N", 4], ["spatial": .int(0)], opset: 8)) == [.unsupportedAttribute])
    #expect(codes(batchNorm(["N", 4], ["training_mode": .int(1)])) == [.unsupportedAttribute])
    #expect(codes(batchNorm(["N", 5])) == [.invalidGraph])
  }

  // MARK: Pools and means

  @Test func poolsKeepTheirAttributes() throws {
    let maximum = singleNode(
      "MaxPool", ["N", 4, 6, 5],
      attributes: ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(1), "pads": .ints([1, 0, 1, 0])])
    let window = Window2D(kernel: (3, 2), stride: (2, 2), pads: (top: 1, left: 0, bottom: 1, right: 0), roundsUp: true)
    #expect(try imported(maximum).graph.layers == [.pooling(Pooling(kind: .maximum, window: window))])
    let average = singleNode("AveragePool", ["N", 4, 6], attributes: ["kernel_shape": .ints([3]), "count_include_pad": .int(1)])
    #expect(
      try imported(average).graph.layers == [.pooling(Pooling(kind: .average(countsPadding: true), window: Window2D(kernel: (1, 3))))])
    #expect(codes(singleNode("MaxPool")) == [.invalidGraph])
  }

  @Test func globalPoolsCoverTheWholeImage() throws {
    let average = try imported(singleNode("GlobalAveragePool")).graph
    #expect(average.layers == [.pooling(Pooling(kind: .average(countsPadding: false), window: Window2D(kernel: (6, 5))))])
    #expect(average.outputType.shape == [1, 4, 1, 1])
    let maximum = try imported(singleNode("GlobalMaxPool", ["N", 4, 6])).graph
    #expect(maximum.layers == [.pooling(Pooling(kind: .maximum, window: Window2D(kernel: (1, 6))))])
    #expect(maximum.outputType.shape == [1, 4, 1])
    #expect(codes(singleNode("GlobalMaxPool", ["N", 4])) == [.unsupportedAttribute])
  }

  @Test(
    arguments: [
      (["N", 4, 6, 5], [2, 3], true, [1, 4, 1, 1], (6, 5)), (["N", 4, 6, 5], [-1, -2], false, [1, 4], (6, 5)),
      (["N", 4, 6, 5], [3], false, [1, 4, 6], (1, 5)),
      (["N", 4, 6, 5], [1, 2], false, [1, 5], (4, 6)), (["N", 4, 6], [2], false, [1, 4], (1, 6)),
      (["N", 4, 6], [1], true, [1, 1, 6], (1, 4)),
    ] as [([ONNXModelBuilder.Dimension], [Int], Bool, [Int], (Int, Int))])
  func meansOverSpatialAxesArePools(shape: [ONNXModelBuilder.Dimension], axes: [Int], keeps: Bool, result: [Int], kernel: (Int, Int)) throws
  {
    for opset in [13, 18] {
      let keepdims = ONNXModelBuilder.Attribute.int(keeps ? 1 : 0)
      let model =
        opset < 18
        ? singleNode("ReduceMean", shape, opset: opset, attributes: ["axes": .ints(axes), "keepdims": keepdims])
        : singleNode("ReduceMean", shape, opset: opset, attributes: ["keepdims": keepdims], operands: { [$0.integers("axes", axes)] })
      let graph = try imported(model).graph
      #expect(graph.outputType.shape == result)
      #expect(graph.layers == [.pooling(Pooling(kind: .average(countsPadding: false), window: Window2D(kernel: kernel)))])
      #expect(graph[graph.outputs[0]].name == "y")
    }
  }

  @Test func maximaOverSpatialAxesArePools() throws {
    let graph = try imported(singleNode("ReduceMax", opset: 12, attributes: ["axes": .ints([2, 3]), "keepdims": .int(0)])).graph
    #expect(graph.layers == [.pooling(Pooling(kind: .maximum, window: Window2D(kernel: (6, 5))))])
    #expect(graph.outputType.shape == [1, 4])
  }

  @Test func meansOverOtherAxesAreRefused() {
    for axes in [[0, 1], [0], [1, 2, 3], [1, 3]] {
      #expect(codes(singleNode("ReduceMean", opset: 13, attributes: ["axes": .ints(axes)])) == [.unsupportedAttribute])
    }
    #expect(codes(singleNode("ReduceMean", opset: 13)) == [.unsupportedAttribute])
    #expect(codes(singleNode("ReduceMean", opset: 13, attributes: ["axes": .ints([4])])) == [.invalidGraph])
    #expect(codes(singleNode("ReduceMean", opset: 13, attributes: ["axes": .ints([2, -2])])) == [.invalidGraph])
  }
}

/// A node with one weight tensor `w`: the given values, or random ones.
private func singleNode(
  _ kind: String, _ shape: [ONNXModelBuilder.Dimension] = ["N", 4, 6, 5], attributes: KeyValuePairs<String, ONNXModelBuilder.Attribute>,
  weights: [Int], _ values: [Float]? = nil
) -> ONNXModelBuilder {
  singleNode(kind, shape, attributes: attributes) { model in
    [values.map { model.weights("w", weights, $0) } ?? model.random("w", weights, fanIn: 9)]
  }
}
