import Foundation

/// Figures for people: three significant digits, one unit for all figures of an axis, a true minus sign, `–` for what was not measured.
public enum Formatting {
  /// Stands for a figure that does not exist. Never 0.
  public static let absent = "–"
  public static let minus = "−"

  /// A size with its unit: `276 KiB`, `8.44 KiB`, `1.50 MiB`.
  public static func bytes(_ count: Int) -> String {
    let unit = SizeUnit.fitting(Double(count))
    return "\(unit.number(Double(count))) \(unit.symbol)"
  }

  /// Three significant digits; whole numbers from 100 on.
  public static func threeDigits(_ value: Double) -> String { fixed(value, decimals: decimals(value)) }

  /// Two figures with as many digits behind the point as the larger needs: `8.2–11.4`.
  static func range(_ low: Double, _ high: Double) -> String {
    "\(fixed(low, decimals: decimals(high)))–\(fixed(high, decimals: decimals(high)))"
  }

  /// A time in ms, an energy in mJ, a power in mW, in the unit that suits it: `187 us`, `40.0 mJ`.
  public static func scaled(_ value: Double, _ unit: Answer.Axis.Unit) -> String {
    guard let scaled = ScaledUnit.fitting(value, unit) else { return threeDigits(value) }
    return "\(threeDigits(value / scaled.factor)) \(scaled.symbol)"
  }

  /// `1 Hz`, `0.5 Hz`, `2 kHz`: as few digits as tell it.
  public static func scaledFrequency(_ hertz: Double) -> String {
    let (value, unit) = hertz >= 1000 ? (hertz / 1000, "kHz") : (hertz, "Hz")
    return "\(String(format: "%.3g", value)) \(unit)"
  }

  /// Digits behind the point that make three significant ones.
  static func decimals(_ value: Double) -> Int {
    let magnitude = abs(value)
    // 9.995 rounds to 10.0, which needs one digit less.
    if magnitude >= 99.95 { return 0 }
    if magnitude >= 9.995 { return 1 }
    return 2
  }

  static func fixed(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", abs(value))
    let isZero = !text.contains { $0 != "0" && $0 != "." }
    return (value < 0 && !isZero ? minus : "") + text
  }

  /// A whole number with groups of three: `61 200 000` is hard to read, `61,200,000` is not.
  public static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (value < 0 ? minus : "") + text
  }

  /// A count with its magnitude: `61.2 M`, `228 k`, `640`.
  public static func count(_ value: Int) -> String {
    let number = Double(value)
    if abs(number) < 1e3 { return String(value) }
    if abs(number) < 999_500 { return threeDigits(number / 1e3) + " k" }
    if abs(number) < 999.5e6 { return threeDigits(number / 1e6) + " M" }
    return threeDigits(number / 1e9) + " G"
  }

  /// `86.4 %`
  public static func percent(_ fraction: Double, decimals: Int = 1) -> String { fixed(fraction * 100, decimals: decimals) + " %" }

  /// A change with its sign: `−0.3 pt`, `+0.2 pt`, `0.0 pt`.
  public static func signed(_ value: Double, decimals: Int) -> String {
    let text = fixed(value, decimals: decimals)
    let isZero = !text.contains { $0 != "0" && $0 != "." }
    return value > 0 && !isZero ? "+" + text : text
  }

  /// Wall-clock time: `0.3 s`, `12.0 s`, `1:12`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e6 else { return absent }
    if seconds < 59.95 { return fixed(max(0, seconds), decimals: 1) + " s" }
    let whole = Int(seconds.rounded())
    let remainder = whole % 60
    return "\(whole / 60):\(remainder < 10 ? "0" : "")\(remainder)"
  }
}

/// Unit of memory on the screens.
enum SizeUnit: CaseIterable {
  case bytes, kibibytes, mebibytes, gibibytes

  var symbol: String {
    switch self {
    case .bytes: "B"
    case .kibibytes: "KiB"
    case .mebibytes: "MiB"
    case .gibibytes: "GiB"
    }
  }

  var factor: Double {
    switch self {
    case .bytes: 1
    case .kibibytes: 1024
    case .mebibytes: 1_048_576
    case .gibibytes: 1_073_741_824
    }
  }

  /// The largest unit in which `count` is at least 1, and KiB from 1 KiB to 1 MiB.
  static func fitting(_ count: Double) -> SizeUnit {
    allCases.last { abs(count) >= $0.factor } ?? .bytes
  }

  /// `count` in this unit, three significant digits; bytes are whole.
  func number(_ count: Double) -> String {
    self == .bytes ? Formatting.fixed(count, decimals: 0) : Formatting.threeDigits(count / factor)
  }
}

/// A sum whose printed parts add up to its printed total.
struct PrintedSum {
  var unit: SizeUnit
  var total: String
  var parts: [String]

  /// Rounds the total to three significant digits and the parts to the same step, then gives the remaining steps to the parts that
  /// lost most by rounding (largest remainder).
  init(_ parts: [Int]) {
    let sum = Double(parts.reduce(0, +))
    let unit = SizeUnit.fitting(sum)
    let decimals = unit == .bytes ? 0 : Formatting.decimals(sum / unit.factor)
    let stepsPerUnit = decimals == 0 ? 1.0 : (decimals == 1 ? 10 : 100)
    let exact = parts.map { Double($0) / unit.factor * stepsPerUnit }
    let wanted = (sum / unit.factor * stepsPerUnit).rounded()
    var steps = exact.map { $0.rounded(.down) }
    let missing = max(0, min(steps.count, Int(wanted - steps.reduce(0, +))))
    let byLoss = exact.indices.sorted { (exact[$0] - steps[$0], $1) > (exact[$1] - steps[$1], $0) }
    for index in byLoss.prefix(missing) { steps[index] += 1 }
    self.unit = unit
    total = Formatting.fixed(wanted / stepsPerUnit, decimals: decimals)
    self.parts = steps.map { Formatting.fixed($0 / stepsPerUnit, decimals: decimals) }
  }
}
