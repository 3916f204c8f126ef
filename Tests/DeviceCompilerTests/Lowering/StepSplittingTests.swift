import DeviceKernels
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct StepSplittingTests {
  private let matmul = KernelVariant(operation: .matmul, instructionSet: .avx2, tileChannels: 16, tileDepth: 2, block: 4)
  private let range = OutputRange(zeroPoint: 0, minimum: -128, maximum: 127)

  private func product(rows: Int, depth: Int, columns: Int) -> StepKind {
    .matmul(
      MatmulShape(rows: rows, depth: depth, columns: columns, output: range, descending: false), matmul,
      ConvolutionSections(biases: 0, multipliers: 0, weights: 0))
  }

  @Test func manyRowsAreCutIntoBlocksAndFewIntoTilesOfColumns() {
    #expect(
      product(rows: 100, depth: 64, columns: 64).split(threads: 2, leastPartWork: 16_384)
        == StepSplit(axis: .rows, extent: 100, unit: 4, mostParts: 2))
    #expect(
      product(rows: 1, depth: 640, columns: 128).split(threads: 4, leastPartWork: 16_384)
        == StepSplit(axis: .columns, extent: 128, unit: 16, mostParts: 4))
    #expect(product(rows: 5, depth: 640, columns: 128).split(threads: 2, leastPartWork: 16_384)?.axis == .columns)
  }

  /// AVX-512 kernels compute four tiles of a row together, and stage whole rows of windows.
  @Test func kernelsThatComputeMoreTogetherAreCutLessFinely() {
    let sections = ConvolutionSections(biases: 0, multipliers: 0, weights: 0)
    let row = MatmulShape(rows: 1, depth: 640, columns: 128, output: range, descending: false)
    #expect(
      StepKind.matmul(row, .best(.matmul, for: [.avx512]), sections).split(threads: 4, leastPartWork: 16_384)
        == StepSplit(axis: .columns, extent: 128, unit: 64, mostParts: 2))
    func convolution(height: Int, _ set: InstructionSet) -> StepSplit? {
      let shape = ConvolutionShape(
        inputHeight: height, inputWidth: 64, inputChannels: 16, outputHeight: height, outputWidth: 64, outputChannels: 16, groups: 1,
        kernelHeight: 1, kernelWidth: 3, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 1, inputZeroPoint: 0,
        output: range, descending: false)
      return StepKind.convolution(shape, .best(.convolution, for: [set]), sections).split(threads: 2, leastPartWork: 16_384)
    }
    #expect(convolution(height: 1, .avx2) == StepSplit(axis: .columns, extent: 64, unit: 4, mostParts: 2))
    #expect(convolution(height: 1, .avx512) == nil)
    #expect(convolution(height: 2, .avx512) == StepSplit(axis: .rows, extent: 2, unit: 1, mostParts: 2))
  }

  @Test func oneThreadOrLittleWorkSplitsNothing() {
    #expect(product(rows: 100, depth: 64, columns: 64).split(threads: 1, leastPartWork: 16_384) == nil)
    #expect(product(rows: 1, depth: 128, columns: 128).split(threads: 4, leastPartWork: 16_384) == nil)
    #expect(product(rows: 1, depth: 9000, columns: 16).split(threads: 4, leastPartWork: 16_384) == nil)
    #expect(StepKind.add(AddShape.of(count: 4095)).split(threads: 2, leastPartWork: 16_384) == nil)
    #expect(StepKind.add(AddShape.of(count: 4096)).split(threads: 2, leastPartWork: 16_384)?.mostParts == 2)
  }

  /// What a thread writes, no other may read: in no order of parts does an output cover an input, scratch or another value.
  @Test func outputsOfSplitStepsShareNoByteWithWhatIsRead() throws {
    for seed in SeededGenerator.seeds(200) {
      let program = try ThreadedProgram.lowered(seed: seed, threads: 2, for: [])
      for (index, step) in program.steps.enumerated() where step.split != nil {
        let written = program.bytes(of: step.output)
        for (other, buffer) in program.buffers.enumerated()
        where other != step.output.index && buffer.firstStep <= index && index <= buffer.lastStep && buffer.bytes > 0 {
          #expect(!written.overlaps(program.bytes(of: BufferID(other))), "step \(index), \(buffer.name), EDGEPACK_SEED=\(seed)")
        }
      }
    }
  }

  /// With one thread the plan is as small as ever.
  @Test func threadsCostMemoryAndOneThreadDoesNot() throws {
    let one = try ThreadedProgram.lowered(seed: 5, threads: 1, for: [])
    let two = try ThreadedProgram.lowered(seed: 5, threads: 2, for: [])
    let unsplit = try ThreadedProgram.lowered(seed: 5, threads: 2, for: [], leastPartWork: 1_000_000)
    #expect(one.arena.bytes < two.arena.bytes)
    #expect(one.arena == unsplit.arena && one.steps.allSatisfy { $0.split == nil })
  }
}

extension AddShape {
  fileprivate static func of(count: Int) -> AddShape {
    AddShape(
      count: count, zeroPointA: 0, multiplierA: 1, zeroPointB: 0, multiplierB: 1, shift: 1,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
  }
}

extension LoweredProgram {
  fileprivate func bytes(of buffer: BufferID) -> Range<Int> {
    let start = arena.offsets[buffer.index]
    return start..<start + buffers[buffer.index].bytes
  }
}
