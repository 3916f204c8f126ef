import DeviceKernels
import Testing

/// The kernels as devices run them: compiled as Embedded Swift, run natively or in an emulator.
@Suite(.serialized) struct CrossTargetTests {
  /// Tuned kernels equal the portable ones on random shapes and at ties, stay inside their outputs, and may lie as close to their inputs
  /// as they claim; and every target computes the host's bytes.
  @Test(arguments: HarnessTarget.allCases) func bytesAreThoseOfTheHost(_ target: HarnessTarget) throws {
    if let obstacle = target.obstacle { try Test.cancel("\(obstacle)") }
    let expected = hostLines()
    let lines = try HarnessProgram(target: target, seed: propertySeed).run()
    #expect(lines == expected, "EDGEPACK_SEED=\(propertySeed)")
  }

  /// A release build of the kernels for speed is another program: the same bytes.
  @Test(arguments: [HarnessTarget.arm64, .x86AVX2, .x86AVX512]) func optimizationLeavesBytesAlone(_ target: HarnessTarget) throws {
    if let obstacle = target.obstacle { try Test.cancel("\(obstacle)") }
    let lines = try HarnessProgram(target: target, seed: propertySeed, optimization: "-O").run()
    #expect(lines == hostLines(), "EDGEPACK_SEED=\(propertySeed)")
  }

  @Test func everyInstructionSetHasATarget() {
    for variant in KernelVariant.all {
      #expect(HarnessTarget.allCases.contains { $0.instructionSet == variant.instructionSet }, "\(variant) is never compared")
    }
  }

  /// The same checks on the host, portable against portable.
  private func hostLines() -> [HarnessLine] {
    var lines: [HarnessLine] = []
    withCrossCheckMemory { memory in
      CrossCheck.runAll(
        memory: memory, seed: propertySeed, cases: HarnessTarget.cases, convolution: .best(.convolution, for: []),
        depthwiseConvolution: .best(.depthwiseConvolution, for: []), matmul: .best(.matmul, for: [])
      ) { name, outcome in
        let digits = String(outcome.hash, radix: 16)
        let verdict = outcome.failedCase < 0 ? "equal" : "case \(outcome.failedCase) \(outcome.failedPlacement)"
        lines.append(
          HarnessLine(operation: "\(name)", hash: String(repeating: "0", count: 8 - digits.count) + digits, verdict: verdict))
      }
    }
    return lines
  }
}
