import DeviceKernels
import Diagnostics
import ModelGraph

/// What lowering needs to know besides graph and plan.
public struct LoweringRequest: Sendable {
  /// A C identifier that names the program.
  public var name: String
  /// What a raw element of the program's input is, and `float = stored · scale + offset`.
  public var inputElementType: ElementType
  public var inputScale: Double
  public var inputOffset: Double
  /// Instruction sets of the target, the preferred one first; `portable` need not be named.
  public var instructionSets: [InstructionSet]
  /// Alignment of arena buffers in bytes.
  public var alignment: Int
  /// How many bytes of the weights file may be in memory at once; larger layers become several steps. Nil: all of it.
  public var weightLimit: Int?
  /// The most threads that may run the program at once. Steps that threads share cannot write over their dying inputs, so more than one
  /// costs memory.
  public var threads: Int
  /// Least work of a part of a step that threads share, in multiply-accumulates.
  public var leastPartWork: Int

  public init(
    name: String, inputElementType: ElementType = .float32, inputScale: Double = 1, inputOffset: Double = 0,
    instructionSets: [InstructionSet], alignment: Int = 16, weightLimit: Int? = nil, threads: Int = 1,
    leastPartWork: Int = StepSplit.leastPartWork
  ) {
    self.name = name
    self.inputElementType = inputElementType
    self.inputScale = inputScale
    self.inputOffset = inputOffset
    self.instructionSets = instructionSets
    self.alignment = alignment
    self.weightLimit = weightLimit
    self.threads = threads
    self.leastPartWork = leastPartWork
  }
}

/// Turns a simplified graph and its plan into the program: kernels chosen, weights packed, buffers placed.
/// - Throws: `unsupported-operator` with every node that has no integer kernel, `plan-mismatch` where the plan lacks or contradicts the
///   graph, `accumulator-overflow` and `multiplier-range` naming the layer.
public func lower(_ graph: Graph, plan: Plan, _ request: LoweringRequest) throws(Failure) -> LoweredProgram {
  let graph = try graph.equalized(by: plan.equalization)
  var lowering = Lowering(graph: graph, plan: plan, request: request)
  try lowering.lowerInput()
  var faults = FaultCollector()
  for node in graph.nodes where !lowering.isFoldedIntoInput(node) {
    if faults.collect({ () throws(Failure) in try lowering.lower(node) }) == nil { lowering.standIn(for: node.output) }
  }
  try faults.throwIfAny()
  return try lowering.finish()
}

/// The state of one lowering. Each operator's part is an extension in the file named like the operator.
struct Lowering {
  let graph: Graph
  let plan: Plan
  let request: LoweringRequest

  var buffers: [ArenaBuffer] = []
  var steps: [Step] = []
  var weights: [WeightBlock] = []
  /// Which step outputs may lie over which inputs; the planner passes over those whose input is read later.
  var overlaps: [DiagonalOverlap] = []
  var input: ProgramInput?
  /// Nodes whose work reading the input does; by output value.
  var inputChain: Set<ValueID> = []
  /// Where a value lies. Reshapes share the buffer of their operand.
  private var bufferOfValue: [ValueID: BufferID] = [:]

  init(graph: Graph, plan: Plan, request: LoweringRequest) {
    self.graph = graph
    self.plan = plan
    self.request = request
  }

  /// One line an operator.
  mutating func lower(_ node: Node) throws(Failure) {
    switch node.operation {
    case .convolution(let operation): try lower(operation, node)
    case .gemm(let operation): try lower(operation, node)
    case .batchNormalization: throw unsupported(node, "it was not folded into a neighbouring layer")
    case .pooling(let operation): try lower(operation, node)
    case .elementwiseUnary(let operation): try lower(operation, node)
    case .elementwiseBinary(let operation): try lower(operation, node)
    case .softmax(let operation): try lower(operation, node)
    case .concatenation(let operation): try lower(operation, node)
    case .padding(let operation): try lower(operation, node)
    case .reshape: try alias(node.output, to: node.inputs[0])
    case .transpose(let operation): try lower(operation, node)
    }
  }

  func unsupported(_ node: Node, _ reason: String) -> Failure {
    Failure(.unsupportedOperator, "\(node.operation.title) \(node.name) has no integer form here: \(reason)")
  }

  // MARK: Values and buffers

  /// - Throws: `plan-mismatch` if the plan has no quantization for the value.
  func quantization(of value: ValueID) throws(Failure) -> AffineQuantization {
    guard let quantization = plan.activations[graph[value].name] else {
      throw Failure(.planMismatch, "the plan has no scale for \(graph[value].name)", hint: "make a new plan: run without --plan")
    }
    guard quantization.scale.isFinite, quantization.scale > 0, (-128...127).contains(quantization.zeroPoint) else {
      throw Failure(.corruptPlan, "the plan's scale or zero point for \(graph[value].name) is out of range")
    }
    return quantization
  }

  func buffer(of value: ValueID) throws(Failure) -> BufferID {
    guard let buffer = bufferOfValue[value] else {
      throw Failure(.unsupportedOperator, "\(graph[value].name) is a constant where an integer kernel needs an activation")
    }
    return buffer
  }

  mutating func makeBuffer(_ name: String, bytes: Int, firstStep: Int) -> BufferID {
    buffers.append(ArenaBuffer(name: name, bytes: bytes, firstStep: firstStep, lastStep: firstStep))
    return BufferID(buffers.count - 1)
  }

