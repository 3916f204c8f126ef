import DeviceKernels
import ModelGraph
import TestSupport

@testable import DeviceCompiler

/// Every kernel with weights and a softmax: 4×8×8 input, convolution, depthwise convolution of stride 2, matmul, softmax
/// of ten. Random weights, multipliers that spread the values.
struct SampleProgram {
  var lowered: LoweredProgram

  init(using random: inout SeededGenerator) {
    let convolution = Self.window(height: 8, inputs: 4, outputs: 8, output: 8, groups: 1, stride: 1, zeroPoint: -3)
    let depthwise = Self.window(height: 8, inputs: 8, outputs: 8, output: 4, groups: 8, stride: 2, zeroPoint: 7)
    let matmul = MatmulShape(
      rows: 1, depth: 128, columns: 10, output: OutputRange(zeroPoint: -20, minimum: -128, maximum: 127), descending: false)
    let (convolutionBlock, convolutionSections) = Self.block(channels: 8, depth: 36, zeroPoint: -3, using: &random)
    let (depthwiseBlock, depthwiseSections) = Self.block(channels: 8, depth: 9, zeroPoint: 7, using: &random)
    let (matmulBlock, matmulSections) = Self.block(channels: 10, depth: 128, zeroPoint: 7, using: &random)
    let exponentials = (0..<256).map { UInt32((8_388_608 * 0.96.power($0)).rounded()) }
    let variant = { (operation: KernelOperation) in KernelVariant.best(operation, for: []) }
    let sizes = [("input", 256), ("convolved", 512), ("pooled", 128), ("sums", 10), ("shares", 10), ("patch", 64)]
    let lifetimes = [(-1, 0), (0, 1), (1, 2), (2, 3), (3, 4), (0, 0)]
    let offsets = [0, 256, 768, 0, 16, 896]
    lowered = LoweredProgram(
      name: "sample",
      input: ProgramInput(
        name: "image", shape: [1, 4, 8, 8], elementType: .int8, scale: 1, offset: 0,
        quantization: AffineQuantization(scale: 1, zeroPoint: 0), bufferStrides: [1, 32, 4], buffer: BufferID(0)),
      output: ProgramOutput(
        name: "shares", shape: [1, 10], quantization: AffineQuantization(scale: 1 / 256, zeroPoint: -128), buffer: BufferID(4)),
      buffers: zip(sizes, lifetimes).map { ArenaBuffer(name: $0.0, bytes: $0.1, firstStep: $1.0, lastStep: $1.1) },
      steps: [
        Step(
          name: "convolution", kind: .convolution(convolution, variant(.convolution), convolutionSections), inputs: [BufferID(0)],
          output: BufferID(1), scratch: BufferID(5), weights: WeightBlockID(0), multiplyAccumulates: 64 * 8 * 36),
        Step(
          name: "depthwise", kind: .depthwiseConvolution(depthwise, variant(.depthwiseConvolution), depthwiseSections),
          inputs: [BufferID(1)], output: BufferID(2), weights: WeightBlockID(1), multiplyAccumulates: 16 * 8 * 9),
        Step(
          name: "matmul", kind: .matmul(matmul, variant(.matmul), matmulSections), inputs: [BufferID(2)], output: BufferID(3),
          weights: WeightBlockID(2), multiplyAccumulates: 1280),
        Step(
          name: "softmax", kind: .softmax(SoftmaxShape(rows: 1, columns: 10)), inputs: [BufferID(3)], output: BufferID(4),
          weights: WeightBlockID(3)),
      ],
      weights: [
        WeightBlock(layer: "convolution", step: 0, bytes: convolutionBlock),
        WeightBlock(layer: "depthwise", step: 1, bytes: depthwiseBlock),
        WeightBlock(layer: "matmul", step: 2, bytes: matmulBlock),
        WeightBlock(layer: "softmax", step: 3, bytes: exponentials.flatMap(\.littleEndianBytes)),
      ],
      arena: ArenaPlan(bytes: 960, lowerBound: 896, offsets: offsets, descendingSteps: []))
  }

