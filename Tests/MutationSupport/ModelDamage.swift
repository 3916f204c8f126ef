import Foundation
import ModelFormats
import SwiftProtobuf
import TestSupport

/// Damages that only a reader of ONNX can do: the message stays well-formed and says something absurd.
enum ModelDamage: String, CaseIterable {
  case initializerDimensions, initializerLength, initializerType, initializerValues, integerConstants, externalData
  case inputDimensions, inputType, attributeValue, attributeType, attributeName, extraAttribute
  case operatorKind, operands, outputs, duplicateName, cycle, nodeOrder, removeNode, duplicateNode
  case opset, outputName, longName, deepNesting, sparseTensor, growingChain, hugeFill, deepTransposes, strangeNode

  func apply(to model: inout ONNXModelProto, _ random: inout SeededGenerator) {
    switch self {
    case .initializerDimensions, .initializerLength, .initializerType, .initializerValues, .integerConstants, .externalData:
      damageInitializer(&model.graph, &random)
    case .inputDimensions, .inputType, .outputName, .longName, .opset: damageDeclaration(&model, &random)
    case .attributeValue, .attributeType, .attributeName, .extraAttribute: damageAttribute(&model.graph, &random)
    case .operatorKind, .operands, .outputs, .duplicateName, .cycle, .nodeOrder, .removeNode, .duplicateNode:
      damageNodes(&model.graph, &random)
    case .growingChain, .hugeFill, .deepTransposes, .strangeNode: insertNodes(&model.graph, &random)
    case .deepNesting, .sparseTensor: break
    }
  }

  /// What cannot be said with the message types is appended as bytes.
  func suffix(_ random: inout SeededGenerator) -> [UInt8] {
    switch self {
    case .deepNesting: nestedGraphs(depth: random.pick([50, 150, 1000, 20_000]))
    // Model.graph (7), graph.sparse_initializer (15): an empty message or one with a wrong length.
    case .sparseTensor: [0x3A, 2 + 2, 0x7A, 2, 0x0A, random.pick([0, 0x7F])]
    default: []
    }
  }

