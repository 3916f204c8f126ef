import Diagnostics

extension Pass {
  /// Removes nodes whose results nobody reads, then values that no node, input or output names. What remains is named apart: later stages
  /// key values by name, and passes copy names freely. Inputs and outputs keep theirs.
  ///     a = Relu(x); b = Tanh(x); output b   becomes   b = Tanh(x); output b
  public static let removeUnusedNodes = Pass("remove-unused-nodes", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  let dropped = graph.dropUnusedNodes()
  var used = Set(graph.inputs + graph.outputs)
  for node in graph.nodes { used.formUnion(node.inputs + [node.output]) }
  var renumbered: [ValueID: ValueID] = [:]
  var values: [Value] = []
  for index in graph.values.indices where used.contains(ValueID(index)) {
    renumbered[ValueID(index)] = ValueID(values.count)
    values.append(graph.values[index])
  }
  let removed = graph.values.count - values.count
  // Every identifier below is in `used`, hence in the table.
  let renumber = { (id: ValueID) in renumbered[id] ?? id }
  graph.values = values
  graph.inputs = graph.inputs.map(renumber)
  graph.outputs = graph.outputs.map(renumber)
  for index in graph.nodes.indices {
    graph.nodes[index].inputs = graph.nodes[index].inputs.map(renumber)
    graph.nodes[index].output = renumber(graph.nodes[index].output)
  }
  return dropped + removed + graph.nameValuesApart()
}

extension Graph {
  fileprivate mutating func nameValuesApart() -> Int {
    let fixed = Set(inputs + outputs)
    var taken = Set(fixed.map { self[$0].name })
    var renamed = 0
    for id in values.indices.map(ValueID.init) where !fixed.contains(id) {
      let name = self[id].name
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name).\(number)"
        number += 1
      }
      if candidate != name {
        self[id].name = candidate
        renamed += 1
      }
    }
    return renamed
  }
}
