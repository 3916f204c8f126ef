import Diagnostics
import Yams

/// One mapping of a profile while it is read. It remembers which keys were asked for, so that `finish` can report the others.
/// Each getter reports what is wrong with its value and returns nil; a value is required where the parameter says so.
struct ProfileSection {
  /// The path of keys, empty for the whole file.
  let path: String
  let text: ProfileText
  private let mark: Mark?
  private let fields: [(key: String, keyNode: Node, value: Node)]
  private var known: [String] = []

  /// Nil, and a fault, if the node is no mapping.
  init?(_ node: Node, path: String, text: ProfileText) {
    guard case .mapping(let mapping) = node else {
      let expected = path.isEmpty ? "a profile is a mapping" : "`\(path)` must be a mapping"
      text.add(
        .profileValue, "\(expected), not \(node.kindName)",
        at: text.location(node.mark, length: node.scalarText?.count ?? 1, label: "expected `key: value` pairs"))
      return nil
    }
    self.path = path
    self.text = text
    mark = mapping.mark
    var fields: [(String, Node, Node)] = []
    for (key, value) in mapping {
      if let name = key.scalarText {
        fields.append((name, key, value))
      } else {
        text.add(.profileField, "a key must be a word, not \(key.kindName)", at: text.location(key.mark))
      }
    }
    self.fields = fields
  }

  /// All keys in the order of the file.
  var keys: [String] { fields.map(\.key) }

  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value's node; remembers the key.
  mutating func node(_ key: String, required: Bool = false) -> Node? {
    known.append(key)
    if let field = fields.first(where: { $0.key == key }) { return field.value }
    if required {
      text.add(
        .profileField, "`\(name(key))` is missing", at: text.location(mark),
        hint: path.isEmpty ? "add `\(key):`" : "add `\(key):` to `\(path)`")
    }
    return nil
  }

  mutating func section(_ key: String, required: Bool = false) -> ProfileSection? {
    node(key, required: required).flatMap { ProfileSection($0, path: name(key), text: text) }
  }

  mutating func string(_ key: String, required: Bool = false) -> String? {
    guard let node = node(key, required: required) else { return nil }
    guard let value = node.scalarText, !value.isEmpty else {
      wrongValue(key, node, "must be a text, not \(node.kindName)", label: "expected a text")
      return nil
    }
    return value
  }

  mutating func quantity(_ key: String, _ dimension: Dimension, required: Bool = false) -> Double? {
    parsed(key, dimension, required: required) { (text) throws(QuantityFault) in try dimension.parse(text) }
  }

  /// A quantity, or a range of them: `0.25 to 0.5 ns`.
  mutating func interval(_ key: String, _ dimension: Dimension, required: Bool = false) -> Interval? {
    parsed(key, dimension, required: required) { (text) throws(QuantityFault) in try dimension.parseRange(text) }
      .map { Interval($0.lowerBound, $0.upperBound) }
  }

  private mutating func parsed<Value>(
    _ key: String, _ dimension: Dimension, required: Bool, _ parse: (String) throws(QuantityFault) -> Value
  ) -> Value? {
    guard let node = node(key, required: required) else { return nil }
    guard let value = node.scalarText, !value.isEmpty else {
      wrongValue(key, node, "must be a number with a unit, not \(node.kindName)", label: "expected a number and \(dimension.unitList)")
      return nil
    }
    do throws(QuantityFault) { return try parse(value) } catch {
      let explanation = QuantityExplanation(error, in: value, of: dimension)
      text.add(
        .profileValue, explanation.message,
        at: text.location(
          node.mark, offset: node.openingLength + explanation.range.lowerBound, length: explanation.range.count,
          label: explanation.label),
        hint: explanation.suggestion.map { "write `\($0)`" })
      return nil
    }
  }

