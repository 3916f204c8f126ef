import DeviceKernels
import ModelGraph

/// What the device will do, step by step, with every decision taken: kernels, shapes, packed weights, arena offsets.
/// Emitters print it, `HostTwin` runs it, reports draw it.
public struct LoweredProgram: Sendable {
  /// A C identifier, from the model's file name.
  public var name: String
  public var input: ProgramInput
  public var output: ProgramOutput
  /// Everything that lives in the arena; indexed by `BufferID`.
  public var buffers: [ArenaBuffer]
  public var steps: [Step]
  /// Packed constants; indexed by `WeightBlockID`, in the order of first use.
  public var weights: [WeightBlock]
  public var arena: ArenaPlan
  /// How many bytes of the weights file may be in memory at once; nil: all of it.
  public var weightLimit: Int?
  /// The most threads that may run it at once. Only with more than one are steps split, and only those with enough work.
  public var threads: Int

  public init(
    name: String, input: ProgramInput, output: ProgramOutput, buffers: [ArenaBuffer], steps: [Step], weights: [WeightBlock],
    arena: ArenaPlan, weightLimit: Int? = nil, threads: Int = 1
  ) {
    self.name = name
    self.input = input
    self.output = output
    self.buffers = buffers
    self.steps = steps
    self.weights = weights
    self.arena = arena
    self.weightLimit = weightLimit
    self.threads = threads
  }

  /// Whether threads have anything to do.
  public var sharesSteps: Bool { steps.contains { $0.split != nil } }

  /// Scratch in bytes that a thread besides the main one needs; the main thread's lies in the arena.
  public var workerScratchBytes: Int {
    steps.filter { $0.split != nil }.compactMap(\.scratch).map { buffers[$0.index].bytes }.max() ?? 0
  }
}

/// An index into `LoweredProgram.buffers`.
public struct BufferID: Hashable, Sendable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

/// An index into `LoweredProgram.weights`.
public struct WeightBlockID: Hashable, Sendable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

/// How a sample from outside becomes the int8 tensor of the first step.
public struct ProgramInput: Sendable {
  /// The model's name for it.
  public var name: String
  /// Shape for people and files, batch 1, as the model file has it (channels-first for images).
  public var shape: [Int]
  /// What one element of a raw file is; npy files may also hold float32, which is taken as the model's own units.
  public var elementType: ElementType
  /// `float = stored · scale + offset` for stored integers; 1 and 0 for float32.
  public var scale: Double
  public var offset: Double
  /// Quantization of the arena buffer.
  public var quantization: AffineQuantization
  /// Where element i of a file goes: the axes of `shape` without the batch, each with its stride in bytes in the buffer.
  public var bufferStrides: [Int]
  public var buffer: BufferID

  public init(
    name: String, shape: [Int], elementType: ElementType, scale: Double, offset: Double, quantization: AffineQuantization,
    bufferStrides: [Int], buffer: BufferID
  ) {
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.scale = scale
    self.offset = offset
    self.quantization = quantization
    self.bufferStrides = bufferStrides
    self.buffer = buffer
  }
}

/// How the int8 tensor of the last step becomes the answer: `float = scale · (stored − zeroPoint)`.
public struct ProgramOutput: Sendable {
  public var name: String
  /// Shape, batch 1, as the model file has it.
  public var shape: [Int]
  public var quantization: AffineQuantization
  public var buffer: BufferID

  public init(name: String, shape: [Int], quantization: AffineQuantization, buffer: BufferID) {
    self.name = name
    self.shape = shape
    self.quantization = quantization
    self.buffer = buffer
  }
}

/// One buffer in the arena.
public struct ArenaBuffer: Sendable, Hashable {
  /// The value's or the scratch's name, for reports.
  public var name: String
  public var bytes: Int
  /// First and last step that touches it; the program's input is written before step 0, so its first step is −1; the output is read
  /// after the last step, so its last step is `steps.count`.
  public var firstStep: Int
  public var lastStep: Int

  public init(name: String, bytes: Int, firstStep: Int, lastStep: Int) {
    self.name = name
    self.bytes = bytes
    self.firstStep = firstStep
    self.lastStep = lastStep
  }
}

