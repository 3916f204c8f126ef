import DeviceCompiler
import HostTwin
import ModelGraph
import TestSupport
import Testing

/// Random networks of every operator, with values read once, often, late or never, and any value as the output.
@Suite struct RandomNetworkProcessTests {
  /// Sharing bytes in the arena, row orders and aliases change no answer; neither does the instruction set, nor into how many parts steps
  /// are cut for threads.
  @Test func theArenaTheInstructionSetAndThreadsLeaveAnswersAlone() async throws {
    let kernels = try await TestKernels.load()
    var (shared, descending, split) = (0, 0, 0)
    let seeds = SeededGenerator.seeds(400)
    for seed in seeds {
      var network = RandomNetwork(seed: seed)
      try network.build()
      let program = try network.planned.lowered(network.output, for: kernels.instructionSets)
      let apart = program.withoutOverlaps
      let inputs = (0..<3).map { _ in network.inputs(count: program.buffers[program.input.buffer.index].bytes) }
      let answers = HostTwin(program, kernels: kernels).run(inputs)
      #expect(answers == HostTwin(apart, kernels: kernels).run(inputs), "EDGEPACK_SEED=\(seed)")
      let portable = try network.planned.lowered(network.output)
      #expect(answers == HostTwin(portable, kernels: kernels).run(inputs), "EDGEPACK_SEED=\(seed)")
      let threaded = try network.planned.lowered(network.output, for: kernels.instructionSets, threads: Int(seed % 4) + 2)
      #expect(answers == HostTwin(threaded, kernels: kernels).run(inputs), "threads, EDGEPACK_SEED=\(seed)")
      split += threaded.steps.count { $0.split != nil }
      shared += program.arena.bytes < apart.arena.bytes ? 1 : 0
      descending += program.arena.descendingSteps.isEmpty ? 0 : 1
    }
    if seeds.count > 1 {
      #expect(shared > 300)
      #expect(descending > 50)
      #expect(split > 400)
    }
  }

