import Diagnostics

/// The machine code of a program as llvm-objdump prints it.
struct Disassembly: Sendable {
  struct Instruction: Sendable, Hashable {
    var mnemonic: String
    var operands: String
  }

  struct Function: Sendable {
    var address: Int
    var name: String
    var instructions: [Instruction]
  }

  /// By address.
  private(set) var functions: [Function] = []

  /// Parses the output of `llvm-objdump -d --no-show-raw-insn`: `00210d70 <name>:` begins a function, `  210d74: mnemonic\toperands` is an
  /// instruction.
  init(_ text: String) {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")).map({ Substring($0) }) {
      if let function = Self.header(line) {
        functions.append(function)
      } else if let instruction = Self.instruction(line), !functions.isEmpty {
        functions[functions.count - 1].instructions.append(instruction)
      }
    }
    functions.sort { $0.address < $1.address }
  }

  private static func header(_ line: Substring) -> Function? {
    guard line.hasSuffix(">:"), let open = line.firstIndex(of: "<"), let address = Int(line[..<open].filter(\.isHexDigit), radix: 16)
    else { return nil }
    return Function(address: address, name: String(line[line.index(after: open)...].dropLast(2)), instructions: [])
  }

  private static func instruction(_ line: Substring) -> Instruction? {
    guard line.hasPrefix(" "), let colon = line.firstIndex(of: ":") else { return nil }
    let words = line[line.index(after: colon)...].split(maxSplits: 1, whereSeparator: \.isWhitespace)
    guard let mnemonic = words.first else { return nil }
    return Instruction(mnemonic: String(mnemonic), operands: words.count > 1 ? String(words[1]) : "")
  }

  /// The function that contains an address.
  func function(at address: Int) -> Int? {
    var low = 0
    var high = functions.count
    while low < high {
      let middle = (low + high) / 2
      if functions[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }
}

extension Disassembly.Instruction {
  /// Where a direct call or branch goes: `0x210d9c <name>` among the operands. (Immediate numbers have `#` or `$` before them.)
  var target: Int? {
    guard isBranch, operands.contains("<") else { return nil }
    let address = operands.split { $0 == " " || $0 == "," || $0 == "\t" }.first { $0.hasPrefix("0x") }
    return address.flatMap { Int($0.dropFirst(2), radix: 16) }
  }

  /// A call of an address in a register or in memory.
  var isIndirectCall: Bool { isCall && !operands.contains("<") }

  var isCall: Bool { ["bl", "bl.w", "blr", "blx", "call", "callq", "calll"].contains(mnemonic) }

  /// Calls and jumps of arm64, Thumb and x86-64; what has no code address behind it is no branch for our purpose.
  private var isBranch: Bool {
    mnemonic.hasPrefix("b") || mnemonic.hasPrefix("cb") || mnemonic.hasPrefix("tb") || mnemonic.hasPrefix("j") || mnemonic.hasPrefix("call")
  }

  /// x86-64: what aligning the stack pointer to more than the 16 bytes that callers keep may skip, which the frame's recorded size leaves
  /// out. Vectors of 32 and 64 bytes on the stack need it.
  var bytesOfRealignment: Int {
    guard mnemonic.hasPrefix("and"), operands.hasPrefix("$-0x"), operands.hasSuffix(", %rsp"),
      let alignment = Int(operands.dropFirst(4).prefix { $0 != "," }, radix: 16)
    else { return 0 }
    return max(0, alignment - 16)
  }

  /// A multiplication and an addition with one rounding: arm64 `fmadd`, `fmla` and kin, x86 `vfmadd…` and kin, Thumb and MVE `vfma`.
  /// (Thumb's `vmla` rounds twice and is allowed.)
  var isFusedMultiplyAdd: Bool {
    let stem = mnemonic.hasPrefix("v") ? mnemonic.dropFirst() : Substring(mnemonic)
    return ["fmadd", "fmsub", "fnmadd", "fnmsub", "fmla", "fmls", "fma.", "fms.", "fnma.", "fnms."].contains { stem.hasPrefix($0) }
  }
}
