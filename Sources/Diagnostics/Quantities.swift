/// A number of bytes. Prints as `276 KiB`; parses `64MiB`, `64 MiB`, `4096 B`.
public struct Bytes: Hashable, Sendable, Comparable, Codable {
  public var count: Int

  public init(_ count: Int) { self.count = count }

  public static func < (a: Bytes, b: Bytes) -> Bool { a.count < b.count }
  public static func + (a: Bytes, b: Bytes) -> Bytes { Bytes(a.count + b.count) }
  public static let zero = Bytes(0)

  public init(from decoder: Decoder) throws { count = try decoder.singleValueContainer().decode(Int.self) }
  public func encode(to encoder: Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }
}

/// A unit of one dimension: `factor` base units each.
public struct Unit: Hashable, Sendable {
  public var symbol: String
  public var factor: Double

  public init(_ symbol: String, _ factor: Double) {
    self.symbol = symbol
    self.factor = factor
  }
}

/// The dimensions that profiles and limits are written in. The first unit of `units` is the base unit.
public enum Dimension: String, CaseIterable, Sendable {
  case memory, frequency, bandwidth, time, energy, power, percentagePoints, percent

  public var units: [Unit] {
    switch self {
    case .memory:
      [Unit("B", 1), Unit("KiB", 1024), Unit("MiB", 1_048_576), Unit("GiB", 1_073_741_824)]
        + [Unit("KB", 1e3), Unit("MB", 1e6), Unit("GB", 1e9)]
    case .frequency: [Unit("Hz", 1), Unit("kHz", 1e3), Unit("MHz", 1e6), Unit("GHz", 1e9)]
    case .bandwidth: [Unit("B/s", 1), Unit("KB/s", 1e3), Unit("MB/s", 1e6), Unit("GB/s", 1e9)]
    case .time: [Unit("ms", 1), Unit("ps", 1e-9), Unit("ns", 1e-6), Unit("us", 1e-3), Unit("s", 1e3), Unit("min", 60e3)]
    case .energy: [Unit("mJ", 1), Unit("uJ", 1e-3), Unit("nJ", 1e-6), Unit("pJ", 1e-9), Unit("J", 1e3)]
    case .power: [Unit("mW", 1), Unit("uW", 1e-3), Unit("W", 1e3)]
    case .percentagePoints: [Unit("pt", 1)]
    case .percent: [Unit("%", 1)]
    }
  }

  /// The units as a sentence: `B/s, KB/s, MB/s or GB/s`.
  public var unitList: String { alternatives(units.map(\.symbol)) }
}

/// Why a text is no quantity of a dimension.
public enum QuantityFault: Error, Hashable, Sendable {
  case missingNumber
  case missingUnit
  case unknownUnit(String)
  case outOfRange
}

extension Dimension {
  /// Reads `64 MiB`, `64MiB`, `1.5 mJ`; the result is in base units.
  public func parse(_ text: String) throws(QuantityFault) -> Double {
    let trimmed = text.trimmingSpaces()
    let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+") }
    guard !number.isEmpty, let value = Double(String(number)) else { throw .missingNumber }
    let symbol = String(trimmed.dropFirst(number.count)).trimmingSpaces()
    guard !symbol.isEmpty else { throw .missingUnit }
    guard let unit = units.first(where: { $0.symbol == symbol }) else { throw .unknownUnit(symbol) }
    let result = value * unit.factor
    guard result.isFinite, result >= 0, result < 9e18 else { throw .outOfRange }
    return result
  }
}

extension Dimension {
  /// Reads one quantity as `parse` does, or a range of them: `0.25 to 0.5 ns`. The first number may leave its unit to the second.
  public func parseRange(_ text: String) throws(QuantityFault) -> ClosedRange<Double> {
    guard let separator = text.firstRange(of: " to ") else {
      let value = try parse(text)
      return value...value
    }
    let high = try parse(String(text[separator.upperBound...]))
    let first = String(text[..<separator.lowerBound]).trimmingSpaces()
    let low: Double
    do throws(QuantityFault) { low = try parse(first) } catch {
      guard error == .missingUnit, let unit = text.lastIndex(where: { $0.isNumber }) else { throw error }
      low = try parse(first + String(text[text.index(after: unit)...]))
    }
    guard low <= high else { throw .outOfRange }
    return low...high
  }
}

extension String {
  /// The text without leading and trailing blanks and tabs.
  public func trimmingSpaces() -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(self[start...end])
  }
}
