import DeviceCompiler
import Diagnostics
import ModelGraph
import Testing

@testable import Compression

struct ScaleGroupsTests {
  @Test func operatorsThatOnlyMoveOrCompareShareTheirScale() throws {
    var graph = Graph(name: "groups")
    let x = graph.addInput("x", TensorType(.float32, [1, 4, 4, 2]))
    let window = Window2D(kernel: (2, 2), stride: (2, 2))
    let maximum = try graph.append(.pooling(Pooling(kind: .maximum, window: window)), [x], name: "max")
    let average = try graph.append(.pooling(Pooling(kind: .average(countsPadding: false), window: window)), [x], name: "average")
    let joined = try graph.append(.concatenation(Concatenation(axis: 3)), [maximum, average], name: "joined")
    let turned = try graph.append(.transpose(.toChannelsFirst), [joined], name: "turned")
    let flat = try graph.append(.reshape(Reshape(shape: [1, 16])), [turned], name: "flat")
    let padded = try graph.append(.padding(Padding(before: [0, 1], after: [0, 1], value: 0)), [flat], name: "padded")
    let bounded = try graph.append(.elementwiseUnary(ElementwiseUnary(kind: .hardSwish)), [padded], name: "bounded")
    let groups = ScaleGroups(graph)
    for value in [maximum, average, joined, turned, flat, padded] { #expect(groups.root(value) == groups.root(x)) }
    #expect(groups.root(bounded) != groups.root(x))

    var apart = Graph(name: "apart")
    let input = apart.addInput("x", TensorType(.float32, [1, 4, 4, 2]))
    let mean = try apart.append(.pooling(Pooling(kind: .average(countsPadding: false), window: window)), [input], name: "average")
    #expect(ScaleGroups(apart).root(mean) != ScaleGroups(apart).root(input))
  }

  @Test func resultsOfBoundedFunctionsHaveFixedScales() {
    #expect(fixedQuantization(of: .softmax(Softmax())) == AffineQuantization(scale: 1 / 256, zeroPoint: -128))
    let unary = { (kind: ElementwiseUnary.Kind) in fixedQuantization(of: .elementwiseUnary(ElementwiseUnary(kind: kind))) }
    #expect(unary(.sigmoid) == AffineQuantization(scale: 1 / 256, zeroPoint: -128))
    #expect(unary(.hyperbolicTangent) == AffineQuantization(scale: 1 / 128, zeroPoint: 0))
    #expect(unary(.hardSwish) == nil)
  }

  @Test func storedBytesThatAreInt8AlreadyKeepTheirScale() {
    #expect(storedQuantization(.uint8, scale: 1, offset: 0) == AffineQuantization(scale: 1, zeroPoint: -128))
    #expect(storedQuantization(.uint8, scale: 0.0078125, offset: -1) == AffineQuantization(scale: 0.0078125, zeroPoint: 0))
    #expect(storedQuantization(.int8, scale: 0.25, offset: 1) == AffineQuantization(scale: 0.25, zeroPoint: -4))
    // A zero point between two integers or outside of int8 cannot be kept; nor can wider types.
    #expect(storedQuantization(.int8, scale: 0.3, offset: 1) == nil)
    #expect(storedQuantization(.uint8, scale: 1, offset: 300) == nil)
    #expect(storedQuantization(.int16, scale: 1, offset: 0) == nil)
    #expect(storedQuantization(.int8, scale: -1, offset: 0) == nil)
  }
}
