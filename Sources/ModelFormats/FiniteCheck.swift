/// How many of some numbers are NaN or infinite, and where the first is.
struct NonFiniteCount: Hashable {
  var notANumber = 0
  var infinite = 0
  var total: Int
  /// Index of the first in row-major order.
  var first: Int

  /// nil if all are finite.
  init?(_ values: [Float]) {
    // Fast path: a sum of absolute zeros stays zero unless a factor is not finite.
    var probe: Float = 0
    for value in values { probe += value * 0 }
    guard probe != 0 || probe.isNaN, let first = values.firstIndex(where: { !$0.isFinite }) else { return nil }
    self.first = first
    total = values.count
    for value in values[first...] where !value.isFinite { count(value.isNaN) }
  }

  /// One scan of a stored float array after its conversion to float; nil if all are finite.
  init?(_ array: StoredArray, scale: Double, offset: Double) {
    var first: Int?
    var (notANumber, infinite) = (0, 0)
    array.withDoubles(0..<array.count) { index, value in
      let converted = Float(value * scale + offset)
      guard !converted.isFinite else { return }
      first = first ?? index
      if converted.isNaN { notANumber += 1 } else { infinite += 1 }
    }
    guard let first else { return nil }
    (self.first, self.total, self.notANumber, self.infinite) = (first, array.count, notANumber, infinite)
  }

  private mutating func count(_ isNaN: Bool) { if isNaN { notANumber += 1 } else { infinite += 1 } }

  /// `NaN: 3 of 5120, first at [0, 17]`.
  func description(shape: [Int]) -> String {
    let kind = infinite == 0 ? "NaN" : notANumber == 0 ? "infinity" : "NaN and infinity"
    return "\(kind): \(notANumber + infinite) of \(total), first at \(position(of: first, in: shape))"
  }
}

/// The indices of an element along each axis.
func position(of index: Int, in shape: [Int]) -> [Int] {
  var rest = index
  var position: [Int] = []
  for size in shape.reversed() {
    position.append(size > 0 ? rest % size : 0)
    rest = size > 0 ? rest / size : 0
  }
  return position.reversed()
}
