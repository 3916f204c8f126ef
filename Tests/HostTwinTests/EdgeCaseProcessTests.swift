import DeviceCompiler
import HostTwin
import ModelGraph
import Testing

/// What networks at the borders of the supported set compute, by hand.
@Suite struct EdgeCaseProcessTests {
  private let quantization = AffineQuantization(scale: 0.5, zeroPoint: 3)
  private let samples: [Int8] = [-128, -100, -3, 0, 3, 4, 90, 127]

  private func answer(_ planned: PlannedGraph, _ output: ValueID, to input: [Int8]) async throws -> [Int8] {
    let kernels = try await TestKernels.load()
    return HostTwin(try planned.lowered(output, for: kernels.instructionSets), kernels: kernels).run([input])[0]
  }

  @Test func anInputThatIsOnlyReshapedComesOutAsItIs() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let y = try planned.append(.reshape(Reshape(shape: [1, 2, 4])), x, at: quantization)
    let program = try planned.lowered(y)
    #expect(program.steps.isEmpty && program.input.buffer == program.output.buffer)
    #expect(try await answer(planned, y, to: samples) == samples)
  }

  @Test func anOutputThatLaterLayersReadSurvivesThem() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let y = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), x, at: quantization)
    _ = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .sigmoid)), y, at: AffineQuantization(scale: 1 / 256, zeroPoint: -128))
    #expect(try await answer(planned, y, to: samples) == samples.map { max(3, $0) })
  }

  @Test func anOutputMayBeAReshapedInputThatLayersReadToo() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let y = try planned.append(.reshape(Reshape(shape: [1, 2, 4])), x, at: quantization)
    _ = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), x, at: quantization)
    #expect(try await answer(planned, y, to: samples) == samples)
  }

  /// The reshaped value shares the buffer of its operand, which must live as long as either.
  @Test func aReshapedValueLivesAsLongAsItsLastReader() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let a = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), x, at: quantization)
    let reshaped = try planned.append(.reshape(Reshape(shape: [1, 2, 4])), a, at: quantization)
    var b = a
    for _ in 0..<3 { b = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.5))), b, at: quantization) }
    let c = try planned.append(.reshape(Reshape(shape: [1, 2, 4])), b, at: quantization)
    let y = try planned.append(
      .elementwiseBinary(ElementwiseBinary(kind: .add)), reshaped, c, at: AffineQuantization(scale: 1, zeroPoint: 0))
    // (v + v) / 2 at the doubled scale, v ≥ 0 in steps of the input.
    #expect(try await answer(planned, y, to: samples) == samples.map { max(3, $0) - 3 })
  }

  /// A joined operand is brought to the result's scale in a buffer of its own: its other reader sees it as it was.
  @Test func joiningAtAnotherScaleLeavesTheOperandAlone() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let a = try planned.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), x, at: quantization)
    let coarse = AffineQuantization(scale: 1, zeroPoint: 0)
    let joined = try planned.append(.concatenation(Concatenation(axis: 1)), a, a, at: coarse)
    let doubled = try planned.append(.concatenation(Concatenation(axis: 1)), a, a, at: quantization)
    let y = try planned.append(.elementwiseBinary(ElementwiseBinary(kind: .subtract)), doubled, joined, at: quantization)
    // Half a step is lost in the coarse copy where the value is odd: rounded half to even.
    let expected = samples.map { sample -> Int8 in
      let fine = Int(max(3, sample)) - 3
      let copy = Int((Double(fine) / 2).rounded(.toNearestOrEven))
      return Int8(fine - 2 * copy + 3)
    }
    #expect(try await answer(planned, y, to: samples) == expected + expected)
  }

  @Test func aSumOfVeryDifferentScalesIsItsLargerOperand() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8], quantization)
    let tiny = try planned.append(
      .elementwiseUnary(ElementwiseUnary(kind: .clip(.none))), x, at: AffineQuantization(scale: 0x1p-30, zeroPoint: 0))
    let y = try planned.append(.elementwiseBinary(ElementwiseBinary(kind: .add)), x, tiny, at: quantization)
    #expect(try await answer(planned, y, to: samples) == samples)
  }

  @Test func aSoftmaxOfOneColumnIsCertain() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 8, 1], quantization)
    let y = try planned.append(.softmax(Softmax()), x, at: Softmax.outputQuantization)
    #expect(try await answer(planned, y, to: samples) == Array(repeating: 127, count: 8))
  }

  /// Windows of two rows, three apart, over one row and its padding: the middle one touches no element and has nothing to divide by.
  @Test func anAverageOfNoElementsIsZero() async throws {
    var planned = PlannedGraph()
    let x = planned.input([1, 1, 1, 8], quantization)
    let window = Window2D(kernel: (2, 1), dilation: (3, 1), pads: (top: 3, left: 0, bottom: 3, right: 0))
    let y = try planned.append(.pooling(Pooling(kind: .average(countsPadding: false), window: window)), x, at: quantization)
    let nothing = Array(repeating: Int8(3), count: 8)
    #expect(try await answer(planned, y, to: samples) == samples + nothing + nothing + samples)
  }

  /// Packing and evaluating may start at the same time, with an empty cache.
  @Test func kernelsLoadedSideBySideDoNotDisturbEachOther() async throws {
    async let first = HostKernels.load()
    async let second = HostKernels.load()
    let sets = (try await first.instructionSets, try await second.instructionSets)
    #expect(sets.0 == sets.1 && sets.0.contains(.portable))
  }
}
