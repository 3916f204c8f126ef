#if !hasFeature(Embedded)
import DeviceKernels
#endif

// What the portable kernels are compared with. Where the target has no tuned form, they are compared with themselves: then only the
// placements (in place, diagonal) and the hash say something.
#if EDGEPACK_AVX512
typealias Tuned = Avx512
#elseif EDGEPACK_AVX2
typealias Tuned = Avx2
#elseif arch(arm64) && hasFeature(Embedded)
typealias Tuned = Neon
#else
typealias Tuned = Portable
#endif

/// Runs kernels on random shapes and data, the same on every target: portable against tuned, byte by byte, with guard bytes around the
/// outputs, with input and output apart and as close as `OverlapDistance` allows.
struct CrossCheck {
  /// What happened over all cases of one operation.
  struct Outcome: Equatable {
    /// FNV-1a over all outputs of the portable kernel.
    var hash: UInt32 = 0x811C_9DC5
    /// Sums compared with a tie nearby, to show that the cases aim at them.
    var nearTies = 0
    /// First case whose outputs differ, and where the buffers lay; −1 if all are equal.
    var failedCase = -1
    var failedPlacement = Placement.apart
  }

  /// Where the output lies.
  enum Placement { case apart, ascending, descending, scratch }

  /// Which bytes of an output the kernel writes: `width` of every `stride`.
  struct OutputLayout {
    var width: Int
    var stride: Int

    static var dense: OutputLayout { OutputLayout(width: 1, stride: 1) }

    func isWritten(_ offset: Int) -> Bool { offset % stride < width }
  }

  /// The forms compared with the portable ones.
  var convolution: KernelVariant
  var depthwiseConvolution: KernelVariant
  var matmul: KernelVariant
  var memory: Memory
  var random: RandomSequence
  var outcome = Outcome()

  init(
    memory: UnsafeMutableRawPointer, seed: UInt32, convolution: KernelVariant, depthwiseConvolution: KernelVariant, matmul: KernelVariant
  ) {
    self.memory = Memory(memory)
    random = RandomSequence(seed: seed)
    self.convolution = convolution
    self.depthwiseConvolution = depthwiseConvolution
    self.matmul = matmul
  }

  /// The regions that the cases use; sizes hold for every shape that the generators draw.
  struct Memory {
    static let bytes = 1 << 20
    static let guardBytes = 64

    let input: UnsafeMutablePointer<Int8>
    let secondInput: UnsafeMutablePointer<Int8>
    let weights: UnsafeMutablePointer<Int8>
    let tiledWeights: UnsafeMutablePointer<Int8>
    let biases: UnsafeMutablePointer<Int32>
    let tunedBiases: UnsafeMutablePointer<Int32>
    let multipliers: UnsafeMutablePointer<Float>
    let expected: UnsafeMutablePointer<Int8>
    let arena: UnsafeMutablePointer<Int8>
    let before: UnsafeMutablePointer<Int8>
    let scratch: UnsafeMutablePointer<Int8>

    init(_ memory: UnsafeMutableRawPointer) {
      func region<T>(_ kibibytes: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
        (memory + kibibytes * 1024).assumingMemoryBound(to: type)
      }
      biases = region(0, of: Int32.self)
      tunedBiases = region(8, of: Int32.self)
      multipliers = region(16, of: Float.self)
      input = region(32, of: Int8.self)
      secondInput = region(112, of: Int8.self)
      weights = region(192, of: Int8.self)
      tiledWeights = region(352, of: Int8.self)
      expected = region(512, of: Int8.self)
      arena = region(592, of: Int8.self)
      before = region(768, of: Int8.self)
      scratch = region(944, of: Int8.self)
    }
  }

  /// Adds the portable output to the hash.
  mutating func absorbExpected(count: Int, layout: OutputLayout = .dense) {
    for i in 0..<count where layout.isWritten(i) {
      outcome.hash = (outcome.hash ^ UInt32(UInt8(bitPattern: memory.expected[i]))) &* 16_777_619
    }
  }

  /// Runs a kernel with its buffers apart, then as close as they may be in one of the two directions, and compares each time: the output
  /// with `expected`, every other byte with what it was.
  /// - Parameters:
  ///   - outputBytes: with the gaps of `layout`, which the kernel must not touch.
  ///   - kernel: reads the first pointer, writes the second; the flag asks for rows last to first.
  mutating func compare(
    caseIndex: Int, inputBytes: Int, outputBytes: Int, layout: OutputLayout = .dense, distance: OverlapDistance,
    kernel: (UnsafePointer<Int8>, UnsafeMutablePointer<Int8>, Bool) -> Void
  ) {
    let diagonal: Placement = random.once(in: 2) ? .ascending : .descending
    compareOnce(caseIndex, .apart, inputBytes, outputBytes, layout, distance, kernel)
    compareOnce(caseIndex, diagonal, inputBytes, outputBytes, layout, distance, kernel)
  }