  mutating func makeBuffer(for value: ValueID, firstStep: Int) -> BufferID {
    let buffer = makeBuffer(graph[value].name, bytes: graph.type(of: value).count, firstStep: firstStep)
    bufferOfValue[value] = buffer
    return buffer
  }

  /// A buffer for what a refused node would have computed, so that nodes behind it are not refused for its sake.
  mutating func standIn(for value: ValueID) {
    if bufferOfValue[value] == nil { _ = makeBuffer(for: value, firstStep: steps.count) }
  }

  /// Lets two values share a buffer: the same bytes under another shape. If the plan gives them different scales, a table step converts.
  mutating func alias(_ value: ValueID, to operand: ValueID) throws(Failure) {
    bufferOfValue[value] = try sameScale(operand, as: value)
  }

  // MARK: Steps

  /// Appends the kernel call of a node.
  mutating func appendStep(
    _ node: Node, kind: StepKind, inputs: [BufferID], output: BufferID, scratchBytes: Int = 0, constants: [UInt8]? = nil,
    overlaps: [OverlapDistance] = []
  ) {
    appendStep(
      node.name, kind: kind, inputs: inputs, output: output, scratchBytes: scratchBytes, constants: constants, overlaps: overlaps,
      multiplyAccumulates: graph.multiplyAccumulates(of: node))
  }

  /// Appends a kernel call that reads `inputs` and writes `output`.
  /// - Parameters:
  ///   - constants: the step's weight block, if it has one.
  ///   - layer: whose step it is, if not named like it.
  ///   - outputOffset: where in the buffer the output begins.
  ///   - overlaps: for each input, how far the output must keep from it to share its bytes; empty where sharing is not allowed.
  mutating func appendStep(
    _ name: String, layer: String? = nil, kind: StepKind, inputs: [BufferID], output: BufferID, outputOffset: Int = 0,
    scratchBytes: Int = 0, constants: [UInt8]? = nil, overlaps: [OverlapDistance] = [], multiplyAccumulates: Int = 0
  ) {
    let index = steps.count
    // The output as well: several steps may fill it.
    for input in inputs + [output] { buffers[input.index].lastStep = max(buffers[input.index].lastStep, index) }
    var scratch: BufferID?
    if scratchBytes > 0 { scratch = makeBuffer("\(name) scratch", bytes: scratchBytes, firstStep: index) }
    var weightID: WeightBlockID?
    if let constants {
      weights.append(WeightBlock(layer: layer ?? name, step: index, bytes: constants))
      weightID = WeightBlockID(weights.count - 1)
    }
    let split = kind.split(threads: request.threads, leastPartWork: request.leastPartWork)
    for (input, overlap) in zip(inputs, overlaps) where split == nil {
      self.overlaps.append(
        DiagonalOverlap(
          step: index, input: input.index, output: output.index, ascending: overlap.ascending, descending: overlap.descending))
    }
    steps.append(
      Step(
        name: name, kind: kind, inputs: inputs, output: output, outputOffset: outputOffset, scratch: scratch, weights: weightID,
        multiplyAccumulates: multiplyAccumulates, split: split))
  }

  // MARK: The end

  /// Places the buffers and settles each kernel's direction.
  mutating func finish() throws(Failure) -> LoweredProgram {
    guard graph.outputs.count == 1, let input else {
      throw Failure(
        .unsupportedOperator, "\(graph.name) has \(graph.outputs.count) outputs, a program has one",
        hint: "export the model with the one output that matters")
    }
    let outputBuffer = try buffer(of: graph.outputs[0])
    buffers[outputBuffer.index].lastStep = steps.count
    let arenaRequest = ArenaRequest(buffers: buffers, overlaps: overlaps, alignment: request.alignment)
    let arena = planArena(arenaRequest)
    let violations = verify(arena, for: arenaRequest)
    guard violations.isEmpty else { throw Failure(.internalError, "the arena plan of \(request.name) is wrong", details: violations) }
    for index in arena.descendingSteps { steps[index].kind.makeDescending() }
    let output = graph.outputs[0]
    return LoweredProgram(
      name: request.name, input: input,
      output: ProgramOutput(
        name: graph[output].name, shape: graph.type(of: output).shape, quantization: try quantization(of: output), buffer: outputBuffer),
      buffers: buffers, steps: steps, weights: weights, arena: arena, weightLimit: request.weightLimit, threads: request.threads)
  }
}

extension StepKind {
  /// Runs the kernel last row first.
  /// - Precondition: the kernel has a direction. For others lowering allows no overlap from above, so the planner never asks.
  fileprivate mutating func makeDescending() {
    switch self {
    case .convolution(var shape, let variant, let sections):
      shape.descending = true
      self = .convolution(shape, variant, sections)
    case .depthwiseConvolution(var shape, let variant, let sections):
      shape.descending = true
      self = .depthwiseConvolution(shape, variant, sections)
    case .matmul(var shape, let variant, let sections):
      shape.descending = true
      self = .matmul(shape, variant, sections)
    case .floatConvolution(var shape, let sections):
      shape.descending = true
      self = .floatConvolution(shape, sections)
    case .add(var shape):
      shape.descending = true
      self = .add(shape)
    case .maximumPool(var shape):
      shape.descending = true
      self = .maximumPool(shape)
    case .averagePool(var shape):
      shape.descending = true
      self = .averagePool(shape)
    case .softmax, .lookup, .stridedCopy: preconditionFailure("this kernel only runs first row first")
    }
  }
}
