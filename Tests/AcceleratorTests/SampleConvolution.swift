import DeviceCompiler
import DeviceKernels
import ModelGraph
import TestSupport

/// A program of one convolution with random weights, and an input for it.
struct SampleConvolution {
  var program: LoweredProgram
  var shape: ConvolutionShape
  var tile: WeightTile
  var input: [Int8]

  /// Multipliers are chosen so that the outputs spread over the whole range with a few clamped.
  init(
    _ shape: ConvolutionShape, tile: WeightTile = .rows, name: String = "sample", layer: String = "/conv1",
    using random: inout SeededGenerator
  ) {
    let depth = shape.patchDepth
    let channels = tile.paddedChannels(shape.outputChannels)
    let weights = (0..<shape.outputChannels * depth).map { _ in Int8.random(in: -127...127, using: &random) }
    var biases = [Int32](repeating: 0, count: channels)
    var multipliers = [Float](repeating: 0, count: channels)
    for o in 0..<shape.outputChannels {
      let sum = weights[o * depth..<(o + 1) * depth].reduce(0) { $0 + Int32($1) }
      biases[o] = Int32.random(in: -20000...20000, using: &random) - shape.inputZeroPoint * sum
      multipliers[o] = Float.random(in: 0.5...2, using: &random) * 60 / (5300 * Float(depth).squareRoot())
    }
    self.init(shape, tile: tile, weights: weights, biases: biases, multipliers: multipliers, name: name, layer: layer)
    input = (0..<input.count).map { _ in Int8.random(in: -128...127, using: &random) }
  }

  /// - Parameters:
  ///   - weights: `[O, Kh, Kw, I]`, packed here in the order of `tile`.
  ///   - biases: One a padded output channel.
  ///   - multipliers: One a padded output channel.
  init(
    _ shape: ConvolutionShape, tile: WeightTile, weights: [Int8], biases: [Int32], multipliers: [Float], name: String = "sample",
    layer: String = "/conv1"
  ) {
    self.shape = shape
    self.tile = tile
    let quantization = AffineQuantization(scale: 0.05, zeroPoint: Int(shape.inputZeroPoint))
    let inputShape = [1, shape.inputHeight, shape.inputWidth, shape.inputChannels]
    let outputShape = [1, shape.outputHeight, shape.outputWidth, shape.outputChannels]
    let inputBytes = inputShape.reduce(1, *)
    let outputBytes = (shape.outputHeight * shape.outputWidth - 1) * shape.outputStride + shape.outputChannels
    input = [Int8](repeating: 0, count: inputBytes)

    var bytes = biases.flatMap { littleEndianBytes(UInt32(bitPattern: $0)) }.paddedTo16()
    let sections = ConvolutionSections(
      biases: 0, multipliers: bytes.count, weights: (bytes.count + 4 * multipliers.count + 15) / 16 * 16)
    bytes += multipliers.flatMap { littleEndianBytes($0.bitPattern) }
    bytes = bytes.paddedTo16() + packed(weights, channels: shape.outputChannels, depth: shape.patchDepth, in: tile)
    program = LoweredProgram(
      name: name,
      input: ProgramInput(
        name: "input", shape: inputShape, elementType: .int8, scale: 1, offset: 0, quantization: quantization,
        bufferStrides: [shape.inputWidth * shape.inputChannels, shape.inputChannels, 1], buffer: BufferID(0)),
      output: ProgramOutput(name: "output", shape: outputShape, quantization: quantization, buffer: BufferID(1)),
      buffers: [
        ArenaBuffer(name: "input", bytes: inputBytes, firstStep: -1, lastStep: 0),
        ArenaBuffer(name: "output", bytes: outputBytes, firstStep: 0, lastStep: 1),
      ],
      steps: [
        Step(
          name: layer,
          kind: .convolution(
            shape,
            KernelVariant(
              operation: .convolution, instructionSet: .portable, tileChannels: tile.channels, tileDepth: tile.depth, block: 1),
            sections),
          inputs: [BufferID(0)], output: BufferID(1), weights: WeightBlockID(0))
      ],
      weights: [WeightBlock(layer: layer, step: 0, bytes: bytes)],
      arena: ArenaPlan(
        bytes: inputBytes + outputBytes, lowerBound: inputBytes + outputBytes, offsets: [0, inputBytes], descendingSteps: []))
  }
}

/// Blocks of channels, groups of inputs within a block, channels within a group: `WeightTile`'s order, written as loops.
private func packed(_ weights: [Int8], channels: Int, depth: Int, in tile: WeightTile) -> [UInt8] {
  var bytes: [UInt8] = []
  for block in stride(from: 0, to: channels, by: tile.channels) {
    for group in stride(from: 0, to: depth, by: tile.depth) {
      for o in block..<block + tile.channels {
        for k in group..<group + tile.depth {
          bytes.append(o < channels && k < depth ? UInt8(bitPattern: weights[o * depth + k]) : 0)
        }
      }
    }
  }
  return bytes
}

func littleEndianBytes(_ word: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }

extension [UInt8] {
  fileprivate func paddedTo16() -> [UInt8] { self + [UInt8](repeating: 0, count: (16 - count % 16) % 16) }
}

extension SampleConvolution {
  /// What the specification computes from the same block.
  func portableOutput() -> [Int8] {
    guard case .convolution(_, let variant, let sections) = program.steps[0].kind else { preconditionFailure("a sample is a convolution") }
    var output = [Int8](repeating: 0, count: program.buffers[1].bytes)
    var scratch = [Int8](repeating: 0, count: variant.scratchBytes(convolution: shape))
    program.weights[0].bytes.withUnsafeBytes { block in
      let start = block.baseAddress!
      Portable.convolutionInt8(
        input, (start + sections.weights).assumingMemoryBound(to: Int8.self), (start + sections.biases).assumingMemoryBound(to: Int32.self),
        (start + sections.multipliers).assumingMemoryBound(to: Float.self), &output, &scratch, shape, tile)
    }
    return output
  }
}
