import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import HostCompute

/// What `Pipeline.simplify` makes of whole networks, and that they compute the same.
struct SimplifyTests {
  @Test func aConvolutionalNetworkKeepsOnlyItsLayers() throws {
    var network = ImportedNetwork("plain", seed: 1)
    var x = network.graph.addInput("x", TensorType(.float32, [1, 3, 12, 10]))
    for outputs in [8, 6] {
      x = try network.convolution(x, outputs, kernel: 3, bias: false)
      x = try network.batchNormalization(x)
      x = try network.relu(x)
      x = try network.pooling(x, .maximum, kernel: 2, stride: 2)
    }
    x = try network.relu(try network.dense(try network.flatten(x), 7))
    network.graph.outputs = [try network.append(.softmax(Softmax()), [try network.dense(x, 4)])]
    let result = try network.simplified()
    #expect(result.graph.operatorNames == ["Transpose", "Conv", "Pooling", "Conv", "Pooling", "Reshape", "Gemm", "Gemm", "Softmax"])
    expectSame(result)
  }

  @Test func aResidualNetworkComesClean() throws {
    var network = ImportedNetwork("residual", seed: 2)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 4, 8, 8]))
    var x = try network.relu(try network.convolution(input, 4, kernel: 3))
    x = try network.binary(.add, x, input)
    let shortcut = try network.convolution(x, 6, kernel: 1, stride: 2)
    let main = try network.convolution(try network.relu(try network.convolution(x, 6, kernel: 3, stride: 2)), 6, kernel: 3)
    x = try network.relu(try network.binary(.add, main, shortcut))
    network.graph.outputs = [try network.dense(try network.flatten(try network.globalAveragePooling(x)), 3)]
    let result = try network.simplified()
    #expect(
      result.graph.operatorNames == [
        "Transpose", "Conv", "ElementwiseBinary", "Conv", "Conv", "Conv", "ElementwiseBinary", "Pooling", "Reshape", "Gemm",
      ])
    expectSame(result)
  }

  @Test func aDenseNetOfConcatenationsComesClean() throws {
    var network = ImportedNetwork("concatenations", seed: 3)
    var x = network.graph.addInput("x", TensorType(.float32, [1, 3, 6, 6]))
    for _ in 0..<3 {
      let y = try network.relu(try network.convolution(try network.relu(try network.batchNormalization(x)), 4, kernel: 3))
      x = try network.append(.concatenation(Concatenation(axis: 1)), [x, y])
    }
    network.graph.outputs = [try network.dense(try network.flatten(x), 5)]
    let result = try network.simplified()
    #expect(result.graph.innerTranspositions.isEmpty && result.graph.nodes.count { $0.operation.name == "Transpose" } == 1)
    #expect(!result.graph.operatorNames.contains("BatchNormalization"))
    #expect(result.graph.operatorNames.count { $0 == "Concat" } == 3)
    expectSame(result)
  }

  @Test func aOneDimensionalNetworkBecomesOneOfHeightOne() throws {
    var network = ImportedNetwork("line", seed: 4)
    var x = network.graph.addInput("x", TensorType(.float32, [1, 2, 64]))
    for outputs in [8, 12] {
      x = try network.relu(try network.batchNormalization(try network.convolution(x, outputs, kernel: 5, stride: 2)))
      x = try network.pooling(x, .maximum, kernel: 2, stride: 2)
    }
    network.graph.outputs = [try network.dense(try network.flatten(try network.globalAveragePooling(x)), 3)]
    let result = try network.simplified()
    #expect(
      result.graph.operatorNames.filter { $0 != "Reshape" } == ["Transpose", "Conv", "Pooling", "Conv", "Pooling", "Pooling", "Gemm"])
    #expect(result.graph.operatorNames.count { $0 == "Reshape" } == 2)
    expectSame(result)
  }

  @Test func normalisationOfTheInputFoldsIntoAnUnpaddedConvolution() throws {
    var network = ImportedNetwork("normalised", seed: 5)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 3, 8, 8]))
    let centred = try network.binary(.subtract, input, network.constant([3, 1, 1]))
    let scaled = try network.binary(.multiply, centred, network.constant([1, 3, 1, 1]))
    let unpadded = Convolution(window: Window2D(kernel: (2, 2), stride: (2, 2)))
    let x = try network.channelsLast(.convolution(unpadded), scaled, [network.constant([5, 2, 2, 3])])
    network.graph.outputs = [try network.dense(try network.flatten(try network.relu(x)), 3)]
    let result = try network.simplified()
    #expect(result.graph.operatorNames == ["Transpose", "Conv", "Reshape", "Gemm"])
    expectSame(result)
  }

  @Test func normalisationBeforeAPaddedConvolutionBecomesADepthwiseOne() throws {
    var network = ImportedNetwork("normalised", seed: 6)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 3, 8, 8]))
    let shifted = try network.binary(.add, input, network.constant([3, 1, 1]))
    network.graph.outputs = [try network.dense(try network.flatten(try network.convolution(shifted, 4, kernel: 3)), 3)]
    let result = try network.simplified()
    #expect(result.graph.operatorNames == ["Transpose", "Conv", "Conv", "Reshape", "Gemm"])
    expectSame(result)
  }

  @Test func squeezeAndExcitationComesClean() throws {
    var network = ImportedNetwork("excitation", seed: 7)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 3, 8, 8]))
    let x = try network.unary(.hardSwish, try network.convolution(input, 8, kernel: 3))
    var gate = try network.globalAveragePooling(x)
    gate = try network.relu(try network.convolution(gate, 2, kernel: 1))
    gate = try network.unary(.hardSigmoid(slope: 0.2, offset: 0.5), try network.convolution(gate, 8, kernel: 1))
    let y = try network.convolution(try network.binary(.multiply, x, gate), 4, kernel: 1)
    network.graph.outputs = [try network.dense(try network.flatten(y), 3)]
    let result = try network.simplified()
    #expect(result.graph.innerTranspositions.isEmpty)
    #expect(result.graph.operatorNames.count { $0 == "Reshape" } == 1)
    expectSame(result)
  }

  @Test func aFullyConvolutionalNetworkKeepsOneTranspositionAtItsOutputAndTheOutputsName() throws {
    var network = ImportedNetwork("pixels", seed: 8)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 3, 8, 8]))
    let hidden = try network.relu(try network.convolution(input, 8, kernel: 3))
    let x = try network.unary(.sigmoid, try network.convolution(hidden, 2, kernel: 3))
    network.graph[x].name = "mask"
    network.graph.outputs = [x]
    let result = try network.simplified()
    #expect(result.graph.operatorNames == ["Transpose", "Conv", "Conv", "ElementwiseUnary", "Transpose"])
    #expect(result.graph.outputs.map { result.graph[$0].name } == ["mask"])
    expectSame(result)
  }

  @Test func channelsLastExportsComeClean() throws {
    var network = ImportedNetwork("exported from channels-last", seed: 9)
    let input = network.graph.addInput("x", TensorType(.float32, [1, 8, 8, 3]))
    let first = try network.append(.transpose(.toChannelsFirst), [input])
    let x = try network.relu(try network.convolution(first, 8, kernel: 3))
    let last = try network.append(.transpose(.toChannelsLast), [x])
    network.graph.outputs = [try network.dense(try network.flatten(last), 3)]
    let result = try network.simplified()
    #expect(result.graph.operatorNames == ["Conv", "Reshape", "Gemm"])
    expectSame(result)
  }

  @Test func randomNetworksComputeTheSameAndKeepNoTranspositionInside() throws {
    for seed in SeededGenerator.seeds(150, first: 100) {
      var network = ImportedNetwork("random", seed: seed)
      try network.addRandomLayers()
      let result = try network.simplified()
      expectSame(result, "seed \(seed)\n\(network.graph.dump())\n\(result.graph.dump())")
      #expect(result.graph.innerTranspositions.isEmpty, "seed \(seed)\n\(network.graph.dump())\n\(result.graph.dump())")
      #expect(!result.graph.operatorNames.contains("BatchNormalization"), "seed \(seed)")
      let names = result.graph.values.map(\.name)
      #expect(Set(names).count == names.count, "seed \(seed): value names differ")
    }
  }

  @Test func simplifyingTwiceChangesNothing() throws {
    for seed in SeededGenerator.seeds(30, first: 400) {
      var network = ImportedNetwork("random", seed: seed)
      try network.addRandomLayers()
      var graph = network.graph
      _ = try Pipeline.simplify.run(&graph)
      let once = graph
      _ = try Pipeline.simplify.run(&graph)
      #expect(graph.operatorNames == once.operatorNames, "seed \(seed)\n\(once.dump())\n\(graph.dump())")
    }
  }

  private func expectSame(_ result: (graph: Graph, before: [Tensor], after: [Tensor]), _ comment: Comment? = nil) {
    for (before, after) in zip(result.before, result.after) {
      #expect(before.shape == after.shape, comment)
      expectClose(after.floats ?? [], before.floats ?? [], tolerance: 1e-5, comment)
    }
  }
}

