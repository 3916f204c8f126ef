import DeviceFormats
import DeviceKernels
import ModelGraph
import Targets

@testable import DeviceCompiler

/// A program of two steps made by hand: eight uint8 elements, `[2, 4]`, stored transposed; a dense layer with five outputs; a table.
/// The expected answers are computed here, from the numeric contract, with other code than the kernels'.
enum TinyProgram {
  static let inputScale = 1.0 / 255
  static let inputQuantization = AffineQuantization(scale: Float(1) / 128, zeroPoint: -20)
  static let outputQuantization = AffineQuantization(scale: 0.0723, zeroPoint: 3)
  static let weights: [[Int]] = (0..<5).map { o in (0..<8).map { k in (o * 37 + k * 91) % 255 - 127 } }
  static let biases = [1000, -2000, 0, 77, 5]
  static let multipliers: [Float] = [0.004, 0.0021, 0.5, 0.0078125, 0.003]
  static let table: [Int8] = (0..<256).map { Int8(truncatingIfNeeded: ($0 * 5) % 256 - 128) }
  /// Buffer position of element i: axis 0 has stride 1, axis 1 stride 2.
  static let positions = (0..<8).map { $0 / 4 + $0 % 4 * 2 }

  static func lowered(elementType: ElementType = .uint8) -> LoweredProgram {
    let shape = MatmulShape(
      rows: 1, depth: 8, columns: 5, output: OutputRange(zeroPoint: 4, minimum: -100, maximum: 127), descending: false)
    let variant = KernelVariant(operation: .matmul, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1)
    let sections = ConvolutionSections(biases: 0, multipliers: 32, weights: 64)
    return LoweredProgram(
      name: "tiny",
      input: ProgramInput(
        name: "x", shape: [1, 2, 4], elementType: elementType, scale: elementType == .float32 ? 1 : inputScale, offset: 0,
        quantization: inputQuantization, bufferStrides: [1, 2], buffer: BufferID(0)),
      output: ProgramOutput(name: "y", shape: [1, 5], quantization: outputQuantization, buffer: BufferID(2)),
      buffers: [
        ArenaBuffer(name: "x", bytes: 8, firstStep: -1, lastStep: 0), ArenaBuffer(name: "hidden", bytes: 5, firstStep: 0, lastStep: 1),
        ArenaBuffer(name: "y", bytes: 5, firstStep: 1, lastStep: 2),
      ],
      steps: [
        Step(
          name: "dense\n(1)", kind: .matmul(shape, variant, sections), inputs: [BufferID(0)], output: BufferID(1),
          weights: WeightBlockID(0),
          multiplyAccumulates: 40),
        Step(name: "activation", kind: .lookup(count: 5), inputs: [BufferID(1)], output: BufferID(2), weights: WeightBlockID(1)),
      ],
      weights: [
        WeightBlock(layer: "dense", step: 0, bytes: denseBlock),
        WeightBlock(layer: "activation", step: 1, bytes: table.map(UInt8.init(bitPattern:))),
      ],
      arena: ArenaPlan(bytes: 32, lowerBound: 16, offsets: [0, 16, 27], descendingSteps: []))
  }

  private static var denseBlock: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64 + 40)
    func put(_ word: UInt32, at offset: Int) { for i in 0..<4 { bytes[offset + i] = UInt8(truncatingIfNeeded: word >> (i * 8)) } }
    for (index, bias) in biases.enumerated() { put(UInt32(bitPattern: Int32(bias)), at: index * 4) }
    for (index, multiplier) in multipliers.enumerated() { put(multiplier.bitPattern, at: 32 + index * 4) }
    for (index, weight) in weights.joined().enumerated() { bytes[64 + index] = UInt8(truncatingIfNeeded: weight) }
    return bytes
  }

  /// The int8 answer to an int8 input tensor.
  static func answer(to input: [Int8]) -> [Int8] {
    (0..<5).map { o in
      let sum = (0..<8).reduce(biases[o]) { $0 + weights[o][$1] * Int(input[$1]) }
      let scaled = (Float(sum) * multipliers[o]).rounded(.toNearestOrEven)
      let hidden = min(max(Int(scaled) + 4, -100), 127)
      return table[hidden + 128]
    }
  }

  /// The input tensor for stored bytes in file order.
  static func tensor(of stored: [UInt8]) -> [Int8] {
    var tensor = [Int8](repeating: 0, count: 8)
    for (index, byte) in stored.enumerated() {
      let value = (Double(byte) * inputScale / Double(inputQuantization.scale)).rounded(.toNearestOrEven)
      tensor[positions[index]] = Int8(min(max(value + Double(inputQuantization.zeroPoint), -128), 127))
    }
    return tensor
  }

  static func real(_ answer: [Int8]) -> [Float] { answer.map { outputQuantization.scale * Float(Int($0) - outputQuantization.zeroPoint) } }

  static let goldenInputs: [[Int8]] = [[1, 2, 3, 4, 5, 6, 7, 8], [-128, 127, -128, 127, 0, 0, 0, 1]]

  static func profile(_ architecture: TargetProfile.Processor.Architecture, features: Set<TargetProfile.Processor.Feature> = [])
    -> TargetProfile
  {
    TargetProfile(
      name: "test", summary: "", cpu: .init(architecture: architecture, core: "any", features: features, cores: 1, clock: nil),
      operatingSystem: .linux, memory: .init(ram: 1 << 20, flash: nil, page: 4096), power: nil, budget: Budget(), emulator: nil,
      optimize: .size)
  }

  /// Emits the program into `folder`.
  static func emit(_ profile: TargetProfile, elementType: ElementType = .uint8, asLibrary: Bool = false, in folder: String) async throws
    -> ProgramArtifacts
  {
    try await emitProgram(
      lowered(elementType: elementType), profile: profile, modelHash: [UInt8](repeating: 7, count: 32),
      targetHash: [UInt8](repeating: 8, count: 32), golden: goldenInputs.map { ($0, answer(to: $0)) },
      generatedChecksums: (0..<64).map { seed in
        Checksum.of(answer(to: GeneratedInput.bytes(seed: UInt32(seed), count: 8)).map(UInt8.init(bitPattern:)))
      }, asLibrary: asLibrary, in: folder)
  }
}