  /// A whole number of bytes above 0.
  mutating func bytes(_ key: String, required: Bool = false) -> Int? {
    let faultFree = quantity(key, .memory, required: required)
    guard let value = faultFree, let node = node(key) else { return nil }
    guard value >= 1, value == value.rounded() else {
      wrongValue(key, node, "must be a whole number of bytes above 0", label: "expected at least 1 B")
      return nil
    }
    return Int(value)
  }

  /// A bare whole number within `range`.
  mutating func count(_ key: String, in range: ClosedRange<Int>, required: Bool = false) -> Int? {
    guard let node = node(key, required: required) else { return nil }
    guard let value = node.scalarText.flatMap({ Int($0) }), range.contains(value) else {
      wrongValue(
        key, node, "must be a whole number from \(range.lowerBound) to \(range.upperBound)",
        label: "expected \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return value
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ type: Choice.Type, required: Bool = false
  ) -> Choice? where Choice.RawValue == String {
    node(key, required: required).flatMap { chosen($0, key, type) }
  }

  /// A list of choices; an absent one is empty, nil is a fault.
  mutating func choices<Choice: RawRepresentable & CaseIterable & Hashable>(
    _ key: String, _ type: Choice.Type
  ) -> Set<Choice>? where Choice.RawValue == String {
    guard let node = node(key) else { return [] }
    guard case .sequence(let sequence) = node else {
      wrongValue(
        key, node, "must be a list, not \(node.kindName)", label: "expected [\(type.allCases.map(\.rawValue).joined(separator: ", "))]")
      return nil
    }
    let found = sequence.map { chosen($0, key, type) }
    return found.contains { $0 == nil } ? nil : Set(found.compactMap { $0 })
  }

  private func chosen<Choice: RawRepresentable & CaseIterable>(
    _ node: Node, _ key: String, _ type: Choice.Type
  ) -> Choice? where Choice.RawValue == String {
    let allowed = type.allCases.map(\.rawValue)
    if let value = node.scalarText, let choice = Choice(rawValue: value) { return choice }
    let written = node.scalarText.map { $0.isEmpty ? "empty" : "`\($0)`" } ?? node.kindName
    wrongValue(
      key, node, "cannot be \(written)", label: "expected \(alternatives(allowed))",
      hint: node.scalarText.flatMap { nearestMatch(to: $0, among: allowed) }.map { "did you mean `\($0)`?" })
    return nil
  }

  /// Reports that the value of `key` is wrong: `why` continues the sentence after the key's name.
  func wrongValue(_ key: String, _ node: Node, _ why: String, label: String? = nil, hint: String? = nil) {
    let length = node.scalarText.map { $0.count + 2 * node.openingLength } ?? 1
    text.add(.profileValue, "`\(name(key))` \(why)", at: text.location(node.mark, length: length, label: label), hint: hint)
  }

  /// Warns that figures without a source cannot be trusted, unless the section names one.
  func warnWithoutSource(_ source: String?) {
    guard source == nil else { return }
    text.add(
      .profileValue, "`\(path)` does not say where its figures come from",
      at: text.location(mark), hint: "add `source: \"measured …\"`, a data sheet or a publication", severity: .warning)
  }

  /// Warns that a key is kept for a later version and has no effect yet.
  mutating func ignore(_ key: String) {
    guard node(key) != nil, let field = fields.first(where: { $0.key == key }) else { return }
    text.add(
      .profileField, "`\(name(key))` is ignored: this version does not use it",
      at: text.location(field.keyNode.mark, length: key.count), severity: .warning)
  }

  /// Reports every key that nobody asked for.
  func finish() {
    for field in fields where !known.contains(field.key) {
      let place = path.isEmpty ? "" : " in `\(path)`"
      text.add(
        .profileField, "unknown key `\(field.key)`\(place)",
        at: text.location(
          field.keyNode.mark, length: field.key.count + 2 * field.keyNode.openingLength,
          label: "expected \(alternatives(known.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }))"),
        hint: nearestMatch(to: field.key, among: known).map { "did you mean `\($0)`?" })
    }
  }
}