  /// Layers in row blocks give the same answers, with weights of a hundred bytes allowed and any instruction set.
  @Test func rowBlocksLeaveAnswersAlone() async throws {
    let kernels = try await TestKernels.load()
    var divided = 0
    let seeds = SeededGenerator.seeds(400)
    for seed in seeds {
      var network = RandomNetwork(seed: seed)
      try network.build()
      let program = try network.planned.lowered(network.output, for: kernels.instructionSets)
      let inputs = (0..<3).map { _ in network.inputs(count: program.buffers[program.input.buffer.index].bytes) }
      let answers = HostTwin(program, kernels: kernels).run(inputs)
      for sets in [kernels.instructionSets, []] {
        let blocks = try network.planned.lowered(network.output, for: sets, weightLimit: 100)
        #expect(answers == HostTwin(blocks, kernels: kernels).run(inputs), "EDGEPACK_SEED=\(seed)")
        divided += blocks.steps.count > program.steps.count ? 1 : 0
      }
    }
    if seeds.count > 1 { #expect(divided > 150) }
  }

  /// Row blocks and float layers are cut into parts like everything else.
  @Test func partsOfRowBlocksAndFloatLayersLeaveAnswersAlone() async throws {
    let kernels = try await TestKernels.load()
    var (blocks, floats) = (0, 0)
    let seeds = SeededGenerator.seeds(400)
    for seed in seeds {
      var network = RandomNetwork(seed: seed)
      try network.build()
      network.planned.keepEverySecondLayerFloat()
      let program = try network.planned.lowered(network.output, for: kernels.instructionSets)
      let inputs = (0..<3).map { _ in network.inputs(count: program.buffers[program.input.buffer.index].bytes) }
      let answers = HostTwin(program, kernels: kernels).run(inputs)
      for sets in [kernels.instructionSets, []] {
        let threaded = try network.planned.lowered(network.output, for: sets, weightLimit: 100, threads: Int(seed % 4) + 2)
        #expect(answers == HostTwin(threaded, kernels: kernels).run(inputs), "EDGEPACK_SEED=\(seed)")
        blocks += threaded.steps.count { $0.split != nil && $0.outputOffset > 0 }
        floats += threaded.steps.count { step in
          if case .floatConvolution = step.kind { step.split != nil } else { false }
        }
      }
    }
    if seeds.count > 1 { #expect(blocks > 50 && floats > 50, "\(blocks) row blocks, \(floats) float layers") }
  }
}

private struct RandomNetwork {
  var planned = PlannedGraph()
  private(set) var output = ValueID(0)
  private var values: [ValueID] = []
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func inputs(count: Int) -> [Int8] { (0..<count).map { _ in Int8.random(in: -128...127, using: &random) } }

  mutating func build() throws {
    values = [planned.input([1, number(1...7), number(1...7), number(1...6)], quantization())]
    for _ in 0..<number(1...9) { values.append(try layer(values[number(max(0, values.count - 3)...values.count - 1)])) }
    output = number(1...3) == 1 ? values[number(0...values.count - 1)] : values[values.count - 1]
  }

  private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func quantization() -> AffineQuantization {
    AffineQuantization(scale: [0.03, 0.04, 0.05][number(0...2)], zeroPoint: [-128, -7, 0, 40][number(0...3)])
  }

  /// The operand's own quantization two times in three.
  private mutating func similar(_ x: ValueID) -> AffineQuantization {
    let other = quantization()
    return number(1...3) == 1 ? other : planned.plan.activations[planned.graph[x].name] ?? other
  }

  private mutating func layer(_ x: ValueID) throws -> ValueID {
    let shape = planned.graph.type(of: x).shape
    switch number(0...10) {
    case 0: return try convolution(x, shape, isPointwise: true)
    case 1: return try convolution(x, shape, isPointwise: false)
    case 2: return try depthwise(x, shape)
    case 3:
      let kinds: [Pooling.Kind] = [.maximum, .average(countsPadding: false), .average(countsPadding: true)]
      return try planned.append(.pooling(Pooling(kind: kinds[number(0...2)], window: window(shape))), x, at: similar(x))
    case 4:
      let kinds: [ElementwiseUnary.Kind] = [.clip(.relu), .sigmoid, .leakyRelu(slope: 0.3), .hardSwish]
      return try planned.append(.elementwiseUnary(ElementwiseUnary(kind: kinds[number(0...3)])), x, at: quantization())
    case 5:
      let partners = values.filter { planned.graph.type(of: $0).shape == shape }
      let kind: ElementwiseBinary.Kind = number(0...1) == 0 ? .add : .subtract
      return try planned.append(
        .elementwiseBinary(ElementwiseBinary(kind: kind)), x, partners[number(0...partners.count - 1)], at: quantization())
    case 6:
      let partners = values.filter { planned.graph.type(of: $0).shape.dropLast() == shape.dropLast() }
      let joined = [x, partners[number(0...partners.count - 1)], x].prefix(number(2...3))
      return try planned.append(.concatenation(Concatenation(axis: 3)), operands: Array(joined), at: similar(x))
    case 7: return try planned.append(.transpose(Transpose(permutation: [0, 2, 1, 3])), x, at: similar(x))
    case 8: return try planned.append(.reshape(Reshape(shape: [1, shape[2], shape[1], shape[3]])), x, at: similar(x))
    case 9:
      let padding = Padding(before: [0, number(0...1), number(0...1), 0], after: [0, number(0...1), 1, number(0...1)], value: 0.4)
      return try planned.append(.padding(padding), x, at: similar(x))
    default: return try planned.append(.softmax(Softmax()), x, at: Softmax.outputQuantization)
    }
  }

  private mutating func window(_ shape: [Int]) -> Window2D {
    let kernel = (number(1...min(3, shape[1])), number(1...min(3, shape[2])))
    return Window2D(
      kernel: kernel, stride: (number(1...2), number(1...2)),
      pads: (number(0...kernel.0 - 1), number(0...kernel.1 - 1), number(0...kernel.0 - 1), number(0...kernel.1 - 1)))
  }

  private mutating func convolution(_ x: ValueID, _ shape: [Int], isPointwise: Bool) throws -> ValueID {
    let window = isPointwise ? Window2D(kernel: (1, 1)) : window(shape)
    return try weighted(
      Convolution(window: window, activation: number(0...1) == 0 ? .relu : .none), x,
      weights: [number(1...9), window.kernelHeight, window.kernelWidth, shape[3]])
  }

  private mutating func depthwise(_ x: ValueID, _ shape: [Int]) throws -> ValueID {
    let window = window(shape)
    return try weighted(
      Convolution(window: window, groups: shape[3]), x, weights: [shape[3], window.kernelHeight, window.kernelWidth, 1])
  }

  private mutating func weighted(_ operation: Convolution, _ x: ValueID, weights shape: [Int]) throws -> ValueID {
    let biases = (0..<shape[0]).map { _ in Int32(number(-3000...3000)) }
    return try planned.append(
      .convolution(operation), x, weights: Tensor(shape, random.floats(shape.reduce(1, *))), scale: 1 / 127, biases: biases,
      at: quantization())
  }
}
