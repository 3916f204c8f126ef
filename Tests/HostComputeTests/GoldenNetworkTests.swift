import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import HostCompute

/// Whole networks in the forms that exporters write, against ONNX Runtime: `Fixtures/networks.json`, made by `Fixtures/make_networks.py`.
struct GoldenNetworkTests {
  @Test(arguments: NetworkFixture.all)
  func importedNetworkComputesWhatOnnxRuntimeComputes(_ fixture: NetworkFixture) throws {
    var graph = try fixture.graph()
    let before = try FloatExecutor(graph).run([fixture.samples])
    expectClose(before.first?.floats ?? [], fixture.outputs, tolerance: 2e-5, "as imported")
    _ = try Pipeline.simplify.run(&graph)
    try graph.checkInvariants()
    let after = try FloatExecutor(graph).run([try #require(fixture.samples(like: graph))])
    expectClose(after.first?.floats ?? [], fixture.outputs, tolerance: 2e-5, "simplified")
  }

  @Test func simplificationLeavesNoNormalizationBehindAConvolution() throws {
    #expect(NetworkFixture.all.count >= 45)
    for fixture in NetworkFixture.all {
      var graph = try fixture.graph()
      _ = try Pipeline.simplify.run(&graph)
      for node in graph.nodes where node.operation.name == BatchNormalization.name {
        let source = graph.producer(of: node.inputs[0]).map(\.operation.name)
        #expect(source != Convolution.name && source != Gemm.name, "\(fixture.name)")
      }
    }
  }
}

struct NetworkFixture: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  /// The ONNX file, base64.
  var model: Data
  /// Shape of the samples, `[2, …]`, and what they and the outputs are, one sample after the other.
  var input: [Int]
  var inputs, outputs: [Float]

  var testDescription: String { name }
  var samples: Tensor { Tensor(input, inputs) }

  /// The samples in the shape that the graph's input has.
  func samples(like graph: Graph) -> Tensor? {
    guard let id = graph.inputs.first else { return nil }
    return samples.reshaped(to: [input[0]] + graph.type(of: id).shape.dropFirst())
  }

  func graph() throws -> Graph {
    let folder = TemporaryFolder()
    let file = folder.file("network.onnx")
    try model.write(to: URL(fileURLWithPath: file))
    return try ONNXImporter.load(path: file).graph
  }

  static let all: [NetworkFixture] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/networks.json")
    do { return try JSONDecoder().decode([NetworkFixture].self, from: Data(contentsOf: file)) } catch {
      preconditionFailure("networks.json cannot be read: \(error)")
    }
  }()
}
