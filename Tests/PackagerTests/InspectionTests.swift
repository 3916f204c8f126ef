import Diagnostics
import ModelFormats
import ModelGraph
import Targets
import TestSupport
import Testing

@testable import Packager

struct InspectionTests {
  /// The networks of MLPerf Tiny by their shapes. The bounds are what the planner reached when they were written down.
  static let networks: [(name: String, model: ONNXModelBuilder, bytes: Int)] = [
    ("DS-CNN", .keywordSpotter(), 12_288), ("ResNet-8", .resNet8(), 37_888),
    ("MobileNet", .mobileNet(size: 96, channels: 8, blocks: 9, classes: 2), 41_984), ("autoencoder", .autoencoder(), 1792),
  ]

  @Test(arguments: networks.indices) func arenasOfKnownNetworksStaySmall(_ index: Int) throws {
    let (name, model, bytes) = Self.networks[index]
    let folder = TemporaryFolder()
    var graph = try ONNXImporter.load(path: model.write(to: folder), shapes: [:]).graph
    _ = try Pipeline.simplify.run(&graph)
    let program = try sizedProgram(graph, for: try TargetLibrary.standard().profile("arm64-512mb").profile)
    #expect(program.arena.bytes <= bytes, "\(name): \(program.arena.bytes)")
    #expect(program.arena.lowerBound <= program.arena.bytes && program.arena.bytes % 16 == 0)
  }

  @Test func layersCostWhatTheirShapesSay() throws {
    let folder = TemporaryFolder()
    let inspection = try inspect(
      model: ONNXModelBuilder.autoencoder().write(to: folder, as: "ad.onnx"), shapes: [:], target: "arm64-512mb")
    #expect(inspection.model == "ad.onnx" && inspection.rows.count == 6)
    #expect(inspection.rows.map(\.macs) == [640 * 128, 128 * 128, 128 * 8, 8 * 128, 128 * 128, 128 * 640])
    #expect(inspection.rows[0].parameters == 640 * 128 + 128 && inspection.rows[0].activationBytes == 128)
    #expect(inspection.targetSummary?.contains("arm64-512mb") == true)
  }
}
