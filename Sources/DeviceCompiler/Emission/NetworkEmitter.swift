import Crypto
import DeviceFormats
import DeviceKernels
import ModelGraph
import Targets

/// The emitted network and what was decided while it was written.
public struct EmittedNetwork: Sendable {
  /// The text of `Network.swift`.
  public var source: String
  /// The same constants, with a `run` that calls the library that the program is linked with.
  var sourceCallingLibrary: String
  /// SHA-256 of `source` without the hash itself; the weights file carries it too.
  public var layoutHash: [UInt8]
  /// Where each weight block lies in the `.epk`.
  public var layout: PackedWeightsLayout
  /// Which weights are in memory at once.
  public var residence: WeightResidence
}

/// Prints a lowered program as Swift: `enum Network` with straight-line kernel calls and literal shapes (docs/program-interface.md).
public struct NetworkEmitter {
  let program: LoweredProgram
  let layout: PackedWeightsLayout
  let residence: WeightResidence
  let kernels: SpecializedKernels

  /// - Parameters:
  ///   - pageSize: of the weights file; a power of two, at least 4096.
  ///   - optimize: for speed, kernels that profit are compiled once for each shape.
  public init(_ program: LoweredProgram, pageSize: Int, optimize: TargetProfile.Optimization = .size) {
    self.program = program
    // Steps that threads share have functions of their own, which compute parts of any size.
    kernels = SpecializedKernels(optimize == .speed ? program.steps.filter { $0.split == nil } : [])
    layout = PackedWeightsLayout(
      blocks: program.weights.map { ($0.bytes.count, $0.step) }, pageSize: pageSize,
      segmentBytes: WeightResidence.segmentBytes(program.weightLimit))
    residence = WeightResidence(layout, limit: program.weightLimit)
  }

  public func emit() -> EmittedNetwork {
    let head = headLines
    let constants = constantLines + inputLines + outputLines
    let run = runLines + partLines + kernels.lines
    let closing = ["}", ""]
    let hash = Array(SHA256.hash(data: Array((head + constants + run + closing).joined(separator: "\n").utf8)))
    let hashLines =
      [
        "  /// SHA-256 of this text without these lines. The weights file carries it as well.",
        "  static let layoutHash: InlineArray<32, UInt8> = [",
      ] + wrapped(hash.map { "0x" + hexadecimal($0) }, indentation: "    ") + ["  ]", ""]
    let beginning = head + hashLines + constants
    return EmittedNetwork(
      source: (beginning + run + closing).joined(separator: "\n"),
      sourceCallingLibrary: (beginning + libraryCallLines + closing).joined(separator: "\n"), layoutHash: hash, layout: layout,
      residence: residence)
  }

  private var headLines: [String] {
    let operations = program.steps.reduce(0) { $0 + $1.multiplyAccumulates }
    return [
      "// Emitted by edgepack: \(program.steps.count) steps, \(operations) multiply-accumulates.",
      "",
      "/// `\(commentText(program.input.name))` \(program.input.shape) → `\(commentText(program.output.name))` \(program.output.shape).",
      "enum Network {",
      "  static var name: StaticString { \(literal(program.name)) }",
      "",
    ]
  }

  private var constantLines: [String] {
    let words = max(1, (layout.weightSegmentCount + 31) / 32)
    return [
      "  /// In bytes; kernels may read, never write, 64 bytes behind it.",
      "  static var arenaBytes: Int { \(program.arena.bytes) }",
      "  /// Segments of weights in the file; the test segment follows them.",
      "  static var segmentCount: Int { \(layout.weightSegmentCount) }",
      "  /// Segments that stay in memory once they are read, and what those behind them may take together; 0: nothing is given back.",
      "  static var pinnedSegments: Int { \(residence.pinnedSegments) }",
      "  static var windowBytes: Int { \(residence.windowBytes) }",
      "  /// One bit a segment.",
      "  typealias SegmentFlags = InlineArray<\(words), UInt32>",
      "  static var maximumThreads: Int { \(program.threads) }",
      "",
    ]
  }

  // MARK: Input and output

  private var inputLines: [String] {
    let input = program.input
    let axes = axes(of: input.shape)
    let strides = input.shape.count > 1 ? input.bufferStrides : [1]
    precondition(strides.count == axes.count, "one stride an axis")
    return [
      "  // Input: real = scale · (stored − zero point), scale \(input.quantization.scale), zero point \(input.quantization.zeroPoint).",
      "  static var storedElement: StoredElement { .\(input.elementType.rawValue) }",
      "  typealias InputAxes = InlineArray<\(axes.count), Int>",
      "  static let inputExtents: InputAxes = [\(list(axes))]",
      "  static let inputStrides: InputAxes = [\(list(strides))]",
      "  static var inputOffset: Int { \(offset(input.buffer)) }",
      "  static var inputBytes: Int { \(program.buffers[input.buffer.index].bytes) }",
      "  static var inputCount: Int { \(axes.reduce(1, *)) }",
      "  static var inputZeroPoint: Int8 { \(input.quantization.zeroPoint) }",
      conversion("storedConversion", input.storedConversion),
      conversion("float32Conversion", input.float32Conversion),
    ] + tableLines + [""]
  }

  /// The int8 value of each stored byte; types that need no table have one that is never read.
  private var tableLines: [String] {
    guard let table = program.input.table else { return ["  static let inputTable: InlineArray<256, Int8> = .init(repeating: 0)"] }
    return ["  static let inputTable: InlineArray<256, Int8> = ["] + wrapped(table.map(String.init), indentation: "    ") + ["  ]"]
  }

