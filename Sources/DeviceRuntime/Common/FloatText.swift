extension TextWriter {
  /// A float32 with nine significant digits, as C's `%.9g`: correctly rounded (half to even on the exact value), trailing zeros dropped.
  /// Nine digits are enough to read the same float32 back.
  @inline(never)
  mutating func put(_ value: Float) {
    if value.sign == .minus { put(UInt8(ascii: "-")) }
    if value.isNaN { return put("nan") }
    if value.isInfinite { return put("inf") }
    if value.isZero { return put("0") }
    var decimal = DecimalDigits(value.magnitude)
    let exponent = decimal.exponent
    while decimal.count > 1 && decimal.digits[decimal.count - 1] == 0 { decimal.count -= 1 }
    if exponent < -4 || exponent > 8 { putScientific(decimal) } else { putPlain(decimal) }
  }

  private mutating func put(digit: UInt8) { put(digit &+ UInt8(ascii: "0")) }

  /// `d.ddde±xx`
  private mutating func putScientific(_ decimal: DecimalDigits) {
    put(digit: decimal.digits[0])
    if decimal.count > 1 { put(UInt8(ascii: ".")) }
    var index = 1
    while index < decimal.count {
      put(digit: decimal.digits[index])
      index += 1
    }
    put(UInt8(ascii: "e"))
    put(decimal.exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    let magnitude = UInt8(truncatingIfNeeded: decimal.exponent.magnitude)
    put(digit: magnitude / 10)
    put(digit: magnitude % 10)
  }

  private mutating func putPlain(_ decimal: DecimalDigits) {
    if decimal.exponent < 0 { put("0.") }
    var zeros = -1
    while zeros > decimal.exponent {
      put(digit: 0)
      zeros -= 1
    }
    var index = 0
    while index < decimal.count || index <= decimal.exponent {
      if decimal.exponent >= 0 && index == decimal.exponent + 1 { put(UInt8(ascii: ".")) }
      put(digit: index < decimal.count ? decimal.digits[index] : 0)
      index += 1
    }
  }
}

/// The first nine decimal digits of a positive float32, correctly rounded.
struct DecimalDigits {
  var digits = InlineArray<9, UInt8>(repeating: 0)
  var count = 9
  /// Power of ten of the first digit.
  private(set) var exponent = 0

  /// The value is held exactly, as a fixed-point number of ten 32-bit limbs: the five upper ones before the point, the five lower ones
  /// behind it (float32 reaches from 2^−149 to 2^128). Digits come from it by division and multiplication by ten.
  @inline(never)
  init(_ value: Float) {
    var limbs = Self.fixedPoint(value)
    // Digits before the point, least significant first.
    var whole = InlineArray<40, UInt8>(repeating: 0)
    var wholeCount = 0
    while !Self.isZero(limbs, from: 5, to: 10) {
      whole[wholeCount] = Self.divideWholeByTen(&limbs)
      wholeCount += 1
    }
    exponent = wholeCount - 1
    var taken = 0
    while taken < 9 && wholeCount > 0 {
      wholeCount -= 1
      digits[taken] = whole[wholeCount]
      taken += 1
    }
    while taken < 9 {
      let digit = Self.multiplyFractionByTen(&limbs)
      if taken == 0 && digit == 0 {
        exponent -= 1
        continue
      }
      digits[taken] = digit
      taken += 1
    }
    // The digit behind the ninth, and whether anything follows it.
    var following: UInt8
    var hasMore = false
    if wholeCount > 0 {
      wholeCount -= 1
      following = whole[wholeCount]
      while wholeCount > 0 {
        wholeCount -= 1
        if whole[wholeCount] != 0 { hasMore = true }
      }
    } else {
      following = Self.multiplyFractionByTen(&limbs)
    }
    if !Self.isZero(limbs, from: 0, to: 5) { hasMore = true }
    if following > 5 || (following == 5 && (hasMore || digits[8] & 1 == 1)) { roundUp() }
  }

  private mutating func roundUp() {
    var index = 8
    while index >= 0 {
      if digits[index] < 9 {
        digits[index] += 1
        return
      }
      digits[index] = 0
      index -= 1
    }
    digits[0] = 1
    exponent += 1
  }

  private static func fixedPoint(_ value: Float) -> InlineArray<10, UInt32> {
    var limbs = InlineArray<10, UInt32>(repeating: 0)
    let isSubnormal = value.exponentBitPattern == 0
    let significand = value.significandBitPattern | (isSubnormal ? 0 : 1 << 23)
    // value = significand · 2^(e − 150), e ≥ 1; bit 0 of the limbs is 2^−160.
    let lowestBit = Int(isSubnormal ? 1 : value.exponentBitPattern) - 150 + 160
    // In words of 32 bits: wider shifts and divisions are library calls on 32-bit cores.
    let shift = UInt32(lowestBit & 31)
    limbs[lowestBit >> 5] = significand &<< shift
    if lowestBit >> 5 < 9 && shift > 0 { limbs[(lowestBit >> 5) + 1] = significand &>> (32 &- shift) }
    return limbs
  }

  private static func isZero(_ limbs: InlineArray<10, UInt32>, from first: Int, to end: Int) -> Bool {
    var index = first
    while index < end {
      if limbs[index] != 0 { return false }
      index += 1
    }
    return true
  }

  /// Divides the part before the point by ten. - Returns: the remainder.
  private static func divideWholeByTen(_ limbs: inout InlineArray<10, UInt32>) -> UInt8 {
    var remainder: UInt32 = 0
    var index = 9
    while index >= 5 {
      let upper = remainder << 16 | limbs[index] >> 16
      let lower = (upper % 10) << 16 | limbs[index] & 0xFFFF
      limbs[index] = (upper / 10) << 16 | lower / 10
      remainder = lower % 10
      index -= 1
    }
    return UInt8(truncatingIfNeeded: remainder)
  }

  /// Multiplies the part behind the point by ten. - Returns: the digit that moved before it.
  private static func multiplyFractionByTen(_ limbs: inout InlineArray<10, UInt32>) -> UInt8 {
    var carry: UInt64 = 0
    var index = 0
    while index < 5 {
      let product = UInt64(limbs[index]) * 10 + carry
      limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
      index += 1
    }
    return UInt8(truncatingIfNeeded: carry)
  }
}
