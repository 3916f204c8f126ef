import DeviceKernels

/// Functions of the emitted network that hold one kernel call with literal shapes each, into which the compiler inlines the kernel. Steps
/// of equal shape and range share one.
///
/// Inlined into `run` itself, the calls of a whole network would exceed what the compiler specialises in one function.
struct SpecializedKernels {
  /// The bodies, in the order of first use.
  private var bodies: [[String]] = []

  init(_ steps: [Step]) {
    for step in steps where step.kind.isSpecialized {
      let body = Self.body(of: step.kind)
      if !bodies.contains(body) { bodies.append(body) }
    }
  }

  /// The call of a step's function; nil if it has none.
  func call(of kind: StepKind, _ call: StepCall) -> [String]? {
    guard kind.isSpecialized, let index = bodies.firstIndex(of: Self.body(of: kind)) else { return nil }
    return ["kernel\(index)(\(call.inputs[0]), \(call.output), \(call.scratch), \(call.block))"]
  }

  /// The functions, as members of `Network`.
  var lines: [String] {
    bodies.enumerated().flatMap { index, body in
      [
        "", "  @inline(never)", "  private static func kernel\(index)(",
        "    _ input: UnsafeMutablePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>,",
        "    _ block: UnsafeRawPointer", "  ) {",
      ] + body.map { "    " + $0 } + ["  }"]
    }
  }

  private static func body(of kind: StepKind) -> [String] {
    StepCall(inputs: ["input"], output: "output", outputBytes: 0, scratch: "scratch", block: "block").lines(for: kind)
  }
}

extension StepKind {
  fileprivate var isSpecialized: Bool {
    switch self {
    case .convolution(_, let variant, _), .depthwiseConvolution(_, let variant, _), .matmul(_, let variant, _): variant.isSpecialized
    case .floatConvolution, .add, .maximumPool, .averagePool, .softmax, .lookup, .stridedCopy: false
    }
  }
}
