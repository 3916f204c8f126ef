/// The orders in which a step's kernel may produce its rows.
struct RowDirections: OptionSet, Hashable {
  let rawValue: UInt8

  /// First row first: the output trails below the part of the input that is still needed.
  static let ascending = RowDirections(rawValue: 1)
  /// Last row first: the output trails above it.
  static let descending = RowDirections(rawValue: 2)
  static let both: RowDirections = [.ascending, .descending]
}

/// All that a request says about one output over one dying input. Several entries for the same pair hold together.
struct OverlapRule {
  var step: Int
  var input: Int
  var output: Int
  var inputBytes: Int
  var outputBytes: Int
  /// Bytes by which the output must begin before its input, first row first.
  var ascending: Int
  /// Bytes by which the output must end after its input, last row first.
  var descending: Int

  /// Row orders under which the output may lie at `outputOffset` while its input lies at `inputOffset` and they share bytes.
  func directions(inputOffset: Int, outputOffset: Int) -> RowDirections {
    var allowed: RowDirections = []
    if outputOffset <= inputOffset - ascending { allowed.insert(.ascending) }
    if outputOffset - inputOffset >= smallestRise { allowed.insert(.descending) }
    return allowed
  }

  /// The descending rule as a distance between the two starts: `offset(output) − offset(input)` is at least this.
  var smallestRise: Int { inputBytes + descending - outputBytes }

  /// The most alignment blocks that the two buffers can share when rows run in `direction`.
  func mostSharedBlocks(_ direction: RowDirections, alignment: Int) -> Int {
    let inputBlocks = inputBytes.blocks(of: alignment)
    let outputBlocks = outputBytes.blocks(of: alignment)
    // The output begins `rise` blocks above its input. Between these two rises, one buffer lies inside the other.
    let containment = min(0, inputBlocks - outputBlocks)...max(0, inputBlocks - outputBlocks)
    let rise: Int
    if direction == .ascending {
      rise = min(containment.upperBound, -ascending.blocks(of: alignment))
    } else {
      rise = max(containment.lowerBound, smallestRise.blocks(of: alignment))
    }
    return max(0, min(rise + outputBlocks, inputBlocks) - max(rise, 0))
  }
}

extension Int {
  /// How many blocks of `size` bytes hold this many bytes; for negative distances the quotient rounded up.
  func blocks(of size: Int) -> Int {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: size)
    return remainder > 0 ? quotient + 1 : quotient
  }

  func clamped(to range: ClosedRange<Int>) -> Int { Swift.min(Swift.max(self, range.lowerBound), range.upperBound) }

  func roundedUp(to size: Int) -> Int { blocks(of: size) * size }

  func roundedDown(to size: Int) -> Int { -(-self).blocks(of: size) * size }
}
