import Diagnostics
import Foundation
import HostCompute
import ModelGraph
import SwiftProtobuf
import TestSupport

@testable import ModelFormats

/// One of ONNX's node tests: a model, the values of its inputs, and the outputs that ONNX's reference computes.
///
/// The tests feed everything as graph inputs, weights too, and fix every size. Our importer takes weights as initializers and works on
/// one sample. So the model is rewritten, by this rule:
/// - Inputs that are *data* get the shape of their test value, with axis 0 left open as the batch.
/// - Every other input becomes an initializer with its test value.
///
/// Data are float tensors. They are chosen in two ways: the first one with all others of the same rank and batch, and the first one alone.
/// A test passes if at least one choice is imported and each one that is imported gives the expected outputs. Where the outputs do not
/// have the batch of the data, samples are mixed; that is no choice, as programs work on one sample.
struct NodeCase {
  enum Verdict {
    case passes
    /// The importer, or the executor, says that it cannot do this.
    case refused(String)
    /// Accepted, but the outputs are not the expected ones.
    case wrong(String)
  }

  private let model: ONNXModelProto
  /// In the order of the graph's inputs.
  private let inputs: [ONNXTensorProto]
  private let expected: [ONNXTensorProto]

  /// Reads a folder of a test; nil if an input or output is no tensor but a sequence or an optional.
  init?(_ folder: URL) throws {
    model = try ONNXModelProto(serializedBytes: Data(contentsOf: folder.appendingPathComponent("model.onnx")))
    let values = model.graph.input + model.graph.output
    guard values.allSatisfy({ if case .tensorType = $0.type.value { true } else { false } }) else { return nil }
    let data = folder.appendingPathComponent("test_data_set_0")
    inputs = try model.graph.input.indices.map { try Self.tensor(data.appendingPathComponent("input_\($0).pb")) }
    expected = try model.graph.output.indices.map { try Self.tensor(data.appendingPathComponent("output_\($0).pb")) }
  }

  private static func tensor(_ file: URL) throws -> ONNXTensorProto { try ONNXTensorProto(serializedBytes: Data(contentsOf: file)) }

  // MARK: Judging

  /// - Parameter folder: where the rewritten models are written.
  func verdict(in folder: TemporaryFolder) throws -> Verdict {
    var refusal = "no float tensor goes in, or samples are mixed"
    var passes = false
    for data in dataChoices() {
      let outputs: [Tensor]
      do { outputs = try run(data: data, in: folder) } catch let failure as Failure {
        refusal = "\(failure.diagnostics[0].code.rawValue), \(failure.diagnostics[0].message)"
        continue
      }
      if let difference = try difference(outputs) { return .wrong("with data \(data.map { model.graph.input[$0].name }): \(difference)") }
      passes = true
    }
    return passes ? .passes : .refused(refusal)
  }

  /// Positions of the inputs that are data, for each of the two ways.
  private func dataChoices() -> [[Int]] {
    let floats = inputs.indices.filter { [.float, .float16, .double, .bfloat16].contains(inputs[$0].dataType) }
    guard let first = floats.first else { return [] }
    let alike = floats.filter { inputs[$0].dims.count == inputs[first].dims.count && inputs[$0].dims.first == inputs[first].dims.first }
    let batch = inputs[first].dims.first
    let isSplit = batch == 1 || expected.allSatisfy { $0.dims.first == batch }
    return !isSplit ? [] : alike.count > 1 ? [alike, [first]] : [[first]]
  }

  private func run(data: [Int], in folder: TemporaryFolder) throws -> [Tensor] {
    let path = folder.write(try rewritten(data: data).serializedBytes(), to: "model.onnx")
    var graph = try ONNXImporter.load(path: path).graph
    _ = try Pipeline.simplify.run(&graph)
    let decoder = TensorDecoder(path: path)
    let tensors = try data.map { try decoder.decode(inputs[$0], element: model.graph.input[$0].name) }
    return try FloatExecutor(graph).run(tensors)
  }

  /// The model with its inputs as the rule says.
  private func rewritten(data: [Int]) -> ONNXModelProto {
    var result = model
    result.graph.input = data.map { index in
      var input = model.graph.input[index]
      input.type.tensorType.shape.dim = inputs[index].dims.enumerated().map { axis, size in
        var dimension = ONNXTensorShapeProto.Dimension()
        if axis == 0 { dimension.dimParam = "N" } else { dimension.dimValue = size }
        return dimension
      }
      return input
    }
    for index in inputs.indices where !data.contains(index) {
      var constant = inputs[index]
      constant.name = model.graph.input[index].name
      result.graph.initializer.append(constant)
    }
    return result
  }

  /// The first output that differs from the expected one by more than `1e-5 + 1e-3 · |expected|`; nil if there is none. Models in
  /// bfloat16 are computed in float32, so that their outputs may differ by the spacing of bfloat16, 2⁻⁸.
  private func difference(_ outputs: [Tensor]) throws -> String? {
    guard outputs.count == expected.count else { return "\(outputs.count) outputs instead of \(expected.count)" }
    for (output, proto) in zip(outputs, expected) {
      let reference = try TensorDecoder(path: "").decode(proto, element: proto.name)
      guard let values = reference.floats ?? reference.integers?.map({ Float($0) }), let actual = output.floats else {
        return "\(proto.name) holds no numbers"
      }
      guard output.shape == reference.shape else { return "\(proto.name) is \(output.shape) instead of \(reference.shape)" }
      let tolerance: Float = proto.dataType == .bfloat16 ? 1 / 256 : 1e-3
      let fault = zip(actual, values).first { actual, expected in
        !(actual == expected || (actual.isNaN && expected.isNaN) || abs(actual - expected) <= 1e-5 + tolerance * abs(expected))
      }
      if let fault { return "\(proto.name) holds \(fault.0) where \(fault.1) is expected" }
    }
    return nil
  }
}
