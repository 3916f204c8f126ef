import Diagnostics

/// What `edgepack explain` prints: one sentence, what the figure is made of, remarks.
public struct Explanation: Sendable {
  /// A part of what is explained.
  public struct Part: Hashable, Sendable, Encodable {
    public var name: String
    /// Shape, operator, place: whatever tells this part from others.
    public var detail: String
    /// Exact; null where there is none.
    @ExplicitNull public var figure: Double?
    /// The figure for people.
    public var shown: String
    /// When, or how large a share.
    public var remark: String

    public init(name: String, detail: String = "", figure: Double? = nil, shown: String = "", remark: String = "") {
      self.name = name
      self.detail = detail
      self.figure = figure
      self.shown = shown
      self.remark = remark
    }
  }

  /// `ram`, a code, a layer's name.
  public var subject: String
  public var headline: String
  public var parts: [Part]
  /// Whole sentences below the parts.
  public var remarks: [String]

  public init(subject: String, headline: String, parts: [Part] = [], remarks: [String] = []) {
    self.subject = subject
    self.headline = headline
    self.parts = parts
    self.remarks = remarks
  }

  public func text(style: TerminalStyle = .plain) -> String {
    var table = TextTable([.left(""), .left(""), .right(""), .left("")])
    for part in parts { table.add(part.name, part.detail, part.shown, part.remark) }
    let lines =
      TextLayout.wrapped(headline, first: "", indent: 0) + table.lines()
      + remarks.flatMap { TextLayout.wrapped($0, first: "", indent: 2) }
    return lines.map(style.legible).joined(separator: "\n")
  }

  public func json() throws(Failure) -> String {
    try JSONText.encode(Document(subject: subject, headline: headline, parts: parts, remarks: remarks))
  }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var subject: String
    var headline: String
    var parts: [Part]
    var remarks: [String]
  }
}

extension Explanation {
  /// Parts beyond this many are summed up in one line.
  static let shownParts = 15

  /// The largest parts, and a line for the rest.
  static func largest(_ parts: [Part], rest: (_ count: Int, _ sum: Double) -> Part) -> [Part] {
    guard parts.count > shownParts + 1 else { return parts }
    let hidden = parts.dropFirst(shownParts)
    return parts.prefix(shownParts) + [rest(hidden.count, hidden.reduce(0) { $0 + ($1.figure ?? 0) })]
  }
}