  private func conversion(_ name: String, _ value: InputConversion) -> String {
    "  static var \(name): InputConversion { InputConversion(multiplier: \(literal(value.multiplier)), "
      + "addend: \(literal(value.addend)), zeroPoint: \(value.zeroPoint)) }"
  }

  private var outputLines: [String] {
    let output = program.output
    let axes = axes(of: output.shape)
    return [
      "  // Output: real = scale · (stored − zero point), scale \(output.quantization.scale).",
      "  static let outputExtents: InlineArray<\(axes.count), Int> = [\(list(axes))]",
      "  static var outputOffset: Int { \(offset(output.buffer)) }",
      "  static var outputCount: Int { \(axes.reduce(1, *)) }",
      "  static var outputScale: Float { \(literal(output.quantization.scale)) }",
      "  static var outputZeroPoint: Int32 { \(output.quantization.zeroPoint) }",
      "",
    ]
  }

  /// The axes behind the batch; a shape of the batch alone has one element.
  private func axes(of shape: [Int]) -> [Int] { shape.count > 1 ? Array(shape.dropFirst()) : [1] }

  // MARK: Steps

  private static let runSignature =
    "  static func run(_ arena: UnsafeMutablePointer<Int8>, _ weights: inout WeightStore, _ observer: inout StepObserver) {"

  private var runLines: [String] { [Self.runSignature] + program.steps.indices.flatMap(stepLines) + ["  }"] }

  private var libraryCallLines: [String] {
    [
      Self.runSignature,
      "    runLibrary(arena, &weights)",
      "    observer.finished(step: \(program.steps.count - 1))",
      "  }",
    ]
  }

  private func stepLines(_ index: Int) -> [String] {
    let step = program.steps[index]
    var lines = ["    // Step \(index): \(commentText(step.name)), \(StepCall.summary(of: step.kind))"]
    if let block = step.weights {
      let placement = layout.placements[block.index]
      lines.append("    let block\(index) = weights.pointer(segment: \(placement.segment), offset: \(placement.offset))")
    }
    let scratch = "arena + \(step.scratch.map(offset) ?? 0)"
    if let split = step.split {
      let block = step.weights == nil ? "UnsafeRawPointer(arena)" : "block\(index)"
      lines.append("    ThreadPool.run(step: \(index), arena, \(block), scratch: \(scratch), mostParts: \(split.mostParts))")
    } else {
      let call = call(step, scratch: scratch, block: "block\(index)")
      lines += (kernels.call(of: step.kind, call) ?? call.lines(for: step.kind)).map { "    " + $0 }
    }
    lines.append("    observer.finished(step: \(index))")
    if index < program.steps.count - 1 { lines.append("") }
    return lines
  }

  /// The functions that compute parts of steps; none where no steps are split. Each step has one of its own, never inlined: as cases of one
  /// function the kernels were 5 % slower (ResNet-8, AVX2).
  private var partLines: [String] {
    let shared = program.steps.indices.filter { program.steps[$0].split != nil }
    guard !shared.isEmpty else { return [] }
    let parameters = [
      "_ part: StepPart, _ arena: UnsafeMutablePointer<Int8>, _ block: UnsafeRawPointer,", "_ scratch: UnsafeMutablePointer<Int8>",
    ]
    let selection = shared.map { "    case \($0): step\($0)(part, arena, block, scratch)" }
    let functions = shared.flatMap { index in
      var call = call(program.steps[index], scratch: "scratch", block: "block")
      call.split = program.steps[index].split
      return ["", "  @inline(never)", "  private static func step\(index)("] + parameters.map { "    " + $0 } + ["  ) {"]
        + call.lines(for: program.steps[index].kind).map { "    " + $0 } + ["  }"]
    }
    return [
      "", "  /// One part of a step that threads share, with the step's weight block and scratch of the thread's own.",
      "  static func perform(", "    _ step: Int, \(parameters[0])", "    \(parameters[1])", "  ) {", "    switch step {",
    ] + selection + ["    default: break", "    }", "  }"] + functions
  }

  private func call(_ step: Step, scratch: String, block: String) -> StepCall {
    StepCall(
      inputs: step.inputs.map { "arena + \(offset($0))" }, output: "arena + \(offset(step.output) + step.outputOffset)",
      outputBytes: program.buffers[step.output.index].bytes, scratch: scratch, block: block)
  }

  private func offset(_ buffer: BufferID) -> Int { program.arena.offsets[buffer.index] }
}

// MARK: Literals

/// The exact value, by its bits, with the decimal beside it.
func literal(_ value: Float) -> String { "Float(bitPattern: 0x\(String(value.bitPattern, radix: 16)) /* \(value) */)" }

/// A Swift string literal.
func literal(_ text: String) -> String {
  "\""
    + text.unicodeScalars.map { scalar in
      scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : scalar.value < 32 || scalar.value == 127 ? "?" : String(scalar)
    }.joined() + "\""
}

/// Names from a model file must not end the comment they stand in.
func commentText(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isWhitespace || $0.value < 32 || $0.value == 127 ? " " : $0 }))
}

func list(_ values: [Int]) -> String { values.map(String.init).joined(separator: ", ") }

func hexadecimal(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

/// Sixteen items a line, each followed by a comma.
private func wrapped(_ items: [String], indentation: String) -> [String] {
  stride(from: 0, to: items.count, by: 16).map { start in
    indentation + items[start..<min(start + 16, items.count)].joined(separator: ", ") + ","
  }
}
