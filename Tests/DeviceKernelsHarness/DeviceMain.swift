import CHarness

/// Runs every check and prints a line each: `operation hash equal`, or `operation hash case N placement`.
@c(device_main) public func deviceMain(_ stack: UnsafeRawPointer?) {
  var allEqual = true
  CrossCheck.runAll(
    memory: harness_memory(), seed: UInt32(harness_seed), cases: harness_cases, convolution: Tuned.convolutionVariant,
    depthwiseConvolution: Tuned.depthwiseConvolutionVariant, matmul: Tuned.matmulVariant
  ) { name, outcome in
    report(name, outcome)
    allEqual = allEqual && outcome.failedCase < 0
  }
  harness_exit(allEqual ? 0 : 1)
}

private func report(_ name: StaticString, _ outcome: CrossCheck.Outcome) {
  printText(name)
  printText(" ")
  printHexadecimal(outcome.hash)
  if outcome.failedCase < 0 {
    printText(" equal\n")
  } else {
    printText(" case ")
    printHexadecimal(UInt32(outcome.failedCase))
    switch outcome.failedPlacement {
    case .apart: printText(" apart\n")
    case .ascending: printText(" ascending\n")
    case .descending: printText(" descending\n")
    case .scratch: printText(" scratch\n")
    }
  }
}

private func printText(_ text: StaticString) {
  text.withUTF8Buffer { buffer in
    guard let start = buffer.baseAddress else { return }
    harness_print(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
  }
}

private func printHexadecimal(_ value: UInt32) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 9) { text in
    for i in 0..<8 {
      let digit = value >> UInt32(28 - 4 * i) & 15
      text[i] = CChar(truncatingIfNeeded: digit < 10 ? 48 + digit : 87 + digit)
    }
    text[8] = 0
    if let start = text.baseAddress { harness_print(start) }
  }
}
