import Foundation
import ModelFormats
import SwiftProtobuf

/// Builds ONNX models for tests, in the file format itself, so that they go through the importer as any other file does.
///
///     var model = ONNXModelBuilder()
///     let x = model.input("x", ["N", 3, 32, 32])
///     let w = model.random("w", [8, 3, 3, 3], fanIn: 27)
///     let y = model.node("Conv", [x, w], ["pads": .ints([1, 1, 1, 1])])
///     model.output(model.node("Relu", [y]))
///     let path = model.write(to: folder)
///
/// Networks of real shape are in `SyntheticNetworks.swift`.
public struct ONNXModelBuilder: Sendable {
  /// A size, or the name of a dynamic axis.
  public enum Dimension: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case size(Int)
    case dynamic(String)
    public init(integerLiteral value: Int) { self = .size(value) }
    public init(stringLiteral value: String) { self = .dynamic(value) }
  }

  public enum Attribute: Sendable {
    case int(Int)
    case ints([Int])
    case float(Float)
    case floats([Float])
    case string(String)
    case floatTensor([Int], [Float])
    case integerTensor([Int], [Int])
    case graph
  }

  /// The message itself, for tests that need what this builder does not offer.
  package var model = ONNXModelProto()
  private var generator: SeededGenerator
  private var nodeCount: [String: Int] = [:]

  /// - Parameter seed: of the random weights.
  public init(opset: Int = 17, seed: UInt64 = 1) {
    generator = SeededGenerator(seed: seed)
    model.irVersion = 8
    model.producerName = "edgepack-tests"
    model.graph.name = "test"
    setOpset(opset, domain: "")
  }

  public mutating func setOpset(_ version: Int, domain: String) {
    model.opsetImport.removeAll { $0.domain == domain }
    var entry = ONNXOperatorSetIdProto()
    entry.domain = domain
    entry.version = Int64(version)
    model.opsetImport.append(entry)
  }

  // MARK: Values

  /// Declares a float32 input and returns its name.
  public mutating func input(_ name: String, _ shape: [Dimension]) -> String {
    model.graph.input.append(valueInfo(name, shape))
    return name
  }

  /// Makes a value an output of the model; its shape is left to the importer.
  public mutating func output(_ name: String) { model.graph.output.append(valueInfo(name, [])) }

  /// Adds a float32 initializer and returns its name.
  @discardableResult
  public mutating func weights(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    model.graph.initializer.append(tensor(name, shape, values))
    return name
  }

  /// Adds an int64 initializer and returns its name.
  @discardableResult
  public mutating func integers(_ name: String, _ values: [Int]) -> String {
    model.graph.initializer.append(tensor(name, [values.count], integers: values))
    return name
  }

  /// Adds random weights, uniform with the variance 2 / fanIn (He et al. 2015), which keeps activations in range through ReLU layers.
  @discardableResult
  public mutating func random(_ name: String, _ shape: [Int], fanIn: Int) -> String {
    let bound = (6 / Float(fanIn)).squareRoot()
    return weights(name, shape, generator.floats(shape.reduce(1, *)).map { $0 * bound })
  }

  /// Adds random numbers of `range` and returns the initializer's name.
  @discardableResult
  public mutating func random(_ name: String, _ shape: [Int], in range: ClosedRange<Float>) -> String {
    let span = range.upperBound - range.lowerBound
    return weights(name, shape, generator.floats(shape.reduce(1, *)).map { range.lowerBound + ($0 + 1) / 2 * span })
  }

  // MARK: Nodes

  /// Adds a node and returns the name of its output.
  /// - Parameters:
  ///   - inputs: empty names stand for absent operands.
  ///   - name: of the node; made from its kind if nil, empty for a node without a name.
  ///   - outputs: `<name>_output` if empty.
  @discardableResult
  public mutating func node(
    _ kind: String, _ inputs: [String], _ attributes: KeyValuePairs<String, Attribute> = [:], name: String? = nil, outputs: [String] = [],
    domain: String = ""
  ) -> String {
    let number = nodeCount[kind, default: 0]
    nodeCount[kind] = number + 1
    var node = ONNXNodeProto()
    node.opType = kind
    node.domain = domain
    node.name = name ?? "\(kind)_\(number)"
    node.input = inputs
    node.output = outputs.isEmpty ? ["\(kind)_\(number)_output"] : outputs
    node.attribute = attributes.map(attribute)
    model.graph.node.append(node)
    return node.output[0]
  }

  // MARK: Files

  public func bytes() -> [UInt8] {
    do { return try model.serializedBytes() } catch { fatalError("a model that was built can be written: \(error)") }
  }

  /// Writes the model and returns its path.
  public func write(to folder: TemporaryFolder, as name: String = "model.onnx") -> String { folder.write(bytes(), to: name) }
}

private func valueInfo(_ name: String, _ shape: [ONNXModelBuilder.Dimension]) -> ONNXValueInfoProto {
  var info = ONNXValueInfoProto()
  info.name = name
  info.type.tensorType.elemType = .float
  for dimension in shape {
    var proto = ONNXTensorShapeProto.Dimension()
    switch dimension {
    case .size(let size): proto.dimValue = Int64(size)
    case .dynamic(let name): proto.dimParam = name
    }
    info.type.tensorType.shape.dim.append(proto)
  }
  return info
}

private func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> ONNXTensorProto {
  var tensor = ONNXTensorProto()
  tensor.name = name
  tensor.dims = shape.map(Int64.init)
  tensor.dataType = .float
  tensor.rawData = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
  return tensor
}

private func tensor(_ name: String, _ shape: [Int], integers: [Int]) -> ONNXTensorProto {
  var tensor = ONNXTensorProto()
  tensor.name = name
  tensor.dims = shape.map(Int64.init)
  tensor.dataType = .int64
  tensor.int64Data = integers.map(Int64.init)
  return tensor
}

private func attribute(_ name: String, _ value: ONNXModelBuilder.Attribute) -> ONNXAttributeProto {
  var attribute = ONNXAttributeProto()
  attribute.name = name
  switch value {
  case .int(let value): (attribute.i, attribute.type) = (Int64(value), .int)
  case .ints(let values): (attribute.ints, attribute.type) = (values.map(Int64.init), .ints)
  case .float(let value): (attribute.f, attribute.type) = (value, .float)
  case .floats(let values): (attribute.floats, attribute.type) = (values, .floats)
  case .string(let text): (attribute.s, attribute.type) = (Data(text.utf8), .string)
  case .floatTensor(let shape, let values): (attribute.t, attribute.type) = (tensor("", shape, values), .tensor)
  case .integerTensor(let shape, let values): (attribute.t, attribute.type) = (tensor("", shape, integers: values), .tensor)
  case .graph: (attribute.g, attribute.type) = (ONNXGraphProto(), .graph)
  }
  return attribute
}
