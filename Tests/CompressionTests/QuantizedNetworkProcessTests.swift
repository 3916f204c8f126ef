import DeviceCompiler
import Diagnostics
import HostCompute
import HostTwin
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import Compression

/// Whole networks: float against the integer program of their plan. Compiles the host's kernels when they are not cached.
struct QuantizedNetworkProcessTests {
  static let networks: [(name: String, model: ONNXModelBuilder, shape: [Int], decibels: Double)] = [
    ("autoencoder", .autoencoder(inputs: 64, hidden: [32, 8, 32]), [64], 25),
    ("signal network", .signalNetwork(length: 128), [1, 128], 25),
    ("ResNet-8", .resNet8(channels: 8), [3, 32, 32], 20),
  ]

  @Test(arguments: networks.indices, RangeMethod.allCases)
  func integerProgramsStayCloseToTheirFloatModel(_ index: Int, _ method: RangeMethod) async throws {
    let (name, model, shape, decibels) = Self.networks[index]
    let folder = TemporaryFolder()
    var graph = try ONNXImporter.load(path: model.write(to: folder), shapes: [:]).graph
    _ = try Pipeline.simplify.run(&graph)
    var random = SeededGenerator(seed: 9)
    let count = 64
    let data = try DataSet(
      path: "random", arrayName: "x",
      inputs: StoredArray(shape: [count] + shape, floats: random.floats(count * shape.reduce(1, *))), labels: nil)
    let plan = try quantize(graph, model: "", data: data, recipe: QuantizationRecipe(ranges: method))
    let kernels = try await HostKernels.load()
    let request = LoweringRequest(name: "network", instructionSets: kernels.instructionSets)
    let twin = HostTwin(try lower(graph, plan: plan, request), kernels: kernels)
    let outputs = twin.run((0..<count).map { twin.program.input.quantized(data.sampleBytes($0)) }).flatMap {
      $0.map(twin.program.output.real)
    }
    let input = try shaped(data.floats(0..<count), like: graph.type(of: graph.inputs[0]))
    let reference = try #require(try FloatExecutor(graph).run([input])[0].floats)
    let found = sqnr(reference: reference, other: outputs)
    #expect(found > decibels, "\(name) by \(method): \(found) dB")
  }
}
