import Diagnostics

/// How deep the stack of a program can get: frames of the compiler's own record, added along the deepest chain of calls.
struct StackBound {
  let disassembly: Disassembly
  /// Frame of a function by its address; assembly routines have none.
  let frames: [Int: Int]
  /// What a call itself pushes, and what a leaf function may use below its frame.
  let callBytes: Int
  let redZoneBytes: Int

  /// Functions that run on a stack of their own: where a thread begins.
  static let entriesOfThreads: Set<String> = ["device_worker"]

  /// In bytes, from the named function on.
  /// - Throws: `internal-error` where no bound exists: a recursion, or a call of an address that is only known at run time.
  func bytes(from entry: String) throws(Failure) -> Int {
    guard let root = disassembly.functions.firstIndex(where: { $0.name == entry }) else {
      throw Failure(.internalError, "the program has no function \(entry)")
    }
    var known: [Int: Int] = [:]
    var chain: [Int] = []
    return try depth(root, &known, &chain) + redZoneBytes
  }

  private func depth(_ index: Int, _ known: inout [Int: Int], _ chain: inout [Int]) throws(Failure) -> Int {
    if let depth = known[index] { return depth }
    let function = disassembly.functions[index]
    guard !chain.contains(index) else {
      throw Failure(
        .internalError, "the stack of the program has no bound: \(function.name) calls itself",
        details: chain.map { disassembly.functions[$0].name })
    }
    chain.append(index)
    var deepest = 0
    var realignment = 0
    for instruction in function.instructions {
      realignment = max(realignment, instruction.bytesOfRealignment)
      if instruction.isIndirectCall {
        throw Failure(.internalError, "the stack of the program has no bound: \(function.name) calls an address")
      }
      guard let target = instruction.target, let callee = disassembly.function(at: target), callee != index || instruction.isCall,
        !Self.entriesOfThreads.contains(disassembly.functions[callee].name)
      else { continue }
      deepest = max(deepest, try depth(callee, &known, &chain) + callBytes)
    }
    chain.removeLast()
    // Thumb symbols have bit 0 set in `.stack_sizes`.
    let depth = deepest + realignment + (frames[function.address] ?? frames[function.address | 1] ?? 0)
    known[index] = depth
    return depth
  }
}

extension StackBound {
  init(_ disassembly: Disassembly, of elf: ElfFile, target: CompilerTarget) {
    let isX86 = target.swiftTriple.hasPrefix("x86_64")
    self.init(disassembly: disassembly, frames: elf.stackFrames, callBytes: isX86 ? 8 : 0, redZoneBytes: isX86 ? 128 : 0)
  }
}
