import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct WeightPackingTests {
  /// What a kernel would read at the place that `WeightTile.offset` tells.
  @Test(arguments: [(1, 1), (4, 16), (8, 4), (16, 1)], [(1, 1), (4, 16), (7, 5), (10, 27), (17, 33)])
  func everyWeightLiesWhereItsKernelReadsIt(_ tile: (Int, Int), _ size: (Int, Int)) {
    var random = SeededGenerator(seed: 5)
    let (channels, depth) = size
    let order = WeightTile(channels: tile.0, depth: tile.1)
    let weights = (0..<channels * depth).map { _ in Int8.random(in: 1...127, using: &random) }
    let quantized = QuantizedWeights(
      channels: channels, depth: depth, weights: weights, foldedBiases: (0..<channels).map { Int32($0 - 3) },
      multipliers: (0..<channels).map { Float($0) + 0.5 })
    let (bytes, sections) = packWeights(quantized, tile: order)
    for offset in [sections.biases, sections.multipliers, sections.weights] { #expect(offset % 16 == 0) }
    for channel in 0..<channels {
      for input in 0..<depth {
        let place = sections.weights + order.offset(channel: channel, input: input, depthCount: depth)
        #expect(Int8(bitPattern: bytes[place]) == weights[channel * depth + input])
      }
    }
    // All weights are positive, so whatever else is there must be zero.
    let packed = bytes[sections.weights...]
    #expect(packed.count == order.paddedChannels(channels) * order.paddedDepth(depth))
    #expect(packed.count { $0 != 0 } == weights.count)
    #expect(numbers(bytes, sections.biases, order.paddedChannels(channels), Int32.self).prefix(channels) == quantized.foldedBiases[...])
    let multipliers = numbers(bytes, sections.multipliers, order.paddedChannels(channels), Float.self)
    #expect(Array(multipliers) == quantized.multipliers + Array(repeating: 0, count: order.paddedChannels(channels) - channels))
  }

  /// Runs of 9 inputs in groups of 4: each begins a new group, so three zeros follow it.
  @Test func eachRunBeginsANewGroup() {
    let order = WeightTile(channels: 2, depth: 4, run: 9)
    let weights = (1...54).map { Int8($0) }
    let packed = tiled(weights, channels: 3, depth: 18, tile: order)
    #expect(packed.count == 4 * 24 && packed.count { $0 != 0 } == 54)
    // Channels 0 and 1 side by side: the first run's last group, then the second run's first one.
    #expect(Array(packed[16..<32]) == [9, 0, 0, 0, 27, 0, 0, 0, 10, 11, 12, 13, 28, 29, 30, 31])
  }

  /// 2 × 2 taps of three channels, two rows of taps side by side: rows beyond the window and channels beyond the layer are 0.
  @Test func depthwiseWeightsOfDeepTilesLieColumnByColumn() {
    let quantized = QuantizedWeights(
      channels: 3, depth: 4, weights: (1...12).map { Int8($0) }, foldedBiases: [7, 8, 9], multipliers: [0.5, 0.25, 0.125])
    let (bytes, sections) = packDepthwiseWeights(quantized, Self.twoByTwo, tile: WeightTile(channels: 2, depth: 4))
    let first: [Int8] = [1, 3, 0, 0, 5, 7, 0, 0, 2, 4, 0, 0, 6, 8, 0, 0]
    let second: [Int8] = [9, 11, 0, 0, 0, 0, 0, 0, 10, 12, 0, 0, 0, 0, 0, 0]
    #expect(bytes[sections.weights...].map { Int8(bitPattern: $0) } == first + second)
  }

  private static let twoByTwo = ConvolutionShape(
    inputHeight: 2, inputWidth: 2, inputChannels: 3, outputHeight: 1, outputWidth: 1, outputChannels: 3, groups: 3, kernelHeight: 2,
    kernelWidth: 2, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, inputZeroPoint: 0,
    output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)

  @Test func depthwiseWeightsLieTapByTapAndOnlyBiasesArePadded() {
    let quantized = QuantizedWeights(
      channels: 3, depth: 4, weights: (1...12).map { Int8($0) }, foldedBiases: [7, 8, 9], multipliers: [0.5, 0.25, 0.125])
    let (bytes, sections) = packDepthwiseWeights(quantized, Self.twoByTwo, tile: WeightTile(channels: 16, depth: 1))
    #expect(bytes[sections.weights...].map { Int8(bitPattern: $0) } == [1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12])
    #expect(numbers(bytes, sections.biases, 16, Int32.self) == [7, 8, 9] + Array(repeating: 0, count: 13))
    #expect(numbers(bytes, sections.multipliers, 16, Float.self) == [0.5, 0.25, 0.125] + Array(repeating: 0, count: 13))
  }

  @Test func biasesTakeTheInputsZeroPointInAndMultipliersAreRoundedOnce() throws {
    var network = TinyNetwork(seed: 3)
    let x = network.input([1, 6], scale: 0.1, zeroPoint: 5)
    let y = try network.layer(.gemm(Gemm()), x, weights: [4, 6], name: "fc", scale: 0.3, zeroPoint: -7)
    let program = try network.lowered(output: y)
    guard case .matmul(let shape, _, let sections) = program.steps[0].kind else { return void("a dense layer is a matrix product") }
    #expect(shape.rows == 1 && shape.depth == 6 && shape.columns == 4 && shape.output.zeroPoint == -7)
    let (weights, biases, scales) = network.integers(of: "fc")
    let bytes = program.weights[0].bytes
    let folded = (0..<4).map { channel -> Int32 in
      let sum = weights[channel * 6..<(channel + 1) * 6].reduce(0, +)
      return Int32(biases[channel] - 5 * sum)
    }
    #expect(numbers(bytes, sections.biases, 4, Int32.self) == folded)
    let multipliers = scales.map { Float(Double(Float(0.1)) * Double($0) / Double(Float(0.3))) }
    #expect(numbers(bytes, sections.multipliers, 4, Float.self) == multipliers)
  }

  /// A kernel that reads `x + 128` has `−(z_x + 128) · Σw` in its biases, modulo 2³².
  @Test func biasesTakeTheKernelsOffsetIn() throws {
    var network = TinyNetwork(seed: 3)
    let x = network.input([1, 6], scale: 0.1, zeroPoint: 5)
    let y = try network.layer(.gemm(Gemm()), x, weights: [4, 6], name: "fc", scale: 0.3, zeroPoint: -7)
    let program = try network.lowered(output: y, instructionSets: [.avx512])
    guard case .matmul(_, let variant, let sections) = program.steps[0].kind else { return void("a dense layer is a matrix product") }
    #expect(variant.instructionSet == .avx512 && variant.inputOffset == 128)
    let (weights, biases, _) = network.integers(of: "fc")
    let folded = (0..<4).map { channel -> Int32 in
      let sum = weights[channel * 6..<(channel + 1) * 6].reduce(0, +)
      return Int32(biases[channel] - 133 * sum)
    }
    #expect(numbers(program.weights[0].bytes, sections.biases, 4, Int32.self) == folded)
  }

  @Test func weightsNeverReachMinus128() throws {
    var network = TinyNetwork()
    let x = network.input([1, 2], scale: 0.1, zeroPoint: 0)
    let weights = network.graph.addConstant("w", Tensor([1, 2], [-9, 0.3125]))
    let y = try network.add(.gemm(Gemm()), [x, weights], name: "fc", scale: 0.3, zeroPoint: 0)
    func stored(_ scale: Float) throws -> [Int8] {
      network.plan.layers["fc"] = LayerPlan(weightBits: 8, weightScales: [scale], biases: [0])
      let program = try network.lowered(output: y)
      return program.weights[0].bytes.suffix(2).map { Int8(bitPattern: $0) }
    }
    // 0.3125 lies in the middle of two steps and goes to the even one.
    #expect(try stored(0.125) == [-72, 2])
    // −9 is outside of what this scale holds.
    #expect(try stored(0.0625) == [-127, 5])
  }

  private func void(_ reason: Comment) { Issue.record(reason) }
}

/// `count` little-endian numbers from `offset` on.
func numbers<Number: BitwiseCopyable>(_ bytes: [UInt8], _ offset: Int, _ count: Int, _ type: Number.Type) -> [Number] {
  bytes.withUnsafeBytes { bytes in
    (0..<count).map { bytes.loadUnaligned(fromByteOffset: offset + $0 * MemoryLayout<Number>.size, as: type) }
  }
}
