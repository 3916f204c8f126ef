import DeviceCompiler
import Diagnostics
import Foundation
import HostCompute
import HostTwin
import ModelGraph
import TestSupport
import Testing

@testable import Compression
@testable import ModelFormats

/// Whole networks against ONNX Runtime, which reads the same file: the float executor, and the integer program of the quantized network.
@Suite(.enabled(if: Peers.python != nil, Comment(rawValue: Peers.missing)))
struct OnnxRuntimeProcessTests {
  /// A network, the shape of a sample, and the least signal-to-noise ratio of its int8 outputs against the float ones. Each lies about
  /// 5 dB below what was measured.
  static let networks: [(name: String, model: ONNXModelBuilder, shape: [Int], decibels: Double)] = [
    ("keyword spotter", .keywordSpotter(), [1, 49, 10], 36),
    ("ResNet-8", .resNet8(), [3, 32, 32], 31),
    ("MobileNet", .mobileNet(), [3, 32, 32], 32),
    ("autoencoder", .autoencoder(), [640], 31),
    ("signal network", .signalNetwork(), [1, 512], 34),
  ]

  @Test(arguments: networks.indices)
  func syntheticNetworksComputeWhatOnnxRuntimeComputes(_ index: Int) async throws {
    let (name, model, shape, decibels) = Self.networks[index]
    let folder = TemporaryFolder()
    var random = TestSupport.SeededGenerator(seed: 21)
    let samples = 48
    let inputs = StoredArray(shape: [samples] + shape, floats: random.floats(samples * shape.reduce(1, *)))
    let data = try DataSet(path: "random", arrayName: "input", inputs: inputs, labels: nil)
    let comparison = try await Comparison(model: model.write(to: folder), data: data, calibration: data, in: folder)
    comparison.expectEqualFloats(name)
    let ratio = sqnr(reference: comparison.peer, other: comparison.integer)
    #expect(ratio > decibels, "\(name): the int8 outputs are at \(ratio) dB")
  }

  /// At most 1 image of 100 may get another class from the int8 program.
  @Test func theDigitsModelComputesWhatOnnxRuntimeComputes() async throws {
    let folder = TemporaryFolder()
    let digits = Peers.repository.appendingPathComponent("Examples/digits")
    func images(_ file: String) throws -> DataSet {
      try DataSet.load(path: digits.appendingPathComponent(file).path, input: nil, label: nil, scale: nil, offset: nil)
    }
    let model = digits.appendingPathComponent("digits.onnx").path
    let test = try images("test.npz")
    let comparison = try await Comparison(model: model, data: test, calibration: images("train.npz"), in: folder)
    comparison.expectEqualFloats("digits")
    let agreement = zip(classes(comparison.peer, of: 10), classes(comparison.integer, of: 10)).count { $0 == $1 }
    #expect(agreement * 100 >= test.count * 99, "\(agreement) of \(test.count) images get the same class")
  }
}

/// What ONNX Runtime, the float executor and the integer program compute from the same samples.
private struct Comparison {
  let peer: [Float]
  let float: [Float]
  let integer: [Float]

  init(model path: String, data: DataSet, calibration: DataSet, in folder: TemporaryFolder) async throws {
    var graph = try ONNXImporter.load(path: path).graph
    let inputName = graph[graph.inputs[0]].name
    let outputName = graph[graph.outputs[0]].name
    let samples = data.floats(0..<data.count)
    peer = try Self.runPeer(path, input: (inputName, StoredArray(samples)), output: outputName, in: folder)
    _ = try Pipeline.simplify.run(&graph)
    let result = try FloatExecutor(graph).run([try shaped(samples, like: graph.type(of: graph.inputs[0]))])
    float = try #require(result[0].floats)
    let plan = try quantize(graph, model: "", data: calibration, recipe: QuantizationRecipe())
    let kernels = try await HostKernels.load()
    let request = LoweringRequest(
      name: "network", inputElementType: data.elementType, inputScale: data.scale, inputOffset: data.offset,
      instructionSets: kernels.instructionSets)
    let twin = HostTwin(try lower(graph, plan: plan, request), kernels: kernels)
    let bytes = (0..<data.count).map { twin.program.input.quantized(data.sampleBytes($0)) }
    integer = twin.run(bytes).flatMap { $0.map(twin.program.output.real) }
  }

  private static func runPeer(
    _ model: String, input: (name: String, array: StoredArray), output: String, in folder: TemporaryFolder
  ) throws -> [Float] {
    try NpzFile.write([(name: input.name, array: input.array)], to: folder.file("inputs.npz"))
    let script = Peers.testFolder.appendingPathComponent("run_peer.py")
    let finished = try FinishedProcess.run(
      [try #require(Peers.python).path, script.path, model, folder.file("inputs.npz"), folder.file("outputs.npz")],
      in: URL(fileURLWithPath: folder.path))
    try #require(finished.exitCode == 0, "\(finished.errorText)")
    let result = try NpzFile(path: folder.file("outputs.npz")).array(output)
    return try DataSet(path: "outputs.npz", arrayName: output, inputs: result, labels: nil).floats(0..<result.shape[0]).floats ?? []
  }

  /// The float executor differs by at most 1e-4 of the range of the peer's outputs.
  func expectEqualFloats(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(float.count == peer.count, "\(name)", sourceLocation: sourceLocation)
    let range = (peer.max() ?? 0) - (peer.min() ?? 0)
    #expect(range > 0, "\(name): the outputs say something", sourceLocation: sourceLocation)
    let worst = zip(float, peer).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst <= 1e-4 * range, "\(name): off by \(worst) of \(range)", sourceLocation: sourceLocation)
  }
}

/// The index of the largest of each `count` numbers.
private func classes(_ scores: [Float], of count: Int) -> [Int] {
  stride(from: 0, to: scores.count, by: count).map { start in
    (0..<count).max { scores[start + $0] < scores[start + $1] } ?? 0
  }
}
