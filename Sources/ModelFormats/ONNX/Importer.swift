import Diagnostics
import ModelGraph

/// Reads ONNX models, opset 7 and later.
public struct ONNXImporter {
  /// Imports a model for batch 1.
  ///
  /// The graph keeps ONNX's shapes: images are `[N, C, H, W]` between nodes, and each operator that works on channels-last data stands
  /// between two transpositions, which the pass `normalizeLayout` removes. Weights are channels-last from the start.
  /// - Parameter shapes: by input name, for inputs with dynamic dimensions other than the batch.
  /// - Throws: every fault that can be found independently of the others: `file-not-found`, `file-unreadable`, `corrupt-model`,
  ///   `unsupported-opset`, `unsupported-operator` (one for the whole model), `unsupported-attribute`, `dynamic-shape`,
  ///   `shape-mismatch`, `invalid-graph`, `not-finite`, `usage`.
  public static func load(path: String, shapes: [String: [Int]] = [:]) throws(Failure) -> ImportedModel {
    let file = try ModelFile(path: path)
    var importer = GraphImporter(file)
    return try importer.run(shapes: shapes)
  }
}

/// A model as a graph, and what its file said.
public struct ImportedModel: Sendable {
  public var graph: Graph
  /// Version of the standard operator set.
  public var opset: Int
  /// The tool that wrote the file, with its version.
  public var producer: String
  /// In the order of `graph.inputs`.
  public var inputs: [ImportedInput]
}

/// An input as the model's file declares it.
public struct ImportedInput: Hashable, Sendable {
  public var name: String
  /// The axes that the file leaves open, with the name that it gives them (empty if none). The batch is axis 0.
  public var dynamicAxes: [Int: String]
}

/// The state of an import: the graph so far, what each name of the model stands for, and the faults found.
struct GraphImporter {
  let file: ModelFile
  var graph: Graph
  private var operands: [String: Operand] = [:]
  private(set) var faults = FaultCollector()
  private var unsupported = UnsupportedOperators()
  private var nodeNames = NameRegistry()
  private var valueNames = NameRegistry()
  private let order: NodeOrder
  /// Bytes of constants that were computed or rearranged so far. A small file must not ask for much memory.
  private var constantBytes = 0

  /// What a network computes has at most so many elements: 2²⁸ are 256 MiB of int8 and 1 GiB of float32. No size that is computed from
  /// such shapes overflows, and loops over rows end soon.
  static let mostElements = 1 << 28
  /// Constants may be larger, for the file holds them.
  static let mostConstantElements = 1 << 31
  /// More axes than any network has.
  static let mostAxes = 32
  /// Constants that are computed or rearranged may need this much, beyond four times the file.
  private static let freeConstantBytes = 64 << 20

  init(_ file: ModelFile) {
    self.file = file
    graph = Graph(name: file.proto.graph.name.isEmpty ? fileName(file.path) : file.proto.graph.name)
    order = NodeOrder(file.proto.graph)
    for node in file.proto.graph.node { valueNames.reserve(node.output) }
    valueNames.reserve(file.proto.graph.input.map(\.name) + file.proto.graph.initializer.map(\.name))
  }

