import DeviceCompiler
import DeviceKernels
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import HostTwin

/// The kernels of this machine against the portable ones, on whole networks. Compiles the kernels when they are not cached.
struct HostTwinProcessTests {
  static let networks: [(name: String, model: ONNXModelBuilder)] = [
    ("keyword spotter", .keywordSpotter(channels: 24)), ("ResNet-8", .resNet8(channels: 8)),
    ("MobileNet", .mobileNet()), ("autoencoder", .autoencoder()), ("signal network", .signalNetwork()),
  ]

  @Test(arguments: networks.indices) func tunedKernelsGiveTheBytesOfThePortableOnes(_ index: Int) async throws {
    let kernels = try await HostKernels.load()
    guard kernels.instructionSets != [.portable] else { return print("not run: CPU lacks AVX2") }
    let (name, model) = Self.networks[index]
    let network = try PlannedNetwork(model)
    let tuned = HostTwin(try network.lowered(kernels.instructionSets), kernels: kernels)
    let portable = HostTwin(try network.lowered([.portable]), kernels: kernels)
    #expect(tuned.inputBytes == portable.inputBytes && tuned.outputBytes == portable.outputBytes)
    #expect(usesTunedKernels(tuned.program) && !usesTunedKernels(portable.program))
    let inputs = randomInputs(8, bytes: tuned.inputBytes, seed: 71)
    let outputs = tuned.run(inputs)
    #expect(outputs == portable.run(inputs), "\(name)")
    // Answers that do not depend on the input would be equal for the wrong reason.
    #expect(Set(outputs).count > 1, "\(name)")
    for step in try differingSteps(tuned, portable, inputs[0]) { Issue.record("\(name): step \(step) differs") }
  }

  @Test func parallelRunsEqualSerialOnes() async throws {
    var serial = try await HostKernels.load(threads: 1)
    let program = try PlannedNetwork(.keywordSpotter(channels: 8)).lowered(serial.instructionSets)
    let inputs = randomInputs(23, bytes: HostTwin(program, kernels: serial).inputBytes, seed: 72)
    let expected = HostTwin(program, kernels: serial).run(inputs)
    #expect(expected == inputs.flatMap { HostTwin(program, kernels: serial).run([$0]) })
    for threads in [2, 3, 64] {
      serial.threads = threads
      #expect(HostTwin(program, kernels: serial).run(inputs) == expected, "\(threads) threads")
    }
    #expect(HostTwin(program, kernels: serial).run([]) == [])
  }

  @Test func traceShowsEveryStepInOrderAndEndsWithTheAnswer() async throws {
    let kernels = try await HostKernels.load()
    let twin = HostTwin(try PlannedNetwork(.signalNetwork(length: 128)).lowered(kernels.instructionSets), kernels: kernels)
    let input = randomInputs(1, bytes: twin.inputBytes, seed: 73)[0]
    var shown: [(step: Int, bytes: [Int8])] = []
    twin.trace(input) { shown.append(($0, Array($1))) }
    #expect(shown.map(\.step) == Array(twin.program.steps.indices))
    #expect(shown.map(\.bytes.count) == twin.program.steps.map { twin.program.buffers[$0.output.index].bytes })
    #expect(shown.last?.bytes == twin.run([input])[0])
  }

  private func differingSteps(_ a: HostTwin, _ b: HostTwin, _ input: [Int8]) throws -> [String] {
    var (left, right): ([[Int8]], [[Int8]]) = ([], [])
    a.trace(input) { left.append(Array($1)) }
    b.trace(input) { right.append(Array($1)) }
    try #require(left.count == right.count)
    return left.indices.filter { left[$0] != right[$0] }.map { a.program.steps[$0].name }
  }

  private func usesTunedKernels(_ program: LoweredProgram) -> Bool {
    program.steps.contains { step in
      switch step.kind {
      case .convolution(_, let variant, _), .depthwiseConvolution(_, let variant, _), .matmul(_, let variant, _):
        variant.instructionSet != .portable
      case .floatConvolution, .add, .maximumPool, .averagePool, .softmax, .lookup, .stridedCopy: false
      }
    }
  }

  private func randomInputs(_ count: Int, bytes: Int, seed: UInt64) -> [[Int8]] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in (0..<bytes).map { _ in Int8.random(in: -128...127, using: &random) } }
  }
}

/// A synthetic network with a plan whose scales keep values spread over int8: enough to compare kernels, not to be accurate.
struct PlannedNetwork {
  var graph: Graph
  var plan: Plan

  init(_ model: ONNXModelBuilder) throws {
    let folder = TemporaryFolder()
    graph = try ONNXImporter.load(path: model.write(to: folder), shapes: [:]).graph
    _ = try Pipeline.simplify.run(&graph)
    plan = Plan(model: "")
    for id in graph.inputs + graph.nodes.map(\.output) { plan.activations[graph[id].name] = AffineQuantization(scale: 0.02, zeroPoint: -5) }
    for node in graph.nodes {
      switch node.operation {
      case .convolution, .gemm:
        let weights = try #require(graph.constant(node.inputs[1])?.floats)
        let channels = graph.type(of: node.inputs[1]).shape[0]
        let depth = weights.count / channels
        let scales = (0..<channels).map { channel in
          max(1e-6, weights[channel * depth..<(channel + 1) * depth].reduce(0) { max($0, abs($1)) } / 127)
        }
        plan.layers[node.name] = LayerPlan(weightBits: 8, weightScales: scales, biases: (0..<channels).map { Int32($0 * 37 % 501 - 250) })
      case .softmax: plan.activations[graph[node.output].name] = Softmax.outputQuantization
      case .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .concatenation, .padding, .reshape, .transpose: continue
      }
    }
  }

  func lowered(_ instructionSets: [InstructionSet]) throws(Failure) -> LoweredProgram {
    try lower(graph, plan: plan, LoweringRequest(name: "network", instructionSets: instructionSets))
  }
}
