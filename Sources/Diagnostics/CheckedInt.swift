/// A whole number that is computed from numbers of a file. What overflows has no value, and neither has what is computed from it, so that
/// one look at the end is enough.
///
///     guard let end = (CheckedInt(offset) + CheckedInt(length)).value, end <= file.size else { throw … }
///
/// Everything that reads sizes, counts and offsets from a file computes with this type until the result has been compared with a limit.
public struct CheckedInt: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// Nil after an overflow.
  public let value: Int?

  /// No value if an `Int` cannot hold the number.
  public init(_ number: some BinaryInteger) { value = Int(exactly: number) }

  public init(integerLiteral number: Int) { value = number }

  private init(value: Int?) { self.value = value }

  public static func + (a: CheckedInt, b: CheckedInt) -> CheckedInt { combine(a, b) { $0.addingReportingOverflow($1) } }
  public static func - (a: CheckedInt, b: CheckedInt) -> CheckedInt { combine(a, b) { $0.subtractingReportingOverflow($1) } }
  public static func * (a: CheckedInt, b: CheckedInt) -> CheckedInt { combine(a, b) { $0.multipliedReportingOverflow(by: $1) } }

  /// The value if it lies in `range`.
  public func within(_ range: ClosedRange<Int>) -> Int? { value.flatMap { range.contains($0) ? $0 : nil } }

  /// Elements of a shape that a file states. No value if a size is negative, or if the sizes other than 0 multiply to more than an `Int`
  /// holds: so any product of some of them fits as well.
  public static func elements(of shape: some Sequence<Int>) -> CheckedInt {
    var (extent, isEmpty) = (CheckedInt(1), false)
    for size in shape {
      guard size >= 0 else { return CheckedInt(value: nil) }
      if size == 0 { isEmpty = true } else { extent = extent * CheckedInt(size) }
    }
    return isEmpty && extent.value != nil ? 0 : extent
  }

  private static func combine(
    _ a: CheckedInt, _ b: CheckedInt, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> CheckedInt {
    guard let a = a.value, let b = b.value else { return CheckedInt(value: nil) }
    let (result, overflow) = operation(a, b)
    return CheckedInt(value: overflow ? nil : result)
  }
}
