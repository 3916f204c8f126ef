import Diagnostics

/// The operators of a model that edgepack lacks, collected over the whole model and told in one diagnostic.
struct UnsupportedOperators {
  private struct Group {
    var kind: String
    var domain: String
    var nodes: [String]
  }
  private var groups: [Group] = []

  mutating func add(_ proto: ONNXNodeProto, name: String) {
    let kind = isStandard(proto.domain) ? proto.opType : "\(proto.domain).\(proto.opType)"
    if let index = groups.firstIndex(where: { $0.kind == kind }) {
      groups[index].nodes.append(name)
    } else {
      groups.append(Group(kind: kind, domain: proto.domain, nodes: [name]))
    }
  }

  /// One line an operator: name, nodes, version of its operator set. Nil if there are none.
  func diagnostic(file: ModelFile) -> Diagnostic? {
    guard !groups.isEmpty else { return nil }
    let names = groups.map { nodeList($0.nodes) }
    let kindWidth = groups.map(\.kind.count).max() ?? 0
    let nameWidth = names.map(\.count).max() ?? 0
    let details = zip(groups, names).map { group, names in
      let opset = file.version(ofDomain: group.domain).map { "opset \($0)" } ?? "opset not stated"
      return "\(padded(group.kind, to: kindWidth))  \(padded(names, to: nameWidth))  \(opset)"
    }
    let subject = groups.count == 1 ? "1 operator" : "\(groups.count) operators"
    return Diagnostic(
      .unsupportedOperator, "\(subject) of \(fileName(file.path)) cannot run on a device", details: details, at: Location(file: file.path),
      hint: "build the network without \(groups.count == 1 ? "it" : "them") and export it again; README.md lists what is supported")
  }

  private func nodeList(_ nodes: [String]) -> String {
    let shown = nodes.prefix(nodes.count > 3 ? 2 : 3).map(shortened).joined(separator: ", ")
    return nodes.count > 3 ? "\(shown) and \(nodes.count - 2) more" : shown
  }

  /// Some exporters chain whole paths into a name: its end tells most.
  private func shortened(_ name: String) -> String { name.count > 40 ? "…\(name.suffix(39))" : name }

  private func padded(_ text: String, to width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}
