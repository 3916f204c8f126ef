import Diagnostics

/// A value's index in `Graph.values`.
public struct ValueID: Hashable, Sendable, Comparable, Codable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// A tensor that flows through the graph, or a constant.
public struct Value: Hashable, Sendable {
  public var name: String
  public var type: TensorType
  /// The content if it is known at pack time (weights, biases, shapes).
  public var constant: Tensor?
}

/// One operator applied to values. `name` is what reports call the layer.
public struct Node: Hashable, Sendable {
  public var name: String
  public var operation: Operator
  public var inputs: [ValueID]
  public var output: ValueID

  public init(name: String, operation: Operator, inputs: [ValueID], output: ValueID) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
  }
}

/// A network as a value: nodes in execution order, each producing one value (every operator of edgepack has one output).
///
/// Invariants (`checkInvariants`): every input of a node is a constant, a graph input or the output of an earlier node; no value is
/// produced twice; each value's type is what its producer computes.
public struct Graph: Hashable, Sendable {
  public var name: String
  public var values: [Value] = []
  public var nodes: [Node] = []
  public var inputs: [ValueID] = []
  public var outputs: [ValueID] = []

  public init(name: String) { self.name = name }

  public subscript(id: ValueID) -> Value {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  public func type(of id: ValueID) -> TensorType { values[id.index].type }
  public func constant(_ id: ValueID) -> Tensor? { values[id.index].constant }

  // MARK: Building

  @discardableResult
  public mutating func addValue(_ name: String, _ type: TensorType, constant: Tensor? = nil) -> ValueID {
    values.append(Value(name: name, type: type, constant: constant))
    return ValueID(values.count - 1)
  }

  @discardableResult
  public mutating func addInput(_ name: String, _ type: TensorType) -> ValueID {
    let id = addValue(name, type)
    inputs.append(id)
    return id
  }

  @discardableResult
  public mutating func addConstant(_ name: String, _ tensor: Tensor) -> ValueID {
    addValue(name, tensor.type, constant: tensor)
  }

  /// Appends a node whose output type is inferred.
  /// - Throws: `invalid-graph` if the operator refuses its inputs.
  @discardableResult
  public mutating func append(_ operation: Operator, _ operands: [ValueID], name: String, output: String? = nil) throws(Failure) -> ValueID
  {
    let type = try operation.outputType(for: operands.map(type(of:)), node: name)
    let id = addValue(output ?? name, type)
    nodes.append(Node(name: name, operation: operation, inputs: operands, output: id))
    return id
  }

  // MARK: Looking

  /// The node that computes a value; nil for inputs and constants. Linear in the number of nodes.
  public func producerIndex(of id: ValueID) -> Int? { nodes.firstIndex { $0.output == id } }

  /// How many nodes read a value, plus one if it is an output of the graph. Index by `ValueID.index`.
  public func readerCounts() -> [Int] {
    var counts = Array(repeating: 0, count: values.count)
    for node in nodes { for input in node.inputs { counts[input.index] += 1 } }
    for output in outputs { counts[output.index] += 1 }
    return counts
  }

  // MARK: Changing

  /// Lets every reader of `old`, the graph's outputs included, read `new` instead.
  public mutating func replaceUses(of old: ValueID, by new: ValueID) {
    for index in nodes.indices {
      for position in nodes[index].inputs.indices where nodes[index].inputs[position] == old { nodes[index].inputs[position] = new }
    }
    for position in outputs.indices where outputs[position] == old { outputs[position] = new }
  }

  /// Multiply-accumulate operations of one node for batch 1.
  public func multiplyAccumulates(of node: Node) -> Int {
    node.operation.multiplyAccumulates(inputs: node.inputs.map(type(of:)), output: type(of: node.output))
  }
}

extension Graph {
  /// Checks the invariants above. Run after every pass in tests.
  /// - Throws: `invalid-graph` with every violation.
  public func checkInvariants() throws(Failure) {
    var faults = FaultCollector()
    var known = Set(inputs.map(\.index))
    for (index, value) in values.enumerated() where value.constant != nil {
      known.insert(index)
      if value.constant!.type != value.type {
        faults.add(Diagnostic(.invalidGraph, "constant \(value.name) is not of its stated type"))
      }
    }
    for node in nodes {
      for input in node.inputs where !known.contains(input.index) {
        faults.add(Diagnostic(.invalidGraph, "\(node.name) reads \(self[input].name) before it is computed"))
      }
      if !known.insert(node.output.index).inserted {
        faults.add(Diagnostic(.invalidGraph, "\(self[node.output].name) is produced twice"))
      }
      if let type = faults.collect({ () throws(Failure) -> TensorType in
        try node.operation.outputType(for: node.inputs.map(type(of:)), node: node.name)
      }), type != self[node.output].type {
        faults.add(
          Diagnostic(
            .invalidGraph,
            "\(node.name) computes \(type.description), but \(self[node.output].name) is \(self[node.output].type.description)"))
      }
    }
    for output in outputs where !known.contains(output.index) {
      faults.add(Diagnostic(.invalidGraph, "output \(self[output].name) is never computed"))
    }
    try faults.throwIfAny()
  }
}
