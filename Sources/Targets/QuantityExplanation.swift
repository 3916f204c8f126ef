import Diagnostics

/// Why a text is no quantity, in the user's words.
struct QuantityExplanation: Hashable {
  /// `unknown unit in \`2000 MB/sec\``
  var message: String
  /// What would be right, for the line with the caret.
  var label: String
  /// The text as it was probably meant, if that can be said.
  var suggestion: String?
  /// Which part of the text is wrong, in characters.
  var range: Range<Int>

  init(_ fault: QuantityFault, in text: String, of dimension: Dimension) {
    let number = text.trimmingSpaces().prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+") }
    range = 0..<text.count
    switch fault {
    case .missingNumber:
      message = "`\(text)` is not a number with a unit"
      label = "expected a number and \(dimension.unitList)"
    case .missingUnit:
      message = "`\(text)` has no unit"
      label = "expected a number and \(dimension.unitList)"
      suggestion = "\(number) \(dimension.usualUnit)"
    case .unknownUnit(let symbol):
      message = "unknown unit in `\(text)`"
      label = "expected \(dimension.unitList)"
      suggestion = nearestMatch(to: symbol, among: dimension.units.map(\.symbol)).map { "\(number) \($0)" }
      // The unit ends the text; blanks may follow it.
      let trailing = text.reversed().prefix { $0 == " " || $0 == "\t" }.count
      range = (text.count - trailing - symbol.count)..<(text.count - trailing)
    case .outOfRange:
      message = "`\(text)` is out of range"
      label = "expected a number from 0 to 9·10¹⁸ in \(dimension.units[0].symbol)"
    }
  }
}

extension Dimension {
  /// The unit that a bare number most likely means.
  fileprivate var usualUnit: String {
    switch self {
    case .memory: "MiB"
    case .frequency: "MHz"
    case .bandwidth: "MB/s"
    case .time: "ms"
    case .energy: "mJ"
    case .power: "mW"
    case .percentagePoints: "pt"
    case .percent: "%"
    }
  }
}