  private mutating func compareOnce(
    _ caseIndex: Int, _ placement: Placement, _ inputBytes: Int, _ outputBytes: Int, _ layout: OutputLayout,
    _ distance: OverlapDistance, _ kernel: (UnsafePointer<Int8>, UnsafeMutablePointer<Int8>, Bool) -> Void
  ) {
    guard outcome.failedCase < 0 else { return }
    // Distance of the output's start from the input's.
    let offset =
      switch placement {
      case .apart, .scratch: inputBytes + Memory.guardBytes
      case .ascending: -distance.ascending
      case .descending: inputBytes + distance.descending - outputBytes
      }
    let inputStart = Memory.guardBytes + max(0, -offset)
    let outputStart = inputStart + offset
    let end = max(inputStart + inputBytes, outputStart + outputBytes) + Memory.guardBytes
    for i in 0..<end { memory.arena[i] = Int8(truncatingIfNeeded: i &* 37 &+ 11) }
    for i in 0..<inputBytes { memory.arena[inputStart + i] = memory.input[i] }
    for i in 0..<end { memory.before[i] = memory.arena[i] }
    kernel(memory.arena + inputStart, memory.arena + outputStart, placement == .descending)
    for i in 0..<outputBytes where layout.isWritten(i) { memory.before[outputStart + i] = memory.expected[i] }
    for i in 0..<end where memory.before[i] != memory.arena[i] { return fail(caseIndex, placement) }
  }

  mutating func fail(_ caseIndex: Int, _ placement: Placement) {
    guard outcome.failedCase < 0 else { return }
    outcome.failedCase = caseIndex
    outcome.failedPlacement = placement
  }

  /// Bounds and zero point of an output; one case in three has an activation's bounds.
  mutating func outputRange() -> OutputRange {
    let zeroPoint = Int32(random.number(-128...127))
    switch random.number(0...2) {
    case 0: return OutputRange(zeroPoint: zeroPoint, minimum: zeroPoint, maximum: 127)
    case 1:
      let minimum = random.number(-128...127)
      return OutputRange(zeroPoint: zeroPoint, minimum: Int32(minimum), maximum: Int32(random.number(minimum...127)))
    default: return OutputRange(zeroPoint: zeroPoint, minimum: -128, maximum: 127)
    }
  }

  /// Draws input, weights, biases and multipliers. One case in six has zero weights and biases next to ties, so that every channel's sum
  /// is one.
  /// - Parameter offset: what the tuned kernel adds to each input; its biases make up for it.
  mutating func drawData(inputBytes: Int, channels: Int, depth: Int, tile: WeightTile, offset: Int32 = 0) {
    let atTies = random.once(in: 6)
    let patterns: (Pattern, Pattern) =
      switch random.number(0...4) {
      case 0: (.extremes, .extremes)
      case 1: (.small, .small)
      case 2: (.extremes, .anything)
      default: (.anything, .anything)
      }
    random.fill(memory.input, count: inputBytes, pattern: patterns.0, minimum: -128)
    random.fill(memory.weights, count: channels * depth, pattern: atTies ? .zero : patterns.1, minimum: -127)
    let wraps = random.once(in: 16)
    // Entries beyond the channels pad the tile; their values must not matter.
    for channel in 0..<(channels + 32) {
      let multiplier = random.multiplier()
      memory.multipliers[channel] = multiplier
      if atTies {
        memory.biases[channel] = random.accumulatorNearTie(multiplier)
        outcome.nearTies += 1
      } else {
        memory.biases[channel] = wraps ? Int32(bitPattern: random.next()) : Int32(random.number(-9000...9000))
      }
    }
    for channel in 0..<(channels + 32) {
      var sum: Int32 = 0
      if channel < channels { for input in 0..<depth { sum &+= Int32(memory.weights[channel * depth + input]) } }
      memory.tunedBiases[channel] = memory.biases[channel] &- offset &* sum
    }
    pack(channels: channels, depth: depth, tile: tile)
  }

  /// Puts the weights of a depthwise convolution, drawn as `[C][Kh · Kw]`, into the portable order and into that of `tile`.
  func packDepthwise(_ shape: ConvolutionShape, tile: WeightTile) {
    let (channels, height, width) = (shape.inputChannels, shape.kernelHeight, shape.kernelWidth)
    for i in 0..<channels * height * width { memory.before[i] = memory.weights[i] }
    for i in 0..<tile.depthwiseBytes(channels: channels, kernelHeight: height, kernelWidth: width) { memory.tiledWeights[i] = 0 }
    for channel in 0..<channels {
      for tap in 0..<height * width {
        let weight = memory.before[channel * height * width + tap]
        func offset(_ tile: WeightTile) -> Int {
          tile.depthwiseOffset(
            channel: channel, tapRow: tap / width, tapColumn: tap % width, channels: channels, kernelHeight: height, kernelWidth: width)
        }
        memory.weights[offset(.rows)] = weight
        memory.tiledWeights[offset(tile)] = weight
      }
    }
  }

  /// Puts the weight rows into a kernel's order, with zeros where the tile is padded.
  private func pack(channels: Int, depth: Int, tile: WeightTile) {
    for i in 0..<tile.paddedChannels(channels) * tile.paddedDepth(depth) { memory.tiledWeights[i] = 0 }
    for channel in 0..<channels {
      for input in 0..<depth {
        let offset = tile.offset(channel: channel, input: input, depthCount: depth)
        memory.tiledWeights[offset] = memory.weights[channel * depth + input]
      }
    }
  }
}
