/// A xorshift generator in 32-bit words, so that every target draws the same numbers at little cost.
struct RandomSequence {
  private var state: UInt32

  init(seed: UInt32) { state = seed == 0 ? 0x9E37_79B9 : seed }

  mutating func next() -> UInt32 {
    state ^= state &<< 13
    state ^= state &>> 17
    state ^= state &<< 5
    return state
  }

  /// A number in a range of at most 2^16 values.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int((next() &>> 8) % UInt32(range.upperBound - range.lowerBound + 1))
  }

  /// True once in `n` on average.
  mutating func once(in n: Int) -> Bool { number(1...n) == 1 }

  /// Fills bytes after a pattern: anything, only the extremes, or small values.
  mutating func fill(_ bytes: UnsafeMutablePointer<Int8>, count: Int, pattern: Pattern, minimum: Int8) {
    for i in 0..<count {
      let draw = next()
      let value: Int8 =
        switch pattern {
        case .anything: Int8(truncatingIfNeeded: draw &>> 16)
        case .extremes: draw & 0x10000 == 0 ? 127 : minimum
        case .small: Int8(truncatingIfNeeded: (draw &>> 16) & 7) - 3
        case .zero: 0
        }
      bytes[i] = max(minimum, value)
    }
  }

  /// A multiplier between 2^−40 and 8, mostly where sums spread over the output's range; often a power of two, where ties are dense.
  mutating func multiplier() -> Float {
    let exponent = once(in: 40) ? number(-40...2) : number(-18...(-3))
    let mantissa = once(in: 4) ? 0 : next() & 0x7F_FFFF
    return Float(bitPattern: UInt32(127 + exponent) &<< 23 | mantissa)
  }

  /// An accumulator next to a tie of the rounding: the nearest to `(k + ½) / multiplier`, ±2.
  mutating func accumulatorNearTie(_ multiplier: Float) -> Int32 {
    let tie = (Float(number(-300...300)) + 0.5) / multiplier
    guard tie > -2_130_706_432 && tie < 2_130_706_432 else { return Int32(bitPattern: next()) }
    return Int32(tie) &+ Int32(number(-2...2))
  }
}

enum Pattern { case anything, extremes, small, zero }
