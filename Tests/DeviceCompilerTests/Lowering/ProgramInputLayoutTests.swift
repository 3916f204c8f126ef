import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct ProgramInputLayoutTests {
  /// Lowers movement behind the input, then a table; all at one scale.
  private func layout(_ shape: [Int], _ movement: [Operator]) throws -> (program: LoweredProgram, steps: [String]) {
    var network = TinyNetwork()
    var value = network.input(shape, scale: 0.5, zeroPoint: 0)
    for (index, operation) in movement.enumerated() {
      value = try network.add(operation, [value], name: "move\(index)", scale: 0.5, zeroPoint: 0)
    }
    value = try network.add(
      .elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.5))), [value], name: "table", scale: 0.5, zeroPoint: 0)
    let program = try network.lowered(output: value)
    return (program, program.steps.map(\.name))
  }

  @Test func channelsFirstImagesAreStoredChannelsLastWhileTheyAreRead() throws {
    let (program, steps) = try layout([1, 3, 4, 5], [.transpose(.toChannelsLast)])
    #expect(steps == ["table"])
    #expect(program.input.shape == [1, 3, 4, 5] && program.input.bufferStrides == [1, 15, 3])
  }

  @Test func signalsOfOneDimensionAreReadThroughReshapeAndTranspose() throws {
    // [N, C, L] becomes [N, 1, L, C].
    let (program, steps) = try layout([1, 2, 8], [.reshape(Reshape(shape: [1, 2, 1, 8])), .transpose(.toChannelsLast)])
    #expect(steps == ["table"])
    #expect(program.input.bufferStrides == [1, 2])
  }

  @Test func axesOfOneElementNeedNoStride() throws {
    let (program, _) = try layout([1, 1, 4, 5], [.transpose(.toChannelsLast)])
    #expect(program.input.bufferStrides == [0, 5, 1])
  }

  @Test func whatNoStridesSayStaysAStep() throws {
    // After the reshape, the second transpose cuts across the rows that the first one made.
    let turn = Operator.transpose(Transpose(permutation: [0, 2, 1]))
    let (program, steps) = try layout([1, 2, 3], [turn, .reshape(Reshape(shape: [1, 2, 3])), turn])
    #expect(steps == ["move2", "table"])
    #expect(program.input.bufferStrides == [1, 2])
    #expect(PortableMachine(program: program).run([2, 4, 6, 8, 10, 12]) == [2, 8, 4, 10, 6, 12])
  }

  @Test func anInputThatIsReadTwiceIsStoredAsItIs() throws {
    var network = TinyNetwork()
    let x = network.input([1, 2, 3], scale: 0.5, zeroPoint: 0)
    let turned = try network.add(.transpose(Transpose(permutation: [0, 2, 1])), [x], name: "turned", scale: 0.5, zeroPoint: 0)
    let back = try network.add(.reshape(Reshape(shape: [1, 2, 3])), [turned], name: "back", scale: 0.5, zeroPoint: 0)
    let y = try network.add(.elementwiseBinary(ElementwiseBinary(kind: .add)), [x, back], name: "sum", scale: 1, zeroPoint: 0)
    let program = try network.lowered(output: y)
    #expect(program.steps.map(\.name) == ["turned", "sum"])
    #expect(program.input.bufferStrides == [3, 1])
    // [[1, 2, 3], [4, 5, 6]] and its transpose read as 2×3: [[1, 4, 2], [5, 3, 6]]; half of the sum.
    #expect(PortableMachine(program: program).run([2, 4, 6, 8, 10, 12]) == [2, 6, 5, 9, 8, 12])
  }
}
