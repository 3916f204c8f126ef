import Diagnostics

/// Limits from the command line, as the user wrote them. They take the place of the profile's.
public struct BudgetOverrides: Hashable, Sendable {
  /// `64MiB`
  public var ram: String?
  /// `400KiB`
  public var flash: String?
  /// `1pt` for rates, `2%` for errors.
  public var accuracyDrop: String?

  public init(ram: String? = nil, flash: String? = nil, accuracyDrop: String? = nil) {
    self.ram = ram
    self.flash = flash
    self.accuracyDrop = accuracyDrop
  }
}

extension Budget {
  /// This budget with the limits of `overrides` in place of its own.
  /// - Throws: `invalid-quantity`, one for each limit that is none.
  public func overridden(by overrides: BudgetOverrides) throws(Failure) -> Budget {
    var faults = FaultCollector()
    var budget = self
    if let text = overrides.ram { budget.ram = faults.collect { () throws(Failure) in try Self.bytes(text, "--max-ram") } }
    if let text = overrides.flash { budget.flash = faults.collect { () throws(Failure) in try Self.bytes(text, "--max-flash") } }
    if let text = overrides.accuracyDrop {
      let dimension: Dimension = text.contains("%") ? .percent : .percentagePoints
      let drop = faults.collect { () throws(Failure) in try Self.drop(text, dimension, "--max-accuracy-drop") }
      if dimension == .percent { budget.errorGrowth = drop } else { budget.accuracyDrop = drop }
    }
    try faults.throwIfAny()
    return budget
  }

  private static func bytes(_ text: String, _ flag: String) throws(Failure) -> Int {
    let value: Double
    do throws(QuantityFault) { value = try Dimension.memory.parse(text) } catch {
      throw failure(error, text, .memory, flag, expected: Dimension.memory.unitList)
    }
    guard value >= 1, value == value.rounded() else {
      throw Failure(.invalidQuantity, "`\(flag) \(text)` is not a whole number of bytes above 0", hint: "write `\(flag) 64MiB`")
    }
    return Int(value)
  }

  private static func drop(_ text: String, _ dimension: Dimension, _ flag: String) throws(Failure) -> Double {
    do throws(QuantityFault) { return try dimension.parse(text) / 100 } catch {
      throw failure(error, text, dimension, flag, expected: "pt (points of a rate) or % (growth of an error)")
    }
  }

  private static func failure(
    _ fault: QuantityFault, _ text: String, _ dimension: Dimension, _ flag: String, expected: String
  ) -> Failure {
    let explanation = QuantityExplanation(fault, in: text, of: dimension)
    let suggestion = explanation.suggestion ?? (dimension == .memory ? "64 MiB" : "1 pt")
    return Failure(
      .invalidQuantity, "`\(flag)`: \(explanation.message); expected a number and \(expected)",
      hint: "write `\(flag) \(suggestion.filter { $0 != " " })`")
  }
}
