import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct DataMovementLoweringTests {
  /// An input and a table that changes nothing, so that movement behind it is no part of reading the input.
  private func start(_ shape: [Int], seed: UInt64 = 1) throws -> (TinyNetwork, ValueID) {
    var network = TinyNetwork(seed: seed)
    let x = network.input(shape, scale: 0.5, zeroPoint: 1)
    let copy = Operator.elementwiseUnary(ElementwiseUnary(kind: .clip(.none)))
    let y = try network.add(copy, [x], name: "same", scale: 0.5, zeroPoint: 1)
    return (network, y)
  }

  @Test(arguments: [[0, 2, 3, 1], [0, 3, 1, 2], [0, 1, 3, 2], [0, 3, 2, 1], [0, 1, 2, 3]])
  func transposesMoveEveryElement(_ permutation: [Int]) throws {
    var (network, x) = try start([1, 3, 4, 5])
    let y = try network.add(.transpose(Transpose(permutation: permutation)), [x], name: "t", scale: 0.5, zeroPoint: 1)
    let values = network.values(60)
    let result = PortableMachine(program: try network.lowered(output: y)).run(values)
    let (source, shape) = ([1, 3, 4, 5], network.graph.type(of: y).shape)
    for (index, value) in result.enumerated() {
      var coordinates = [0, 0, 0, 0]
      for (axis, part) in [0, index / (shape[2] * shape[3]), index / shape[3] % shape[2], index % shape[3]].enumerated() {
        coordinates[permutation[axis]] = part
      }
      #expect(value == values[(coordinates[1] * source[2] + coordinates[2]) * source[3] + coordinates[3]])
    }
  }

  @Test func moreThanFourAxesThatDoNotMergeAreRefused() throws {
    var (network, x) = try start([1, 2, 3, 2, 3, 2])
    let y = try network.add(.transpose(Transpose(permutation: [0, 5, 4, 3, 2, 1])), [x], name: "t", scale: 0.5, zeroPoint: 1)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
    #expect(failure?.diagnostics.map(\.code) == [.unsupportedOperator])
    var (merging, z) = try start([1, 2, 3, 2, 3, 2])
    let w = try merging.add(.transpose(Transpose(permutation: [0, 4, 5, 1, 2, 3])), [z], name: "t", scale: 0.5, zeroPoint: 1)
    #expect(try merging.lowered(output: w).steps.count == 2)
  }

  @Test func paddingSurroundsWithTheValueAtTheOutputsScale() throws {
    var (network, x) = try start([1, 2, 2, 1])
    let y = try network.add(
      .padding(Padding(before: [0, 1, 0, 0], after: [0, 0, 2, 1], value: -3)), [x], name: "pad", scale: 0.5, zeroPoint: 1)
    let program = try network.lowered(output: y)
    // −3 / 0.5 + 1
    #expect(
      PortableMachine(program: program).run([10, 20, 30, 40]) == [
        -5, -5, -5, -5, -5, -5, -5, -5,
        10, -5, 20, -5, -5, -5, -5, -5,
        30, -5, 40, -5, -5, -5, -5, -5,
      ])
  }

  @Test func operandsOfAConcatenationAreBroughtToItsScaleByAVisibleStep() throws {
    var (network, x) = try start([1, 2, 2])
    let other = try network.add(
      .elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.5))), [x], name: "half", scale: 0.25, zeroPoint: 0)
    let y = try network.add(.concatenation(Concatenation(axis: 2)), [x, other, x], name: "joined", scale: 0.5, zeroPoint: 1)
    let program = try network.lowered(output: y)
    #expect(program.steps.map(\.name) == ["same", "half", "joined/requantize", "joined"])
    // Real values 4.5, −4.5, 0, 1; the second branch halves the negative one.
    #expect(PortableMachine(program: program).run([10, -8, 1, 3]) == [10, -8, 10, -3, 10, -8, 1, 3, 1, 3, 1, 3])
  }

  @Test func aReshapeSharesItsOperandsBuffer() throws {
    var (network, x) = try start([1, 2, 6])
    let flat = try network.add(.reshape(Reshape(shape: [1, 12])), [x], name: "flat", scale: 0.5, zeroPoint: 1)
    let program = try network.lowered(output: flat)
    #expect(program.steps.map(\.name) == ["same"])
    #expect(program.output.buffer == program.steps[0].output && program.output.shape == [1, 12])
  }
}
