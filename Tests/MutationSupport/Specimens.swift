import DeviceFormats
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Targets
import TestSupport

/// Sound files of each format, small, so that damage hits something.
public enum Specimens {
  /// - Parameter folder: where a model may be written to be imported.
  public static func files(of format: FileFormat, in folder: TemporaryFolder) throws -> [[UInt8]] {
    switch format {
    case .onnx: models.map { $0.bytes() }
    case .npz: try archives(in: folder)
    case .yaml: try profiles()
    case .plan: [Array(try plan(for: try planned(in: folder)).jsonBytes())]
    case .epk: [weights(blocks: [100, 64, 5000, 700, 33]), weights(blocks: [10_000, 1])]
    }
  }

  static var models: [ONNXModelBuilder] {
    [
      .mobileNet(size: 8, channels: 2, blocks: 2, classes: 3), .keywordSpotter(channels: 2),
      .signalNetwork(length: 64, channels: 2, classes: 3),
      .autoencoder(inputs: 12, hidden: [4]), everyOperator(),
    ]
  }

  /// A network that holds each operator of the importer, shape arithmetic included.
  static func everyOperator() -> ONNXModelBuilder {
    var model = ONNXModelBuilder()
    var x = model.input("x", ["N", 2, 8, "W"])
    model.model.graph.input[0].type.tensorType.shape.dim[3].dimValue = 8
    x = model.node("Mul", [x, model.weights("factor", [2, 1, 1], [0.5, 0.25])])
    x = model.node("Div", [model.node("Sub", [x, model.weights("mean", [1], [0.1])]), model.weights("deviation", [], [0.3])])
    x = model.node("Pad", [x, model.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])])
    x = model.node(
      "Conv", [x, model.random("w", [4, 2, 3, 3], fanIn: 18), model.random("b", [4], fanIn: 4)], ["auto_pad": .string("SAME_UPPER")])
    let left = model.node("HardSwish", [x])
    let right = model.node("LeakyRelu", [model.node("Identity", [x])], ["alpha": .float(0.2)])
    x = model.node("Concat", [left, model.node("PRelu", [right, model.weights("slope", [1], [0.1])])], ["axis": .int(1)])
    x = model.node("MaxPool", [x], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(1)])
    x = model.node("AveragePool", [x], ["kernel_shape": .ints([2, 2]), "pads": .ints([1, 1, 0, 0])])
    x = model.node("Add", [model.node("Sigmoid", [x]), model.node("Tanh", [x])])
    x = model.node("Dropout", [model.node("HardSigmoid", [model.node("Cast", [x], ["to": .int(1)])])])
    // Shape arithmetic, as exporters write `x.view(x.size(0), -1)`.
    let sizes = model.node("Shape", [x])
    let batch = model.node("Unsqueeze", [model.node("Gather", [sizes, model.integers("zero", [0])]), model.integers("axis", [0])])
    let first = model.node("Squeeze", [batch, model.integers("squeezed", [0])])
    let cut = model.node("Slice", [first, model.integers("starts", [0]), model.integers("ends", [1])])
    let one = model.node("ConstantOfShape", [model.integers("one", [1])], ["value": .integerTensor([1], [-1])])
    let flat = model.node("Reshape", [x, model.node("Concat", [cut, one], ["axis": .int(0)])])
    let image = model.node(
      "ReduceMean", [model.node("Transpose", [x], ["perm": .ints([0, 2, 3, 1])])], ["axes": .ints([1, 2]), "keepdims": .int(0)])
    let pooled = model.node("Flatten", [model.node("GlobalMaxPool", [x])])
    x = model.node("Concat", [model.node("Clip", [flat]), model.node("Relu", [image]), pooled], ["axis": .int(-1)])
    let width = 8 * 5 * 5 + 8 + 8
    x = model.node("MatMul", [x, model.random("m", [width, 6], fanIn: width)])
    model.output(model.node("Softmax", [model.node("Add", [x, model.random("bias", [6], fanIn: 6)])], ["axis": .int(-1)]))
    return model
  }

  private static func archives(in folder: TemporaryFolder) throws -> [[UInt8]] {
    let path = folder.file("specimen.npz")
    try NpzFile.write(
      [
        ("x", StoredArray(shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])),
        ("y", StoredArray(elementType: .int8, shape: [2], integers: [0, 1])),
      ], to: path)
    let written = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var builder = ArchiveBuilder()
    builder.members = [
      .init(name: "x.npy", content: arrayFile("<f8", "(2, 2)", Array(repeating: 0, count: 32)), isDeflated: true),
      .init(name: "y.npy", content: arrayFile("<i4", "(2,)", Array(repeating: 1, count: 8)), isDeflated: true),
    ]
    return [written, builder.bytes(), NpyFile.encode(StoredArray(elementType: .uint8, shape: [4, 3], integers: Array(0..<12)))]
  }

  private static func profiles() throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: try InstalledResources.current.path(of: .targets))
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted().map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
    }
  }

  /// The model that plans are for, simplified.
  static func planned(in folder: TemporaryFolder) throws -> Graph {
    var graph = try ONNXImporter.load(path: ONNXModelBuilder.mobileNet(size: 8, channels: 2, blocks: 2, classes: 3).write(to: folder)).graph
    _ = try Pipeline.simplify.run(&graph)
    return graph
  }

  /// A plan with scales that lowering takes.
  static func plan(for graph: Graph) -> Plan {
    var plan = Plan(model: String(repeating: "0a", count: 32), recipe: ["method": "made for tests"])
    for value in graph.values where value.constant == nil { plan.activations[value.name] = AffineQuantization(scale: 0.05, zeroPoint: -3) }
    for node in graph.nodes {
      switch node.operation {
      case .convolution, .gemm:
        let channels = graph.type(of: node.inputs[1]).shape[0]
        plan.layers[node.name] = LayerPlan(
          weightBits: 8, weightScales: Array(repeating: 0.01, count: channels), biases: (0..<channels).map { Int32($0 * 10) })
      case .softmax: plan.activations[graph[node.output].name] = AffineQuantization(scale: 1 / 256, zeroPoint: -128)
      case .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .concatenation, .padding, .reshape, .transpose: continue
      }
    }
    return plan
  }

  /// An `.epk` file with blocks of these sizes, two golden cases and two checksums.
  public static func weights(blocks sizes: [Int]) -> [UInt8] {
    let layout = PackedWeightsLayout(blocks: sizes.enumerated().map { ($1, $0) }, pageSize: 4096)
    let tests = PackedTestCases(
      golden: [.init(input: [1, -2, 3], output: [4, -5]), .init(input: [-128, 127, 0], output: [6, 7])],
      generatedChecksums: [0xDEAD_BEEF, 17], inputBytes: 3, outputBytes: 2)
    return PackedWeightsWriter(
      layout: layout, modelHash: [UInt8](repeating: 1, count: 32), targetHash: [UInt8](repeating: 2, count: 32),
      layoutHash: [UInt8](repeating: 3, count: 32)
    ).file(blocks: sizes.enumerated().map { index, size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) } }, tests: tests)
  }
}

extension Plan {
  fileprivate func jsonBytes() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self)
  }
}
