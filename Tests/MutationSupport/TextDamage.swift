import TestSupport

/// What a text file can get wrong in a way that its format's readers fear.
enum TextDamage: String, CaseIterable {
  case aliasBomb, deepFlow, deepIndent, deepObject, hugeNumber, strangeNumber, tab, repeatedLine, removedLine, swappedLines, nul,
    invalidUTF8
  case utf16, byteOrderMark, anchor, mergeKey, tag, longLine, manyLines, emptied, secondDocument, replacedWord, unclosedQuote, control
}

extension FileMutator {
  func damageProfile(_ file: inout DamagedFile, _ random: inout SeededGenerator) { damageText(&file, &random) }

  func damagePlan(_ file: inout DamagedFile, _ random: inout SeededGenerator) { damageText(&file, &random) }

  private func damageText(_ file: inout DamagedFile, _ random: inout SeededGenerator) {
    let damage = TextDamage.allCases[Int.random(in: TextDamage.allCases.indices, using: &random)]
    file.damages.append(damage.rawValue)
    var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    guard let line = lines.indices.randomElement(using: &random) else { return }
    switch damage {
    case .aliasBomb: lines.append(contentsOf: aliasBomb(levels: random.pick([2, 9, 30])))
    case .deepFlow:
      let opening = random.pick(["[", "{a: ", "- ", "? ", "[[{", "\"", "{\"a\":", "[\n"])
      lines[line] += Array("x: ".utf8) + Array(String(repeating: opening, count: random.pick([20, 1000, 20_000])).utf8)
    case .deepIndent: lines += (0..<random.pick([50, 300])).map { Array((String(repeating: " ", count: $0) + "a:").utf8) }
    case .deepObject:
      let depth = random.pick([100, 600, 20_000])
      lines = [Array((String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)).utf8)]
    case .hugeNumber, .strangeNumber, .replacedWord:
      lines[line] = replacingValue(of: lines[line], by: damage == .replacedWord ? strangeWord(&random) : strangeNumber(&random), &random)
    case .tab: lines[line].insert(UInt8(ascii: "\t"), at: Int.random(in: 0...lines[line].count, using: &random))
    case .repeatedLine: lines.insert(lines[line], at: Int.random(in: 0...lines.count, using: &random))
    case .removedLine: lines.remove(at: line)
    case .swappedLines: lines.swapAt(line, Int.random(in: lines.indices, using: &random))
    case .nul: lines[line].insert(0, at: Int.random(in: 0...lines[line].count, using: &random))
    case .invalidUTF8: lines[line] += random.pick([[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]])
    case .utf16: lines = [random.pick([[0xFF, 0xFE], [0xFE, 0xFF], []]) + file.bytes.flatMap { [$0, 0] }]
    case .byteOrderMark: lines[line] = [0xEF, 0xBB, 0xBF] + lines[line]
    case .anchor: lines[line] += Array(random.pick([" &a", " *a", " &a *a", " *nowhere", " &a [*a]"]).utf8)
    case .mergeKey: lines.append(Array(random.pick(["<<: *a", "<<: {name: x}", "<<: [1, 2]", "z: &z {<<: *z}"]).utf8))
    case .tag:
      lines[line] += Array(random.pick([" !!binary x", " !!set {a}", " !<tag:x> y", " !!float nan", " !!!", " !!timestamp 0"]).utf8)
    case .longLine: lines[line] += Array(repeating: random.pick([UInt8(ascii: "9"), UInt8(ascii: "x"), UInt8(ascii: " ")]), count: 60_000)
    case .manyLines: lines += (0..<random.pick([100, 4000])).map { Array("k\($0): 1".utf8) }
    case .emptied: lines = random.pick([[], [[]], [Array("---".utf8)], [Array("null".utf8)], [Array("[]".utf8)], [Array("\"x\"".utf8)]])
    case .secondDocument: lines += [Array("---".utf8)] + lines
    case .unclosedQuote: lines[line] += [random.pick([UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "|"), UInt8(ascii: ">")])]
    case .control: lines[line] += random.pick([[0x1B, 0x5B, 0x32, 0x4A], [7], [0x7F], [0xC2, 0x85], [0xE2, 0x80, 0xAE]])
    }
    file.bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Each list names the one before ten times: a thousand million entries if anybody expands them.
  private func aliasBomb(levels: Int) -> [[UInt8]] {
    (0..<levels).map { level in
      let content = level == 0 ? "\"lol\"" : Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ")
      return Array("l\(level): &l\(level) [\(content)]".utf8)
    }
  }

  /// What stands behind the line's last colon becomes something else.
  private func replacingValue(of line: [UInt8], by value: String, _ random: inout SeededGenerator) -> [UInt8] {
    let end = line.last == UInt8(ascii: ",") ? [UInt8(ascii: ",")] : []
    guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else {
      let indent = line.prefix { $0 == UInt8(ascii: " ") }
      return indent + Array(value.utf8) + end
    }
    return line[...colon] + [UInt8(ascii: " ")] + Array(value.utf8) + end
  }

  private func strangeNumber(_ random: inout SeededGenerator) -> String {
    let units = ["", "", " MiB", " GHz", " MB/s", " ms", " W", " %", " B"]
    let numbers = [
      "1e999", "-1e999", "NaN", "nan", ".inf", "-0", "0", "-1", "1e18", "9e18", "9.3e18", "0x7fffffffffffffff", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "1e-320", "0.5", "1.5", "3.4e38", "1e39", String(repeating: "9", count: 400), "1__0",
      "٣",
      "1e", "+", ".", "1.2.3",
    ]
    return random.pick(numbers) + random.pick(units)
  }

  private func strangeWord(_ random: inout SeededGenerator) -> String {
    random.pick([
      "", "null", "~", "true", "[]", "{}", "[1, 2, 3]", "{\"a\": 1}", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "'it''s'", "arm64", "linux",
      "qemu-system",
      "*a", "\"\u{1B}[31m\"", "8", "[0.1]", "[[0.1]]", String(repeating: "x", count: 2000), "\"\\", "@", "`", "%x", "!!null",
    ])
  }
}
