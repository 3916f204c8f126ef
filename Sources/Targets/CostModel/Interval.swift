/// A figure that is known from one value to another.
public struct Interval: Hashable, Sendable, Codable {
  public var low: Double
  public var high: Double

  /// - Precondition: `low <= high`.
  public init(_ low: Double, _ high: Double) {
    precondition(low <= high, "an interval ends where it begins or later")
    self.low = low
    self.high = high
  }

  /// A figure that is known exactly.
  public init(_ value: Double) { self.init(value, value) }

  public static let zero = Interval(0)

  public var center: Double { (low + high) / 2 }

  public static func + (a: Interval, b: Interval) -> Interval { Interval(a.low + b.low, a.high + b.high) }

  /// - Precondition: `factor >= 0`.
  public static func * (a: Interval, factor: Double) -> Interval { Interval(a.low * factor, a.high * factor) }

  /// Of figures that are not negative.
  public static func * (a: Interval, b: Interval) -> Interval { Interval(a.low * b.low, a.high * b.high) }

  /// The larger of two figures of which only intervals are known.
  public static func larger(_ a: Interval, _ b: Interval) -> Interval { Interval(max(a.low, b.low), max(a.high, b.high)) }
}
