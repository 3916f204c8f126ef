/// Which nodes of a model matter, and in which order they can be imported.
struct NodeOrder {
  /// Nodes that an output depends on, each after the producers of its operands. That is the file's own order where the file keeps the
  /// rule of the ONNX specification; some optimizers append nodes at the end instead.
  let nodes: [ONNXNodeProto]
  /// Names that the outputs depend on: what else a file holds does not need to be supported.
  let neededNames: Set<String>

  init(_ graph: ONNXGraphProto) {
    var producers: [String: Int] = [:]
    for (index, node) in graph.node.enumerated() { for name in node.output where !name.isEmpty { producers[name] = index } }
    var needed = Set(graph.output.map(\.name))
    var isNeeded = Array(repeating: false, count: graph.node.count)
    var open = Array(needed)
    while let name = open.popLast() {
      guard let index = producers[name], !isNeeded[index] else { continue }
      isNeeded[index] = true
      for input in graph.node[index].input where !input.isEmpty && needed.insert(input).inserted { open.append(input) }
    }
    neededNames = needed
    nodes = Self.sorted(graph.node, producers, isNeeded).map { graph.node[$0] }
  }

  /// Depth first from each node in the file's order. Within a cycle some node comes before its operand, which its import tells.
  private static func sorted(_ nodes: [ONNXNodeProto], _ producers: [String: Int], _ isNeeded: [Bool]) -> [Int] {
    var order: [Int] = []
    var isVisited = Array(repeating: false, count: nodes.count)
    for start in nodes.indices where isNeeded[start] && !isVisited[start] {
      isVisited[start] = true
      // A node and how many of its operands were followed.
      var path = [(node: start, followed: 0)]
      while let (node, followed) = path.last {
        guard followed < nodes[node].input.count else {
          order.append(node)
          path.removeLast()
          continue
        }
        path[path.count - 1].followed += 1
        guard let producer = producers[nodes[node].input[followed]], !isVisited[producer] else { continue }
        isVisited[producer] = true
        path.append((producer, 0))
      }
    }
    return order
  }
}
