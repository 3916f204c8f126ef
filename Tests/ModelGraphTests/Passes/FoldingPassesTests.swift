import Testing

@testable import ModelGraph

/// Each folding and fusing pass alone, on the smallest graph that shows its claim.
struct FoldingPassesTests {
  @Test func constantsAreComputedOnce() throws {
    var graph = try Graph.with([1, 4]) { graph, x in
      let c = graph.addConstant("c", Tensor([1, 2, 2], [1, -2, 3, -4]))
      let moved = try graph.add(.transpose(Transpose(permutation: [0, 2, 1])), try graph.relu(c))
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), x, try graph.reshape(moved, [1, 4]), name: "sum")
    }
    #expect(try graph.pass(.foldConstants) == 3)
    #expect(graph.operatorNames == ["ElementwiseBinary"])
    #expect(graph.floats("sum", 1) == [1, 3, 0, 0])
  }

  @Test func paddedAndJoinedConstantsKeepTheirPlaces() throws {
    var graph = try Graph.with([1, 2, 4]) { graph, x in
      let c = graph.addConstant("c", Tensor([1, 2, 1], [1, 2]))
      let padded = try graph.add(.padding(Padding(before: [0, 0, 1], after: [0, 0, 1], value: 9)), c)
      let joined = try graph.add(.concatenation(Concatenation(axis: 2)), padded, c)
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), x, joined, name: "sum")
    }
    #expect(try graph.pass(.foldConstants) == 2)
    #expect(graph.floats("sum", 1) == [9, 1, 9, 1, 9, 2, 9, 2])
  }

  @Test func batchNormalizationFoldsIntoTheConvolutionBeforeIt() throws {
    var graph = try Graph.with([1, 2, 2, 1]) { graph, x in try graph.normalized(try graph.convolution(x, 2)) }
    #expect(try graph.pass(.foldBatchNormalization) == 1)
    #expect(graph.nodes.map(\.name) == ["conv"])
    // γ = (2, 3), β = (1, −1), μ = (0.5, 1), σ² + ε = (4, 1): scales 1 and 3, shifts 0.5 and −4.
    #expect(graph.floats("conv", 1) == [1, 6])
    #expect(graph.floats("conv", 2) == [0.5, -4])
    #expect(graph[graph.outputs[0]].name == "norm")
  }

  @Test func aConvolutionWithAnotherReaderIsLeftAlone() throws {
    var graph = try Graph.with([1, 2, 2, 1]) { graph, x in
      let y = try graph.convolution(x, 2)
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), try graph.normalized(y), y)
    }
    #expect(try graph.pass(.foldBatchNormalization) == 0)
  }

  @Test func aBoundedConvolutionIsLeftAlone() throws {
    var graph = try Graph.with([1, 2, 2, 1]) { graph, x in
      let w = graph.addConstant("w", Tensor([2, 1, 1, 1], [1, 2]))
      return try graph.normalized(try graph.add(.convolution(Convolution(window: Window2D(kernel: (1, 1)), activation: .relu)), x, w))
    }
    #expect(try graph.pass(.foldBatchNormalization) == 0)
  }

  @Test func sumsAndProductsOfChannelsFoldIntoADenseLayer() throws {
    var graph = try Graph.with([1, 1]) { graph, x in
      let sum = try graph.add(
        .elementwiseBinary(ElementwiseBinary(kind: .add)), try graph.dense(x, 2), graph.addConstant("c", Tensor([2], [10, 20])))
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), sum, graph.addConstant("d", Tensor([1, 2], [2, 3])))
    }
    #expect(try graph.pass(.foldChannelConstants) == 2)
    #expect(graph.nodes.map(\.name) == ["dense"])
    #expect(graph.floats("dense", 1) == [2, 6])
    #expect(graph.floats("dense", 2) == [20, 60])
  }

  @Test func aConstantThatDiffersBetweenPositionsStays() throws {
    var graph = try Graph.with([1, 1, 2, 1]) { graph, x in
      let c = graph.addConstant("c", Tensor([1, 2, 1], [1, 2]))
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), try graph.convolution(x, 1), c)
    }
    #expect(try graph.pass(.foldChannelConstants) == 0)
  }

  @Test func normalizationFoldsForwardsIntoWhatHasNoPadding() throws {
    var graph = try Graph.with([1, 2]) { graph, x in try graph.dense(try graph.normalized(x), 1) }
    #expect(try graph.pass(.foldChannelAffineForwards) == 1)
    #expect(graph.floats("dense", 1) == [1, 6])
    #expect(graph.floats("dense", 2) == [0.5 - 8])
  }

  @Test func aShiftDoesNotFoldForwardsIntoAPaddedConvolutionButAFactorDoes() throws {
    let window = Window2D(kernel: (1, 3), pads: (0, 1, 0, 1))
    var shifted = try Graph.with([1, 1, 4, 2]) { graph, x in try graph.convolution(try graph.normalized(x), 1, window) }
    #expect(try shifted.pass(.foldChannelAffineForwards) == 0)
    #expect(try shifted.pass(.channelAffineToDepthwise) == 1)
    #expect(shifted.operatorNames == ["Conv", "Conv"])
    #expect(shifted.floats("norm", 1) == [1, 3] && shifted.floats("norm", 2) == [0.5, -4])
    var scaled = try Graph.with([1, 1, 4, 2]) { graph, x in
      let c = graph.addConstant("c", Tensor([2], [10, 100]))
      return try graph.convolution(try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), x, c), 1, window)
    }
    #expect(try scaled.pass(.foldChannelAffineForwards) == 1)
    #expect(scaled.floats("conv", 1) == [10, 200, 30, 400, 50, 600])
  }

  @Test func groupsReadTheirOwnChannels() throws {
    var graph = try Graph.with([1, 1, 1, 2]) { graph, x in
      let c = graph.addConstant("c", Tensor([2], [10, 100]))
      return try graph.convolution(try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), x, c), 4, groups: 2)
    }
    #expect(try graph.pass(.foldChannelAffineForwards) == 1)
    #expect(graph.floats("conv", 1) == [10, 20, 300, 400])
  }

  @Test func normalizationOfAVectorBecomesADepthwiseConvolutionBetweenReshapes() throws {
    var graph = try Graph.with([1, 2]) { graph, x in try graph.add(.softmax(Softmax()), try graph.normalized(x)) }
    #expect(try graph.pass(.channelAffineToDepthwise) == 1)
    #expect(graph.operatorNames == ["Reshape", "Conv", "Reshape", "Softmax"])
  }

  @Test func clipsAreFusedAndKeepTheModelsOutputName() throws {
    var graph = try Graph.with([1, 1, 1, 1]) { graph, x in
      let pooled = try graph.add(
        .pooling(Pooling(kind: .maximum, window: Window2D(kernel: (1, 1)))), try graph.convolution(x, 2))
      let six = ElementwiseUnary(kind: .clip(ActivationBounds(minimum: -1, maximum: 6)))
      return try graph.add(.elementwiseUnary(six), try graph.relu(pooled), name: "bounded")
    }
    #expect(try graph.pass(.fuseActivations) == 2)
    #expect(graph.operatorNames == ["Conv", "Pooling"])
    guard case .convolution(let operation) = graph.nodes[0].operation else { Issue.record("no convolution"); return }
    #expect(operation.activation == ActivationBounds(minimum: 0, maximum: 6))
    #expect(graph[graph.outputs[0]].name == "bounded")
  }

  @Test func aClipOfWhatOthersReadOrCannotBeFusedStays() throws {
    var shared = try Graph.with([1, 1, 1, 1]) { graph, x in
      let y = try graph.convolution(x, 2)
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), y, try graph.relu(y))
    }
    #expect(try shared.pass(.fuseActivations) == 0)
    var softmax = try Graph.with([1, 2]) { graph, x in try graph.relu(try graph.add(.softmax(Softmax()), x)) }
    #expect(try softmax.pass(.fuseActivations) == 0)
  }

  @Test func zerosAroundAConvolutionBecomeItsPads() throws {
    var graph = try Graph.with([1, 3, 3, 1]) { graph, x in
      try graph.convolution(try graph.padded(x, 0), 1, Window2D(kernel: (3, 3), pads: (0, 1, 0, 1)))
    }
    #expect(try graph.pass(.foldPadding) == 1)
    guard case .convolution(let operation) = graph.nodes[0].operation else { Issue.record("no convolution"); return }
    #expect(operation.window == Window2D(kernel: (3, 3), pads: (1, 3, 0, 2)))
    var ones = try Graph.with([1, 3, 3, 1]) { graph, x in try graph.convolution(try graph.padded(x, 1), 1) }
    #expect(try ones.pass(.foldPadding) == 0)
  }

  @Test func averagesCountTheZerosThatAPadBrings() throws {
    let window = Window2D(kernel: (2, 2))
    var graph = try Graph.with([1, 3, 3, 1]) { graph, x in
      try graph.add(.pooling(Pooling(kind: .average(countsPadding: false), window: window)), try graph.padded(x, 0))
    }
    // Two columns to the left of a window two wide: the first windows see only padding, so the pad stays.
    #expect(try graph.pass(.foldPadding) == 0)
    var wide = try Graph.with([1, 3, 3, 1]) { graph, x in
      try graph.add(.pooling(Pooling(kind: .average(countsPadding: false), window: Window2D(kernel: (2, 3)))), try graph.padded(x, 0))
    }
    #expect(try wide.pass(.foldPadding) == 1)
    #expect(
      wide.nodes.map(\.operation) == [
        .pooling(Pooling(kind: .average(countsPadding: true), window: Window2D(kernel: (2, 3), pads: (1, 2, 0, 1))))
      ])
  }

  @Test func aMaximumTakesUpPaddingThatCannotWin() throws {
    func folds(_ value: Float, afterRelu: Bool) throws -> Bool {
      var graph = try Graph.with([1, 3, 3, 1]) { graph, x in
        let y = afterRelu ? try graph.relu(x) : x
        return try graph.add(.pooling(Pooling(kind: .maximum, window: Window2D(kernel: (3, 3)))), try graph.padded(y, value))
      }
      return try graph.pass(.foldPadding) == 1
    }
    #expect(try folds(-.infinity, afterRelu: false))
    #expect(try folds(0, afterRelu: true))
    #expect(try !folds(0, afterRelu: false))
    #expect(try !folds(0.5, afterRelu: true))
  }

  @Test func identitiesGo() throws {
    var graph = try Graph.with([1, 2, 2, 1]) { graph, x in
      var y = try graph.reshape(try graph.convolution(x, 2), [1, 2, 2, 2])
      y = try graph.add(.transpose(Transpose(permutation: [0, 1, 2, 3])), y)
      y = try graph.add(.elementwiseUnary(ElementwiseUnary(kind: .clip(.none))), y)
      y = try graph.add(.padding(Padding(before: [0, 0, 0, 0], after: [0, 0, 0, 0], value: 1)), y)
      return try graph.add(.concatenation(Concatenation(axis: 1)), y, name: "last")
    }
    #expect(try graph.pass(.removeIdentities) == 5)
    #expect(graph.nodes.map(\.name) == ["conv"])
    #expect(graph[graph.outputs[0]].name == "last")
  }

  @Test func whatNobodyReadsGoesAndNamesAreToldApart() throws {
    var graph = try Graph.with([1, 2]) { graph, x in
      _ = try graph.relu(x)
      _ = graph.addConstant("unused", Tensor([1], [1]))
      let y = try graph.append(.softmax(Softmax()), [x], name: "a", output: "same")
      return try graph.append(.softmax(Softmax()), [y], name: "b", output: "same")
    }
    #expect(try graph.pass(.removeUnusedNodes) == 4)
    #expect(graph.nodes.map(\.name) == ["a", "b"])
    #expect(graph.values.map(\.name) == ["x", "same.2", "same"])
  }

  @Test func equalNodesAreComputedOnce() throws {
    var graph = try Graph.with([1, 2]) { graph, x in
      try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), try graph.relu(x), try graph.relu(x))
    }
    #expect(try graph.pass(.mergeDuplicates) == 1)
    #expect(graph.operatorNames == ["ElementwiseUnary", "ElementwiseBinary"])
  }
}

extension Graph {
  /// Batch normalization of two channels with scales 1 and 3, shifts 0.5 and −4.
  fileprivate mutating func normalized(_ x: ValueID) throws -> ValueID {
    let parameters = [[2, 3], [1, -1], [0.5, 1], [3.5, 0.5]].map { addConstant("p", Tensor([2], $0.map(Float.init))) }
    return try append(.batchNormalization(BatchNormalization(epsilon: 0.5)), [x] + parameters, name: "norm")
  }

  /// One row above, two columns to the left, one to the right.
  fileprivate mutating func padded(_ x: ValueID, _ value: Float) throws -> ValueID {
    try add(.padding(Padding(before: [0, 1, 2, 0], after: [0, 0, 1, 0], value: value)), x)
  }
}