/// Packed constants of one step, laid out by lowering; sections begin at multiples of 16.
public struct WeightBlock: Sendable, Hashable {
  public var layer: String
  public var step: Int
  public var bytes: [UInt8]

  public init(layer: String, step: Int, bytes: [UInt8]) {
    self.layer = layer
    self.step = step
    self.bytes = bytes
  }
}

/// One kernel call.
public struct Step: Sendable {
  /// The layer's name; a layer in several steps has the rows of its weights behind it.
  public var name: String
  public var kind: StepKind
  public var inputs: [BufferID]
  public var output: BufferID
  /// Where the step's first output lies in the buffer, in bytes. Not 0 for the later ones of several steps that fill one buffer.
  public var outputOffset: Int
  public var scratch: BufferID?
  public var weights: WeightBlockID?
  public var multiplyAccumulates: Int
  /// How threads may share the step; nil where the main thread computes all of it.
  public var split: StepSplit?

  public init(
    name: String, kind: StepKind, inputs: [BufferID], output: BufferID, outputOffset: Int = 0, scratch: BufferID? = nil,
    weights: WeightBlockID? = nil, multiplyAccumulates: Int = 0, split: StepSplit? = nil
  ) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.output = output
    self.outputOffset = outputOffset
    self.scratch = scratch
    self.weights = weights
    self.multiplyAccumulates = multiplyAccumulates
    self.split = split
  }
}

/// How a step is cut into parts that run at once, in no order: `StepPart.stretch(of:unit:)` of one axis of its output.
/// The output of such a step shares no byte with its inputs.
public struct StepSplit: Sendable, Hashable {
  public enum Axis: Sendable, Hashable { case rows, columns, elements }
  public var axis: Axis
  /// Length of the axis.
  public var extent: Int
  /// Parts begin at multiples of this: what a kernel computes together.
  public var unit: Int
  /// More parts would be empty or cost more than they gain.
  public var mostParts: Int

  public init(axis: Axis, extent: Int, unit: Int, mostParts: Int) {
    self.axis = axis
    self.extent = extent
    self.unit = unit
    self.mostParts = mostParts
  }
}

/// Offsets in bytes into a step's weight block.
public struct ConvolutionSections: Sendable, Hashable {
  /// int32, one a padded output channel, zero point of the input folded in.
  public var biases: Int
  /// float32, one a padded output channel.
  public var multipliers: Int
  /// int8 in the variant's order.
  public var weights: Int

  public init(biases: Int, multipliers: Int, weights: Int) {
    self.biases = biases
    self.multipliers = multipliers
    self.weights = weights
  }
}

/// Offsets in bytes into the weight block of a layer that stays float.
public struct FloatSections: Sendable, Hashable {
  /// float32, one an output channel, divided by the output's scale.
  public var biases: Int
  /// float32 `[Kh · Kw · C / groups][O]`, times the input's scale over the output's.
  public var weights: Int

  public init(biases: Int, weights: Int) {
    self.biases = biases
    self.weights = weights
  }
}

/// The kernels and their constant arguments. Exhaustive switches lead whoever adds one to the emitters and the twin.
public enum StepKind: Sendable {
  case convolution(ConvolutionShape, KernelVariant, ConvolutionSections)
  /// Groups = input channels = output channels; weights `[Kh · Kw][C]`.
  case depthwiseConvolution(ConvolutionShape, KernelVariant, ConvolutionSections)
  case matmul(MatmulShape, KernelVariant, ConvolutionSections)
  /// A convolution or dense layer with float32 weights between int8 tensors.
  case floatConvolution(ConvolutionShape, FloatSections)
  case add(AddShape)
  case maximumPool(PoolingShape)
  /// The weight block holds one float32 multiplier for each count of elements in a window, `[Kh · Kw]`, index count − 1.
  case averagePool(PoolingShape)
  /// The weight block holds 256 uint32 exponentials.
  case softmax(SoftmaxShape)
  /// The weight block holds 256 int8 entries, indexed by `stored + 128`.
  case lookup(count: Int)
  /// One copy an input buffer, in order. With `fill`, the whole output is first set to that value (padding).
  case stridedCopy([StridedCopyShape], fill: Int8?)
}
