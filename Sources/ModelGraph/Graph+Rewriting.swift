/// What passes need to look around a graph and to change it.
extension Graph {
  /// The node that computes a value; nil for inputs and constants.
  public func producer(of id: ValueID) -> Node? { producerIndex(of: id).map { nodes[$0] } }

  public func isOutput(_ id: ValueID) -> Bool { outputs.contains(id) }

  /// How often a value is read: operands of nodes, plus one if it is an output of the graph.
  public func readerCount(of id: ValueID) -> Int {
    nodes.reduce(outputs.count { $0 == id }) { $0 + $1.inputs.count { $0 == id } }
  }

  /// The node that computes `id`, if nobody else reads its result.
  func producerIndexOfSoleOperand(_ id: ValueID) -> Int? {
    guard readerCount(of: id) == 1, !isOutput(id) else { return nil }
    return producerIndex(of: id)
  }

  /// Splits the node at `index` in two: `first` computes a new value, `second` turns it into what the node computed before. The new value
  /// takes over the name, for it carries what the layer computes; if the old value is an output of the graph, that keeps its name.
  mutating func split(at index: Int, into first: Operator, _ operands: [ValueID], then second: Operator, type: TensorType) {
    let node = nodes[index]
    let name = self[node.output].name
    let between = addValue(isOutput(node.output) ? name + ".moved" : name, type)
    if !isOutput(node.output) { self[node.output].name = name + ".moved" }
    nodes[index] = Node(name: node.name, operation: first, inputs: operands, output: between)
    nodes.insert(Node(name: "\(node.name).\(second.name)", operation: second, inputs: [between], output: node.output), at: index + 1)
  }

  /// Removes the node at `index` and lets the node at `earlier`, whose result only it reads, compute its result instead.
  mutating func merge(_ index: Int, into earlier: Int) {
    nodes[earlier].output = nodes[index].output
    nodes.remove(at: index)
  }

  /// Lets readers of the node's result read its operand, and removes it. If that would rename an output of the graph, the operand's
  /// producer computes the output instead; false if neither is possible (an input that is an output).
  mutating func bypass(_ index: Int) -> Bool {
    let (node, operand) = (nodes[index], nodes[index].inputs[0])
    if !isOutput(node.output) {
      nodes.remove(at: index)
      replaceUses(of: node.output, by: operand)
      return true
    }
    guard let earlier = producerIndex(of: operand), !isOutput(operand) else { return false }
    nodes.remove(at: index)
    nodes[earlier].output = node.output
    replaceUses(of: operand, by: node.output)
    return true
  }

  /// Removes nodes whose results nobody reads. The result is how many.
  @discardableResult
  mutating func dropUnusedNodes() -> Int {
    var needed = Set(outputs)
    var kept: [Node] = []
    for node in nodes.reversed() where needed.contains(node.output) {
      kept.append(node)
      needed.formUnion(node.inputs)
    }
    let dropped = nodes.count - kept.count
    nodes = kept.reversed()
    return dropped
  }
}