  mutating func run(shapes: [String: [Int]]) throws(Failure) -> ImportedModel {
    readInitializers()
    let inputs = readInputs(shapes: shapes)
    for proto in order.nodes { importNode(proto) }
    readOutputs()
    var all = FaultCollector()
    if let diagnostic = unsupported.diagnostic(file: file) { all.add(diagnostic) }
    for diagnostic in faults.diagnostics { all.add(diagnostic) }
    try all.throwIfAny()
    let proto = file.proto
    let producer = [proto.producerName, proto.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    return ImportedModel(graph: graph, opset: file.opset, producer: producer, inputs: inputs)
  }

  // MARK: Reading the model

  private mutating func readInitializers() {
    let decoder = TensorDecoder(path: file.path)
    for proto in file.proto.graph.initializer where order.neededNames.contains(proto.name) {
      let tensor = faults.collect { () throws(Failure) in try decoder.decode(proto, element: "initializer \(proto.name)") }
      operands[proto.name] = tensor.map { .constant($0) } ?? .unknown(isShape: true)
    }
  }

  private mutating func readInputs(shapes: [String: [Int]]) -> [ImportedInput] {
    let constants = Set(file.proto.graph.initializer.map(\.name))
    // Up to IR version 3 initializers are listed among the inputs.
    let declared = file.proto.graph.input.filter { !constants.contains($0.name) }
    for name in shapes.keys.sorted() where !declared.contains(where: { $0.name == name }) {
      faults.add(
        Diagnostic(
          .usage, "\(fileName(file.path)) has no input \(name) to give a shape",
          hint: "its inputs: \(declared.map(\.name).joined(separator: ", "))"))
    }
    var inputs: [ImportedInput] = []
    for proto in declared {
      let reader = InputReader(proto, path: file.path)
      inputs.append(ImportedInput(name: proto.name, dynamicAxes: reader.dynamicAxes))
      guard let type = faults.collect({ () throws(Failure) in try reader.type(given: shapes[proto.name]) }) else {
        operands[proto.name] = .unknown(isShape: false)
        continue
      }
      operands[proto.name] = .activation(graph.addInput(valueNames.take(proto.name), type))
    }
    return inputs
  }

  private mutating func importNode(_ proto: ONNXNodeProto) {
    let name = nodeNames.take(proto.name.isEmpty ? proto.output.first ?? proto.opType : proto.name)
    guard isStandard(proto.domain), let kind = ONNXOperator(rawValue: proto.opType) else {
      unsupported.add(proto, name: name)
      return define(proto, .unknown(isShape: false))
    }
    guard let inputs = resolve(proto, name: name) else { return define(proto, .unknown(isShape: false)) }
    var read = proto
    read.output = proto.output.enumerated().map { $0.offset == 0 || order.neededNames.contains($0.element) ? $0.element : "" }
    let node = ImportNode(read, name: name, operands: inputs, in: file)
    let needsValues = kind.isForShapesOnly && kind != .shape
    if let isShape = shapeOfUnknown(inputs) {
      if needsValues, !isShape { unsupported.add(proto, name: name) }
      return define(proto, .unknown(isShape: isShape || kind == .shape))
    }
    let isConstant = inputs.allSatisfy { if case .activation = $0 { false } else { true } }
    if needsValues, !isConstant {
      unsupported.add(proto, name: name)
      return define(proto, .unknown(isShape: false))
    }
    let result = attempt { importer throws(Failure) -> Operand in
      if isConstant, let folded = try kind.fold(node) {
        try importer.charge(folded, to: node)
        return .constant(folded)
      }
      return try kind.importNode(node, into: &importer)
    }
    // What comes of constants would have been one, so shape arithmetic on it is no fault of its own.
    define(proto, result ?? .unknown(isShape: isConstant))
  }

  /// The operands of a node; nil, with a fault recorded, if it reads a name that nothing defines.
  private mutating func resolve(_ proto: ONNXNodeProto, name: String) -> [Operand]? {
    var inputs: [Operand] = []
    for input in proto.input {
      guard !input.isEmpty else {
        inputs.append(.absent)
        continue
      }
      guard let operand = operands[input] else {
        faults.add(
          Diagnostic(
            .corruptModel, "\(proto.opType) \(name) reads \(input), which nothing before it computes",
            at: Location(file: file.path, element: "node \(name)")))
        return nil
      }
      inputs.append(operand)
    }
    return inputs
  }

  /// Keeps the faults of `body` and goes on; nil if it failed.
  private mutating func attempt<Result>(_ body: (inout Self) throws(Failure) -> Result) -> Result? {
    do throws(Failure) { return try body(&self) } catch {
      faults.add(error)
      return nil
    }
  }

  /// nil if all operands are known; else whether the unknown ones are shapes only.
  private func shapeOfUnknown(_ operands: [Operand]) -> Bool? {
    var result: Bool?
    for operand in operands { if case .unknown(let isShape) = operand { result = (result ?? true) && isShape } }
    return result
  }

  private mutating func define(_ proto: ONNXNodeProto, _ result: Operand) {
    guard let first = proto.output.first else { return }
    operands[first] = result
    if case .unknown = result { for other in proto.output.dropFirst() { operands[other] = result } }
  }

  private mutating func readOutputs() {
    if file.proto.graph.output.isEmpty {
      faults.add(Diagnostic(.corruptModel, "\(fileName(file.path)) has no outputs", at: Location(file: file.path)))
    }
    for output in file.proto.graph.output {
      let location = Location(file: file.path, element: "output \(output.name)")
      switch operands[output.name] {
      case .unknown: continue
      case .constant:
        faults.add(Diagnostic(.unsupportedAttribute, "output \(output.name) does not depend on the input", at: location))
      case .activation(let id):
        if let id = attempt({ importer throws(Failure) in try importer.outputValue(id, named: output.name) }) { graph.outputs.append(id) }
      case .absent, nil:
        faults.add(Diagnostic(.corruptModel, "output \(output.name) is never computed", at: location))
      }
    }
  }

  /// An output carries its own name. Where it is another name of an input or of an earlier output, a copy carries it.
  private mutating func outputValue(_ id: ValueID, named name: String) throws(Failure) -> ValueID {
    guard graph[id].name != name else { return id }
    guard graph.inputs.contains(id) || graph.outputs.contains(id) else {
      graph[id].name = name
      return id
    }
    let copy = Reshape(shape: graph.type(of: id).shape)
    return try graph.append(.reshape(copy), [id], name: nodeNames.take(name), output: valueNames.take(name))
  }

  // MARK: Building, for operators

  func type(of id: ValueID) -> TensorType { graph.type(of: id) }
  func shape(of id: ValueID) -> [Int] { graph.type(of: id).shape }

  /// Appends one operator of an imported node.
  /// - Parameters:
  ///   - step: what this operator is for within the node, such as `to-channels-last`; nil for the node itself.
  ///   - output: name of the result; nil if it has none in the model.
  /// - Throws: `invalid-graph` at the node.
  mutating func append(
    _ operation: Operator, _ operands: [ValueID], for node: ImportNode, step: String? = nil, output: String? = nil
  ) throws(Failure) -> ValueID {
    let name = step.map { nodeNames.take("\(node.name)/\($0)") } ?? node.name
    do throws(Failure) {
      let type = try operation.outputType(for: operands.map(graph.type(of:)), node: name)
      guard CheckedInt.elements(of: type.shape).within(1...Self.mostElements) != nil, type.rank <= Self.mostAxes else {
        throw node.unsupported("computes \(type.description), which is empty or too large")
      }
      return try graph.append(operation, operands, name: name, output: valueNames.take(output ?? name))
    } catch {
      throw error.placed(at: node.location)
    }
  }

  /// Appends the operator that computes the node's first result.
  mutating func appendResult(_ operation: Operator, _ operands: [ValueID], for node: ImportNode) throws(Failure) -> Operand {
    .activation(try append(operation, operands, for: node, output: node.outputNames.first))
  }

  /// A small file must not ask for much memory: large constants stand in the file themselves, and each is rearranged a few times at most.
  private mutating func charge(_ tensor: Tensor, to node: ImportNode) throws(Failure) {
    let (limit, bytes) = (4 * file.size + Self.freeConstantBytes, constantBytes + tensor.type.bytes)
    guard bytes <= limit else {
      throw node.unsupported("makes constants of \(bytes) bytes from a file of \(file.size)")
    }
    constantBytes = bytes
  }

  /// A constant under the name that it has in the model; one that was changed for this use gets a name of its own if that is taken.
  /// - Throws: `unsupported-attribute` if there are too many for the file's size.
  mutating func addConstant(_ name: String, _ tensor: Tensor, for node: ImportNode) throws(Failure) -> ValueID {
    let known = graph.values.indices.first { graph.values[$0].name == name && graph.values[$0].constant == tensor }
    if let known { return ValueID(known) }
    try charge(tensor, to: node)
    return graph.addConstant(valueNames.take(name), tensor)
  }
}

/// Hands out each name once.
struct NameRegistry {
  private var reserved: Set<String> = []
  private var taken: Set<String> = []

  /// Names of the model, which derived names must not use.
  mutating func reserve(_ names: [String]) { reserved.formUnion(names) }

  /// `name`, or `name_2`, `name_3`, … if it is taken.
  mutating func take(_ name: String) -> String {
    if taken.insert(name).inserted { return name }
    var number = 2
    while reserved.contains("\(name)_\(number)") || !taken.insert("\(name)_\(number)").inserted { number += 1 }
    return "\(name)_\(number)"
  }
}