extension ImportedNetwork {
  /// Three to ten random layers on an image or a line, then nothing, or a dense classifier.
  fileprivate mutating func addRandomLayers() throws {
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let isLine = pick(0...3) == 0
    let shape = isLine ? [1, pick(1...4), pick(8...20)] : [1, pick(1...4), pick(6...10), pick(6...10)]
    var x = graph.addInput("x", TensorType(.float32, shape))
    var earlier: [ValueID] = []
    for _ in 0..<pick(3...10) {
      // Keeps numbers near 1, so that single precision is compared fairly.
      if pick(0...4) == 0 { x = try unary(.hyperbolicTangent, x) }
      earlier.append(x)
      x = try randomLayer(x, earlier)
    }
    if pick(0...3) > 0 {
      x = try dense(try flatten(x), 5)
      if pick(0...1) == 0 { x = try relu(x) }
      if pick(0...2) == 0 { x = try binary(.multiply, x, constant([5])) }
    }
    graph[x].name = "result"
    graph.outputs = [x]
  }

  private mutating func randomLayer(_ x: ValueID, _ earlier: [ValueID]) throws -> ValueID {
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let shape = shape(x)
    let smallest = shape.dropFirst(2).min() ?? 1
    switch pick(0...12) {
    case 0, 1: return try convolution(x, pick(1...5), kernel: smallest >= 3 ? 3 : 1, bias: pick(0...1) == 0)
    case 2: return try convolution(x, shape[1], kernel: 1, groups: shape[1])
    case 3, 4: return try batchNormalization(x)
    case 5: return try relu(x)
    case 6: return try unary(.clip(ActivationBounds(minimum: -0.5, maximum: 0.75)), x)
    case 7: return smallest >= 4 ? try pooling(x, pick(0...1) == 0 ? .maximum : .average(countsPadding: false), kernel: 2, stride: 2) : x
    case 8:
      guard let other = earlier.last(where: { $0 != x && self.shape($0) == shape }) else { return try unary(.sigmoid, x) }
      return try binary(.add, x, other)
    case 9:
      let others = earlier.filter { $0 != x && self.shape($0).dropFirst(2) == shape.dropFirst(2) && self.shape($0).count == shape.count }
      return try append(.concatenation(Concatenation(axis: 1)), [x] + others.suffix(1))
    case 10: return try binary([.add, .subtract, .multiply][pick(0...2)], x, constant([shape[1]] + shape.dropFirst(2).map { _ in 1 }))
    case 11:
      let spatial = shape.dropFirst(2).map { _ in pick(0...1) }
      return try append(.padding(Padding(before: [0, 0] + spatial, after: [0, 0] + spatial.reversed(), value: 0)), [x])
    default: return try binary(.multiply, x, constant([1]))
    }
  }
}