  private func damageInitializer(_ graph: inout ONNXGraphProto, _ random: inout SeededGenerator) {
    guard let index = graph.initializer.indices.randomElement(using: &random) else { return }
    let count = graph.initializer[index].dims.count
    switch self {
    case .initializerDimensions:
      switch random.pick([0, 1, 2, 3]) {
      case 0: graph.initializer[index].dims.append(Int64(random.absurd()))
      case 1: graph.initializer[index].dims = (0..<random.pick([1, 2, 9, 40])).map { _ in Int64(random.absurd()) }
      case 2: graph.initializer[index].dims = [1 << 31, 1 << 31, 1 << 31]
      default: if count > 0 { graph.initializer[index].dims[Int.random(in: 0..<count, using: &random)] = Int64(random.absurd()) }
      }
    case .initializerLength:
      let data = graph.initializer[index].rawData
      graph.initializer[index].rawData = random.oneIn(2) ? data.dropLast(1 + Int.random(in: 0...7, using: &random)) : data + Data([0, 1])
    case .initializerType: graph.initializer[index].dataType = .init(rawValue: Int.random(in: -1...30, using: &random)) ?? .undefined
    case .initializerValues:
      let value = random.pick([Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.leastNonzeroMagnitude, -0.0])
      let size = graph.initializer[index].rawData.count / 4
      guard size > 0 else { return }
      let place = 4 * Int.random(in: 0..<size, using: &random)
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes in
        for (offset, byte) in bytes.enumerated() { graph.initializer[index].rawData[place + offset] = byte }
      }
    case .integerConstants:
      let constants = graph.initializer.indices.filter { !graph.initializer[$0].int64Data.isEmpty }
      guard let constant = constants.randomElement(using: &random) else { return }
      let place = Int.random(in: graph.initializer[constant].int64Data.indices, using: &random)
      graph.initializer[constant].int64Data[place] = Int64(random.absurd())
    default:
      graph.initializer[index].dataLocation = .external
      let path = random.pick(["", "weights.bin", "/etc/passwd", "../../x", ".", "a/\0/b", "m.onnx", String(repeating: "a/", count: 5000)])
      for (key, value) in [("location", path), ("offset", "\(random.absurd())"), ("length", "\(random.absurd())")] where !random.oneIn(4) {
        var entry = ONNXStringStringEntryProto()
        (entry.key, entry.value) = (key, value)
        graph.initializer[index].externalData.append(entry)
      }
    }
  }

  private func damageDeclaration(_ model: inout ONNXModelProto, _ random: inout SeededGenerator) {
    switch self {
    case .opset:
      if random.oneIn(2) || model.opsetImport.isEmpty {
        model.irVersion = Int64(random.absurd())
      } else {
        model.opsetImport[0].version = random.oneIn(2) ? Int64(random.absurd()) : Int64.random(in: 1...30, using: &random)
      }
    case .outputName:
      guard !model.graph.output.isEmpty else { return }
      model.graph.output[0].name = random.pick([""] + model.graph.node.flatMap(\.output) + model.graph.initializer.map(\.name))
      if random.oneIn(2) { model.graph.output.append(model.graph.output[0]) }
    case .longName:
      guard let index = model.graph.node.indices.randomElement(using: &random) else { return }
      model.graph.node[index].name = String(repeating: random.pick(["x", "\u{1B}[31m", "\n", "ä", "\u{202E}"]), count: 10_000)
    case .inputType:
      guard !model.graph.input.isEmpty else { return }
      let type = ONNXTensorProto.DataType(rawValue: Int.random(in: -1...30, using: &random)) ?? .undefined
      model.graph.input[0].type.tensorType.elemType = type
    default:
      guard !model.graph.input.isEmpty else { return }
      var dimension = ONNXTensorShapeProto.Dimension()
      dimension.dimValue = Int64(random.oneIn(2) ? random.absurd() : random.pick([1000, 10_000, 65_537, 1 << 20, 1 << 22, 1 << 24]))
      let count = model.graph.input[0].type.tensorType.shape.dim.count
      if random.oneIn(4) || count == 0 {
        let more = Array(repeating: dimension, count: random.pick([1, 3, 12, 70]))
        model.graph.input[0].type.tensorType.shape.dim += more
      } else {
        model.graph.input[0].type.tensorType.shape.dim[Int.random(in: 0..<count, using: &random)] = dimension
      }
    }
  }

  private func damageAttribute(_ graph: inout ONNXGraphProto, _ random: inout SeededGenerator) {
    guard !graph.node.isEmpty else { return }
    let owners = graph.node.indices.filter { self == .extraAttribute || !graph.node[$0].attribute.isEmpty }
    guard let node = owners.randomElement(using: &random) else { return }
    if self == .extraAttribute {
      var attribute = ONNXAttributeProto()
      attribute.name = random.pick(attributeNames)
      attribute.type = random.pick([.int, .ints, .float, .string, .tensor, .undefined])
      setValues(of: &attribute, &random)
      return graph.node[node].attribute.insert(attribute, at: 0)
    }
    let place = Int.random(in: graph.node[node].attribute.indices, using: &random)
    switch self {
    case .attributeName: graph.node[node].attribute[place].name = random.pick(attributeNames + [""])
    case .attributeType:
      graph.node[node].attribute[place].type = .init(rawValue: Int.random(in: -1...16, using: &random)) ?? .undefined
    default: setValues(of: &graph.node[node].attribute[place], &random)
    }
  }

  private func setValues(of attribute: inout ONNXAttributeProto, _ random: inout SeededGenerator) {
    attribute.i = Int64(random.absurd())
    attribute.f = random.pick([.nan, .infinity, -.infinity, 0, -1, 1e38, 1e-45])
    attribute.s = Data(random.pick(["", "SAME_UPPER", "SAME_LOWER", "VALID", "reflect", "\u{FFFD}\0"]).utf8)
    if attribute.ints.isEmpty || random.oneIn(3) {
      attribute.ints = (0..<random.pick([0, 1, 2, 3, 4, 8, 100])).map { _ in Int64(random.absurd()) }
    } else {
      attribute.ints[Int.random(in: attribute.ints.indices, using: &random)] = Int64(random.absurd())
    }
  }

  private func damageNodes(_ graph: inout ONNXGraphProto, _ random: inout SeededGenerator) {
    guard let index = graph.node.indices.randomElement(using: &random) else { return }
    let names = graph.node.flatMap(\.output) + graph.node.flatMap(\.input) + ["", "nowhere"]
    switch self {
    case .operatorKind: graph.node[index].opType = random.pick(operatorNames)
    case .operands:
      switch random.pick([0, 1, 2]) {
      case 0: graph.node[index].input.append(random.pick(names))
      case 1: graph.node[index].input.removeAll()
      default:
        guard let place = graph.node[index].input.indices.randomElement(using: &random) else { return }
        graph.node[index].input[place] = random.pick(names)
      }
    case .outputs: graph.node[index].output = random.pick([[], [""], graph.node[index].output + [random.pick(names)]])
    case .duplicateName:
      let other = graph.node[random.pick(Array(graph.node.indices))]
      if random.oneIn(2) { graph.node[index].output = other.output } else { graph.node[index].name = other.name }
    case .cycle:
      let later = graph.node[Int.random(in: index..<graph.node.count, using: &random)]
      if let name = later.output.first { graph.node[index].input.insert(name, at: 0) }
    case .nodeOrder: graph.node.shuffle(using: &random)
    case .removeNode: graph.node.remove(at: index)
    default: graph.node.insert(graph.node[index], at: Int.random(in: 0...graph.node.count, using: &random))
    }
  }
}

extension FileMutator {
  func damageModel(_ file: inout DamagedFile, _ random: inout SeededGenerator) {
    guard var model = try? ONNXModelProto(serializedBytes: file.bytes) else { return }
    var suffix: [UInt8] = []
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let damage = ModelDamage.allCases[Int.random(in: ModelDamage.allCases.indices, using: &random)]
      damage.apply(to: &model, &random)
      suffix += damage.suffix(&random)
      file.damages.append(damage.rawValue)
    }
    file.bytes = ((try? model.serializedBytes()) ?? []) + suffix
  }
}

/// A model's graph whose node's attribute holds a graph, and so on.
private func nestedGraphs(depth: Int) -> [UInt8] {
  // From the inside: graph { node (1) { attribute (5) { g (6) { … } } } }, then model.graph (7). Reversed, so that it takes linear time.
  var reversed: [UInt8] = []
  for level in 0..<depth {
    for tag: UInt8 in [0x32, 0x2A, 0x0A] {
      reversed += ByteDamage.varint(UInt64(reversed.count)).reversed()
      reversed.append(tag)
    }
    if level == depth - 1 {
      reversed += ByteDamage.varint(UInt64(reversed.count)).reversed()
      reversed.append(0x3A)
    }
  }
  return reversed.reversed()
}
