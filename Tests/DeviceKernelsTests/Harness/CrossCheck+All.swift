#if !hasFeature(Embedded)
import DeviceKernels
#endif

extension CrossCheck {
  /// Runs every operation from the same seed and reports each outcome under the operation's name.
  static func runAll(
    memory: UnsafeMutableRawPointer, seed: UInt32, cases: Int, convolution: KernelVariant, depthwiseConvolution: KernelVariant,
    matmul: KernelVariant, report: (StaticString, Outcome) -> Void
  ) {
    func run(_ name: StaticString, _ check: (inout CrossCheck) -> Void) {
      var crossCheck = CrossCheck(
        memory: memory, seed: seed, convolution: convolution, depthwiseConvolution: depthwiseConvolution, matmul: matmul)
      check(&crossCheck)
      report(name, crossCheck.outcome)
    }
    run("convolution") { $0.checkConvolution(cases: cases) }
    run("depthwise-convolution") { $0.checkDepthwiseConvolution(cases: cases) }
    run("matmul") { $0.checkMatmul(cases: cases) }
    run("float-convolution") { $0.checkFloatConvolution(cases: cases) }
    run("add") { $0.checkAdd(cases: cases) }
    run("maximum-pool") { $0.checkMaximumPool(cases: cases) }
    run("average-pool") { $0.checkAveragePool(cases: cases) }
    run("softmax") { $0.checkSoftmax(cases: cases) }
    run("lookup") { $0.checkLookup(cases: cases) }
    run("strided-copy") { $0.checkStridedCopy(cases: cases) }
    run("parts") { $0.checkParts(cases: cases) }
  }
}
