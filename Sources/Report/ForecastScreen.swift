import Diagnostics

/// What `--dry-run` prints: what a pack would do, and what is known before anything is computed.
public struct ForecastScreen: Sendable, Encodable {
  /// A limit and what is certain about it.
  public struct Line: Hashable, Sendable, Encodable {
    public var axis: Answer.Axis.Name
    public var unit: Answer.Axis.Unit
    @ExplicitNull public var limit: Double?
    /// What this pack's parts that are known already need; null where nothing is known.
    @ExplicitNull public var predicted: Double?
    /// No pack of this model needs less.
    @ExplicitNull public var atLeast: Double?
    /// What the prediction holds, in words.
    public var parts: String

    public init(_ axis: Answer.Axis.Name, unit: Answer.Axis.Unit, limit: Double?, predicted: Double?, atLeast: Double?, parts: String) {
      self.axis = axis
      self.unit = unit
      self.limit = limit
      self.predicted = predicted
      self.atLeast = atLeast
      self.parts = parts
    }

    /// Whether no pack can keep the limit.
    public var isImpossible: Bool {
      guard let limit, let atLeast else { return false }
      return atLeast > limit
    }
  }

  public var schema = Answer.schemaVersion
  public var model: String
  public var target: String
  /// One phrase for each thing that would be done, in order.
  public var steps: [String]
  public var budget: [Line]
  /// False if a limit cannot be kept.
  public var isPossible: Bool

  public init(model: String, target: String, steps: [String], budget: [Line]) {
    self.model = model
    self.target = target
    self.steps = steps
    self.budget = budget
    isPossible = !budget.contains(where: \.isImpossible)
  }

  public var headline: String {
    (isPossible ? "WOULD PACK" : "CANNOT FIT") + "   \(model) on \(target)    nothing was computed or written"
  }

  public func text(style: TerminalStyle = .plain) -> String {
    var table = TextTable([.left("axis"), .left("limit"), .left("at least"), .left("predicted"), .left("made of")])
    for line in budget {
      let show = { (value: Double?) in value.map { BudgetTable.figure($0, line.unit) } ?? Formatting.absent }
      table.add(
        BudgetTable.title(line.axis), show(line.limit), show(line.atLeast) + (line.isImpossible ? " ✗" : ""), show(line.predicted),
        line.parts)
    }
    var lines = [headline, ""] + table.lines() + [""]
    for (index, step) in steps.enumerated() {
      lines += TextLayout.wrapped(step, first: index == 0 ? " would   " : TextLayout.spaces(9), indent: 11)
    }
    return lines.map(style.legible).joined(separator: "\n")
  }

  /// One document: the forecast, or with several variants a list of them.
  /// - Parameter forecasts: with the variants' names, which are nil where there are none.
  public static func json(_ forecasts: [(variant: String?, screen: ForecastScreen)]) throws(Failure) -> String {
    if forecasts.count == 1 { return try JSONText.encode(forecasts[0].screen) }
    return try JSONText.encode(Document(variants: forecasts.map { Document.Variant(name: $0.variant, forecast: $0.screen) }))
  }

  private struct Document: Encodable {
    struct Variant: Encodable {
      @ExplicitNull var name: String?
      var forecast: ForecastScreen
    }
    var schema = Answer.schemaVersion
    var variants: [Variant]
  }
}
