import Diagnostics

/// Limits from the command line, as the user wrote them. They take the place of the profile's.
public struct BudgetOverrides: Hashable, Sendable {
  /// `64MiB`
  public var ram: String?
  /// `400KiB`
  public var flash: String?
  /// `50ms`, for a run with everything in memory, and for the first one.
  public var latency: String?
  public var coldLatency: String?
  /// `40mJ`
  public var energy: String?
  /// `0.8W`
  public var power: String?
  /// `1pt` for rates, `2%` for errors.
  public var accuracyDrop: String?

  public init(
    ram: String? = nil, flash: String? = nil, latency: String? = nil, coldLatency: String? = nil, energy: String? = nil,
    power: String? = nil, accuracyDrop: String? = nil
  ) {
    self.ram = ram
    self.flash = flash
    self.latency = latency
    self.coldLatency = coldLatency
    self.energy = energy
    self.power = power
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
    let others: [(text: String?, flag: String, Dimension, WritableKeyPath<Budget, Double?>)] = [
      (overrides.latency, "--max-latency", .time, \.latency), (overrides.coldLatency, "--max-cold-latency", .time, \.coldLatency),
      (overrides.energy, "--max-energy", .energy, \.energy), (overrides.power, "--max-power", .power, \.power),
    ]
    for (text, flag, dimension, limit) in others {
      guard let text else { continue }
      budget[keyPath: limit] = faults.collect { () throws(Failure) in try Self.quantity(text, dimension, flag) }
    }
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

  /// A figure above 0: nothing can keep within 0.
  private static func quantity(_ text: String, _ dimension: Dimension, _ flag: String) throws(Failure) -> Double {
    let value: Double
    do throws(QuantityFault) { value = try dimension.parse(text) } catch {
      throw failure(error, text, dimension, flag, expected: dimension.unitList)
    }
    guard value > 0 else {
      throw Failure(.invalidQuantity, "`\(flag) \(text)` must be above 0", hint: "write `\(flag) \(example(dimension))`")
    }
    return value
  }

  private static func example(_ dimension: Dimension) -> String {
    switch dimension {
    case .memory: "64MiB"
    case .frequency: "1Hz"
    case .bandwidth: "80MB/s"
    case .time: "50ms"
    case .energy: "40mJ"
    case .power: "0.8W"
    case .percentagePoints: "1pt"
    case .percent: "2%"
    }
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
    let suggestion = explanation.suggestion ?? example(dimension)
    return Failure(
      .invalidQuantity, "`\(flag)`: \(explanation.message); expected a number and \(expected)",
      hint: "write `\(flag) \(suggestion.filter { $0 != " " })`")
  }
}
