import Testing

@testable import ModelGraph

/// Each layout pass alone, on the smallest graph that shows its claim.
struct LayoutPassesTests {
  @Test func transpositionsSinkBehindUnaryOperators() throws {
    var graph = try Graph.with([1, 2, 2, 3]) { graph, x in try graph.relu(try graph.toFirst(x)) }
    let name = graph[graph.outputs[0]].name
    #expect(try graph.pass(.sinkTransposes) == 1)
    #expect(graph.operatorNames == ["ElementwiseUnary", "Transpose"])
    #expect(graph[graph.outputs[0]].name == name)
  }

  @Test func constantsOfASumAreMovedTheOtherWay() throws {
    var graph = try Graph.with([1, 1, 2, 3]) { graph, x in
      let c = graph.addConstant("c", Tensor([3, 1, 2], [1, 2, 3, 4, 5, 6]))
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), try graph.toFirst(x), c, name: "sum")
    }
    #expect(try graph.pass(.sinkTransposes) == 1)
    #expect(graph.operatorNames == ["ElementwiseBinary", "Transpose"])
    #expect(graph.floats("sum", 1) == [1, 3, 5, 2, 4, 6])
  }

  @Test func axesOfConcatenationsAndPadsAreRenamed() throws {
    var graph = try Graph.with([1, 2, 2, 3]) { graph, x in
      let a = try graph.toFirst(x)
      let joined = try graph.add(.concatenation(Concatenation(axis: 1)), a, a)
      return try graph.add(.padding(Padding(before: [0, 0, 1, 2], after: [0, 0, 3, 4], value: 0)), joined)
    }
    #expect(try graph.pass(.sinkTransposes) == 2)
    #expect(
      graph.nodes.map(\.operation) == [
        .concatenation(Concatenation(axis: 3)), .padding(Padding(before: [0, 1, 2, 0], after: [0, 3, 4, 0], value: 0)),
        .transpose(.toChannelsFirst),
      ])
  }

  @Test func softmaxOverAMovedAxisStopsATransposition() throws {
    var graph = try Graph.with([1, 2, 2, 3]) { graph, x in try graph.add(.softmax(Softmax()), try graph.toFirst(x)) }
    #expect(try graph.pass(.sinkTransposes) == 0)
  }

  @Test func channelsLastAtAnInputStays() throws {
    var graph = try Graph.with([1, 3, 2, 2]) { graph, x in try graph.relu(try graph.toLast(x)) }
    #expect(try graph.pass(.sinkTransposes) == 0)
  }

  @Test func twoReadersOfATranspositionEachMoveIt() throws {
    var graph = try Graph.with([1, 2, 2, 3]) { graph, x in
      let y = try graph.toFirst(try graph.relu(x))
      return try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), y, try graph.relu(y))
    }
    #expect(try graph.pass(.sinkTransposes) == 2)
    #expect(graph.operatorNames == ["ElementwiseUnary", "ElementwiseUnary", "ElementwiseBinary", "Transpose"])
  }

  @Test func removedAxesSinkBehindConcatenations() throws {
    var graph = try Graph.with([1, 4, 1, 6]) { graph, x in
      let a = try graph.reshape(try graph.relu(x), [1, 4, 6])
      return try graph.add(.concatenation(Concatenation(axis: 2)), a, try graph.relu(a))
    }
    #expect(try graph.pass(.sinkReshapes) == 2)
    #expect(graph.nodes.last?.operation == .reshape(Reshape(shape: [1, 4, 12])))
    #expect(graph.nodes.dropLast().last?.operation == .concatenation(Concatenation(axis: 3)))
  }

  @Test func chainsOfMovementBecomeTheShortestThatDoesTheSame() throws {
    func composed(_ shape: [Int], _ build: (inout Graph, ValueID) throws -> ValueID) throws -> [Operator] {
      var graph = try Graph.with(shape) { graph, x in try graph.relu(try build(&graph, x)) }
      _ = try graph.pass(.composeMovement)
      return graph.nodes.dropLast().map(\.operation)
    }
    #expect(try composed([1, 2, 3, 4]) { try $0.toLast(try $0.toFirst($1)) } == [])
    #expect(try composed([1, 1, 1, 4]) { try $0.toFirst($1) } == [.reshape(Reshape(shape: [1, 4, 1, 1]))])
    #expect(try composed([1, 6]) { try $0.reshape(try $0.reshape($1, [1, 2, 3]), [1, 3, 2]) } == [.reshape(Reshape(shape: [1, 3, 2]))])
    #expect(try composed([1, 2, 2, 4]) { try $0.toLast(try $0.toLast($1)) } == [.transpose(.toChannelsFirst)])
    // A line that was channels-last all along: [1, W, C] → [1, C, W] → [1, C, 1, W] → [1, 1, W, C].
    let line = try composed([1, 5, 3]) { graph, x in
      let first = try graph.add(.transpose(Transpose(permutation: [0, 2, 1])), x)
      return try graph.toLast(try graph.reshape(first, [1, 3, 1, 5]))
    }
    #expect(line == [.reshape(Reshape(shape: [1, 1, 5, 3]))])
  }

  @Test func cancellingKeepsTranspositionsOfAxesOfSizeOne() throws {
    var graph = try Graph.with([1, 1, 1, 4]) { graph, x in
      try graph.relu(try graph.reshape(try graph.toFirst(try graph.toLast(try graph.toFirst(x))), [1, 4]))
    }
    #expect(try graph.pass(.cancelMovement) == 1)
    #expect(graph.operatorNames == ["Transpose", "Reshape", "ElementwiseUnary"])
  }

  @Test func inputsReadOnTwoPathsAreBroughtToChannelsLastOnce() throws {
    var graph = try Graph.with([1, 3, 4, 4]) { graph, x in
      let padded = try graph.add(.padding(Padding(before: [0, 0, 1, 1], after: [0, 0, 1, 1], value: 0)), x)
      let y = try graph.toFirst(try graph.convolution(try graph.toLast(padded), 3))
      return try graph.convolution(try graph.toLast(try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), y, padded)), 2)
    }
    #expect(try graph.pass(.bringInputsToChannelsLast) == 1)
    _ = try graph.pass(.normalizeLayout)
    #expect(graph.operatorNames == ["Transpose", "Pad", "Conv", "ElementwiseBinary", "Conv"])
  }

  @Test func movementIsHoistedToAnInputThroughElementwiseOperators() throws {
    var graph = try Graph.with([1, 3, 2, 2]) { graph, x in
      let c = graph.addConstant("c", Tensor([3, 1, 1], [1, 2, 3]))
      return try graph.toLast(try graph.relu(try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), x, c, name: "scale")))
    }
    #expect(try graph.pass(.hoistMovementToInputs) == 2)
    #expect(graph.operatorNames == ["Transpose", "ElementwiseBinary", "ElementwiseUnary"])
    let scale = graph.nodes[1]
    #expect(scale.name == "scale" && graph.constant(scale.inputs[1]) == Tensor([1, 1, 1, 3], [1, 2, 3]))
  }

  @Test func aSingleNumberFollowsAReshapeToFewerAxes() throws {
    var graph = try Graph.with([1, 1, 2, 2]) { graph, x in
      let half = graph.addConstant("half", Tensor([1, 1, 1], [0.5]))
      let scaled = try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), x, half, name: "scale")
      return try graph.reshape(scaled, [1, 4])
    }
    #expect(try graph.pass(.hoistMovementToInputs) == 1)
    #expect(graph.operatorNames == ["Reshape", "ElementwiseBinary"])
    #expect(graph.constant(graph.nodes[1].inputs[1]) == Tensor([1], [0.5]))
  }

  @Test func movementIsNotHoistedInTheMiddle() throws {
    var graph = try Graph.with([1, 2, 2, 3]) { graph, x in try graph.toFirst(try graph.relu(try graph.convolution(x, 2))) }
    #expect(try graph.pass(.hoistMovementToInputs) == 0)
  }

  @Test func aDenseLayerTakesAFlattenedImageInItsOwnOrder() throws {
    // Channels-first order of [1, 1, 2, 2] is (0, 0) (0, 1) | (1, 0) (1, 1): elements 0, 2, 1, 3.
    var graph = try Graph.with([1, 1, 2, 2]) { graph, x in
      try graph.dense(try graph.reshape(try graph.toFirst(try graph.relu(x)), [1, 4]), 1)
    }
    #expect(try graph.pass(.absorbMovementIntoGemm) == 1)
    #expect(graph.operatorNames == ["ElementwiseUnary", "Reshape", "Gemm"])
    #expect(graph.floats("dense", 1) == [1, 3, 2, 4])
  }

  @Test func aDenseLayerWritesAnImageInTheOrderItIsReadIn() throws {
    var graph = try Graph.with([1, 1]) { graph, x in
      try graph.relu(try graph.toLast(try graph.reshape(try graph.dense(x, 4), [1, 2, 1, 2])))
    }
    #expect(try graph.pass(.absorbMovementIntoGemm) == 1)
    #expect(graph.operatorNames == ["Gemm", "Reshape", "ElementwiseUnary"])
    #expect(graph.floats("dense", 1) == [1, 3, 2, 4])
  }

  @Test func normalizingEndsAndReachesAFixedPoint() throws {
    var graph = try Graph.with([1, 3, 4, 4]) { graph, x in
      var y = try graph.toFirst(try graph.convolution(try graph.toLast(x), 3))
      y = try graph.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), y, x)
      return try graph.toFirst(try graph.convolution(try graph.toLast(y), 2))
    }
    #expect(try graph.pass(.normalizeLayout) > 0)
    #expect(graph.operatorNames == ["Transpose", "Conv", "ElementwiseBinary", "Conv", "Transpose"])
    #expect(try graph.pass(.normalizeLayout) == 0)
  }
}