  private static func window(
    height: Int, inputs: Int, outputs: Int, output: Int, groups: Int, stride: Int, zeroPoint: Int32
  ) -> ConvolutionShape {
    ConvolutionShape(
      inputHeight: height, inputWidth: height, inputChannels: inputs, outputHeight: output, outputWidth: output,
      outputChannels: outputs, groups: groups, kernelHeight: 3, kernelWidth: 3, strideY: stride, strideX: stride, dilationY: 1,
      dilationX: 1, padTop: 1, padLeft: 1, inputZeroPoint: zeroPoint,
      output: OutputRange(zeroPoint: 7, minimum: -128, maximum: 127), descending: false)
  }

  /// Biases, multipliers and `channels · depth` weights, each section at a multiple of 16.
  private static func block(
    channels: Int, depth: Int, zeroPoint: Int32, using random: inout SeededGenerator
  ) -> ([UInt8], ConvolutionSections) {
    var bytes: [UInt8] = []
    for _ in 0..<channels { bytes += UInt32(bitPattern: Int32.random(in: -9000...9000, using: &random)).littleEndianBytes }
    bytes += [UInt8](repeating: 0, count: (16 - bytes.count % 16) % 16)
    let multipliers = bytes.count
    for _ in 0..<channels {
      bytes += (Float.random(in: 0.5...2, using: &random) * 50 / (5300 * Float(depth).squareRoot())).bitPattern.littleEndianBytes
    }
    bytes += [UInt8](repeating: 0, count: (16 - bytes.count % 16) % 16)
    let weights = bytes.count
    for _ in 0..<channels * depth { bytes.append(UInt8(bitPattern: Int8.random(in: -127...127, using: &random))) }
    return (bytes, ConvolutionSections(biases: 0, multipliers: multipliers, weights: weights))
  }

  /// The int8 answer to an int8 input tensor, by the portable kernels on this machine. Only for the kinds of steps above.
  func output(for input: [Int8]) -> [Int8] {
    let arena = UnsafeMutablePointer<Int8>.allocate(capacity: lowered.arena.bytes + 64)
    defer { arena.deallocate() }
    arena.update(repeating: 0, count: lowered.arena.bytes + 64)
    for (index, value) in input.enumerated() { arena[lowered.arena.offsets[0] + index] = value }
    for step in lowered.steps { run(step, arena) }
    let start = lowered.arena.offsets[lowered.output.buffer.index]
    return (0..<10).map { arena[start + $0] }
  }

  private func run(_ step: Step, _ arena: UnsafeMutablePointer<Int8>) {
    let input = arena + lowered.arena.offsets[step.inputs[0].index]
    let output = arena + lowered.arena.offsets[step.output.index]
    lowered.weights[step.weights!.index].bytes.withUnsafeBytes { block in
      func section<T>(_ offset: Int, _: T.Type) -> UnsafePointer<T> { (block.baseAddress! + offset).assumingMemoryBound(to: T.self) }
      switch step.kind {
      case .convolution(let shape, let variant, let sections):
        Portable.convolutionInt8(
          input, section(sections.weights, Int8.self), section(sections.biases, Int32.self), section(sections.multipliers, Float.self),
          output, arena + lowered.arena.offsets[step.scratch!.index], shape, variant.tile(shape))
      case .depthwiseConvolution(let shape, _, let sections):
        Portable.depthwiseConvolutionInt8(
          input, section(sections.weights, Int8.self), section(sections.biases, Int32.self), section(sections.multipliers, Float.self),
          output, output, shape)
      case .matmul(let shape, let variant, let sections):
        Portable.matmulInt8(
          input, section(sections.weights, Int8.self), section(sections.biases, Int32.self), section(sections.multipliers, Float.self),
          output, output, shape, variant.tile)
      case .softmax(let shape):
        Portable.softmaxInt8(input, section(0, UInt32.self), output, shape)
      case .floatConvolution, .add, .maximumPool, .averagePool, .lookup, .stridedCopy:
        preconditionFailure("the sample has no such step")
      }
    }
  }
}

extension UInt32 {
  var littleEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (8 * UInt32($0))) } }
}

extension Double {
  fileprivate func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { product, _ in product * self } }
}
