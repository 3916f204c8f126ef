import Diagnostics
import Foundation
import Yams

/// What an `edgepack.yaml` says: values for keys that somebody else knows the meaning of, with their places.
public struct ConfigurationFile: Hashable, Sendable {
  public static let standardName = "edgepack.yaml"
  /// The key of the named sets of overrides.
  public static let variantsKey = "variants"

  /// One key with its value.
  public struct Entry: Hashable, Sendable {
    public var key: String
    /// One text for a single value, several for a list.
    public var texts: [String]
    /// Of the value.
    public var location: Location

    public init(key: String, texts: [String], location: Location) {
      self.key = key
      self.texts = texts
      self.location = location
    }
  }

  /// A named set of values that replace those of the file.
  public struct Variant: Hashable, Sendable {
    public var name: String
    public var entries: [Entry]
  }

  /// As the user named it.
  public var path: String
  public var entries: [Entry]
  /// In the order of the file.
  public var variants: [Variant]

  /// - Parameter keys: those that the file may have; a list is taken for any of them.
  /// - Throws: `file-not-found`, `file-unreadable`, and what `parse` throws.
  public static func read(path: String, keys: [String]) throws(Failure) -> ConfigurationFile {
    try parse(try YAMLText.read(file: path, kind: .configuration), file: path, keys: keys)
  }

  /// - Throws: `configuration-syntax` (no YAML), `configuration-field` (everything else), all at once in the order of the text.
  public static func parse(_ yaml: String, file: String, keys: [String]) throws(Failure) -> ConfigurationFile {
    let yaml = YAMLText.withoutByteOrderMark(yaml)
    let text = ProfileText(yaml, file: file)
    guard let root = try YAMLText.compose(yaml, text, kind: .configuration) else {
      return ConfigurationFile(path: file, entries: [], variants: [])
    }
    let reader = Reader(text: text, keys: keys)
    let content = reader.content(root)
    _ = try text.finish()
    return ConfigurationFile(path: file, entries: content.entries, variants: content.variants)
  }
}

/// Reads the nodes of one file; faults go to its text.
private struct Reader {
  let text: ProfileText
  let keys: [String]

  func content(_ root: Node) -> (entries: [ConfigurationFile.Entry], variants: [ConfigurationFile.Variant]) {
    var entries: [ConfigurationFile.Entry] = []
    var variants: [ConfigurationFile.Variant] = []
    for (key, value) in pairs(root, title: "the file") {
      if key.string == ConfigurationFile.variantsKey {
        variants += pairs(value, title: "`\(ConfigurationFile.variantsKey)`").compactMap(variant)
      } else if let entry = entry(key, value, among: keys + [ConfigurationFile.variantsKey]) {
        entries.append(entry)
      }
    }
    return (entries, variants)
  }

  private func variant(_ name: Node.Scalar, _ value: Node) -> ConfigurationFile.Variant? {
    // It names a folder.
    guard !name.string.isEmpty, name.string.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), name.string.first != "."
    else {
      text.add(
        .configurationField, "`\(name.string)` cannot name a variant: its results go into a folder of this name",
        at: text.location(name.mark, length: name.string.count, label: "letters, digits, - and _"))
      return nil
    }
    return ConfigurationFile.Variant(
      name: name.string,
      entries: pairs(value, title: "variant `\(name.string)`").compactMap { entry($0, $1, among: keys) })
  }

  /// The fields of a mapping; an empty value is a mapping without fields.
  private func pairs(_ node: Node, title: String) -> [(Node.Scalar, Node)] {
    if node.scalarText?.isEmpty == true { return [] }
    guard case .mapping(let mapping) = node else {
      text.add(
        .configurationField, "\(title) must be a mapping, not \(node.kindName)",
        at: text.location(node.mark, length: node.scalarText?.count ?? 1, label: "expected `key: value` pairs"))
      return []
    }
    return mapping.compactMap { key, value in
      guard case .scalar(let name) = key else {
        text.add(.configurationField, "a key must be a word, not \(key.kindName)", at: text.location(key.mark))
        return nil
      }
      return (name, value)
    }
  }

  private func entry(_ key: Node.Scalar, _ value: Node, among known: [String]) -> ConfigurationFile.Entry? {
    guard known.contains(key.string) else {
      // People write flags as they know them.
      let meant = key.string.replacingOccurrences(of: "-", with: "_")
      let guess = known.contains(meant) ? meant : nearestMatch(to: meant, among: known)
      text.add(
        .configurationField, "unknown key `\(key.string)`", at: text.location(key.mark, length: key.string.count),
        hint: guess.map { "did you mean `\($0)`?" } ?? "`edgepack init` writes a file with all keys")
      return nil
    }
    let opening = value.openingLength
    let location = text.location(value.mark, offset: opening, length: max(1, value.scalarText?.count ?? 1))
    switch value {
    case .scalar(let scalar):
      guard !scalar.string.isEmpty else {
        text.add(.configurationField, "`\(key.string)` has no value", at: location, hint: "give one, or remove the line")
        return nil
      }
      return ConfigurationFile.Entry(key: key.string, texts: [scalar.string], location: location)
    case .sequence(let sequence):
      let texts = sequence.compactMap(\.scalarText)
      if texts.count == sequence.count, !texts.isEmpty {
        return ConfigurationFile.Entry(key: key.string, texts: texts, location: location)
      }
      text.add(.configurationField, "`\(key.string)` must be a list of single values", at: location)
    case .mapping, .alias:
      text.add(.configurationField, "`\(key.string)` must be a single value, not \(value.kindName)", at: location)
    }
    return nil
  }
}
