import DeviceKernels
import ModelGraph
import Targets
import TestSupport
import Testing

@testable import DeviceCompiler

struct NetworkEmitterTests {
  @Test func printsTheTinyProgram() {
    let source = NetworkEmitter(TinyProgram.lowered(elementType: .int16), pageSize: 4096).emit().source
    #expect(Snapshot("tiny-network").difference(from: source) == nil)
  }

  /// Steps that threads share: handed to the pool in `run`, and a function each that computes a part.
  @Test func printsPartsOfSteps() throws {
    let source = NetworkEmitter(try ThreadedProgram.lowered(seed: 1, threads: 2, for: [.avx2]), pageSize: 4096).emit().source
    let start = try #require(source.range(of: "  static func run("))
    #expect(Snapshot("shared-steps").difference(from: String(source[start.lowerBound...])) == nil)
  }

  @Test func theHashIsThatOfEverythingElse() {
    let first = NetworkEmitter(TinyProgram.lowered(), pageSize: 4096).emit()
    #expect(first.layoutHash == NetworkEmitter(TinyProgram.lowered(), pageSize: 4096).emit().layoutHash)
    var program = TinyProgram.lowered()
    program.arena.offsets[2] = 24
    #expect(first.layoutHash != NetworkEmitter(program, pageSize: 4096).emit().layoutHash)
  }

  @Test func aNameFromTheModelCannotLeaveItsComment() {
    var program = TinyProgram.lowered()
    program.steps[0].name = "a\n} // \r\u{2028}let x = 1"
    program.name = "q\"\\\n"
    let source = NetworkEmitter(program, pageSize: 4096).emit().source
    #expect(source.contains("// Step 0: a } //   let x = 1, "))
    #expect(source.contains("{ \"q\\\"\\\\?\" }"))
  }

  /// For speed, a kernel is compiled once for each shape; for size, and for kernels that do not profit, calls stay where they are.
  @Test func equalLayersShareOneFunctionInProgramsForSpeed() {
    var program = TinyProgram.lowered()
    func step(rows: Int, _ variant: KernelVariant) -> Step {
      let shape = MatmulShape(
        rows: rows, depth: 8, columns: 16, output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
      return Step(
        name: "dense", kind: .matmul(shape, variant, ConvolutionSections(biases: 0, multipliers: 64, weights: 128)),
        inputs: [BufferID(0)], output: BufferID(1), weights: WeightBlockID(0))
    }
    let tuned = KernelVariant.best(.matmul, for: [.avx512])
    program.steps = [step(rows: 4, tuned), step(rows: 5, tuned), step(rows: 4, tuned), step(rows: 4, .best(.matmul, for: []))]
    func emitted(_ optimize: TargetProfile.Optimization) -> String {
      NetworkEmitter(program, pageSize: 4096, optimize: optimize).emit().source
    }
    let fast = emitted(.speed)
    #expect(fast.ranges(of: "private static func kernel").count == 2)
    #expect(fast.ranges(of: "kernel0(arena").count == 2 && fast.ranges(of: "kernel1(arena").count == 1)
    #expect(fast.ranges(of: "Avx512.matmulInt8").count == 2 && fast.ranges(of: "Portable.matmulInt8").count == 1)
    let small = emitted(.size)
    #expect(!small.contains("kernel0") && small.ranges(of: "Avx512.matmulInt8").count == 3)
  }

  /// Every kind of step, with the kernels' argument order.
  @Test func printsEveryKindOfCall() {
    let range = OutputRange(zeroPoint: -3, minimum: -128, maximum: 127)
    let convolution = ConvolutionShape(
      inputHeight: 1, inputWidth: 2, inputChannels: 3, outputHeight: 4, outputWidth: 5, outputChannels: 6, groups: 1, kernelHeight: 7,
      kernelWidth: 8, strideY: 9, strideX: 10, dilationY: 11, dilationX: 12, padTop: 13, padLeft: 14, inputZeroPoint: -15, output: range,
      descending: true)
    let pooling = PoolingShape(
      inputHeight: 1, inputWidth: 2, channels: 3, outputHeight: 4, outputWidth: 5, kernelHeight: 6, kernelWidth: 7, strideY: 8, strideX: 9,
      dilationY: 10, dilationX: 11, padTop: 12, padLeft: 13, inputZeroPoint: 14, output: range, descending: false)
    let copy = StridedCopyShape(extents: (1, 2, 3, 4), inputStrides: (5, 6, 7, 8), outputStrides: (9, 10, 11, 12), outputOffset: 13)
    let sections = ConvolutionSections(biases: 0, multipliers: 16, weights: 32)
    var gapped = convolution
    gapped.outputStride = 64
    let kinds: [StepKind] = [
      .convolution(
        convolution, KernelVariant(operation: .convolution, instructionSet: .neon, tileChannels: 4, tileDepth: 16, block: 4), sections),
      .convolution(
        gapped, KernelVariant(operation: .convolution, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1), sections),
      .matmul(
        MatmulShape(rows: 1, depth: 2, columns: 3, output: range, descending: false, outputStride: 8),
        KernelVariant(operation: .matmul, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1), sections),
      .depthwiseConvolution(
        convolution, KernelVariant(operation: .depthwiseConvolution, instructionSet: .avx2, tileChannels: 16, tileDepth: 1, block: 1),
        sections),
      .matmul(
        MatmulShape(rows: 1, depth: 2, columns: 3, output: range, descending: false),
        KernelVariant(operation: .matmul, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1), sections),
      .add(
        AddShape(
          count: 1, zeroPointA: 2, multiplierA: 3, zeroPointB: 4, multiplierB: 5, shift: 6, output: range, descending: true)),
      .maximumPool(pooling), .averagePool(pooling), .softmax(SoftmaxShape(rows: 1, columns: 2)), .lookup(count: 9),
      .stridedCopy([copy, copy], fill: -7), .stridedCopy([copy, copy], fill: nil),
    ]
    let call = StepCall(
      inputs: ["arena + 0", "arena + 100"], output: "arena + 200", outputBytes: 50, scratch: "arena + 300", block: "block0")
    let text = kinds.map { "// " + StepCall.summary(of: $0) + "\n" + call.lines(for: $0).joined(separator: "\n") }.joined(separator: "\n")
    #expect(Snapshot("step-calls").difference(from: text) == nil)
  }
}

struct InputConversionTests {
  @Test func theTableIsTheContractsFormulaInFloat64() {
    let input = TinyProgram.lowered().input
    #expect(input.table?[0] == -20)
    #expect(input.table?[255] == 108)
    // 255 · 0.5 / 0.25: beyond the range.
    var wide = input
    wide.scale = 0.5
    wide.quantization = AffineQuantization(scale: 0.25, zeroPoint: 0)
    #expect(wide.table?[255] == 127 && wide.table?[3] == 6)
    wide.elementType = .int8
    #expect(wide.table?[255] == -2 && wide.table?[128] == -128 && wide.table?[127] == 127)
    // Half to even.
    wide.scale = 0.125
    #expect(wide.table?[1] == 0 && wide.table?[3] == 2 && wide.table?[5] == 2)
    wide.elementType = .int16
    #expect(wide.table == nil)
  }

  @Test func storedIntegersAndFloatsHaveTheirOwnFactors() {
    var input = TinyProgram.lowered(elementType: .int16).input
    input.scale = 0.5
    input.offset = -1
    input.quantization = AffineQuantization(scale: 0.25, zeroPoint: 10)
    #expect(input.storedConversion.multiplier == 2 && input.storedConversion.addend == -4)
    #expect(input.float32Conversion.multiplier == 4 && input.float32Conversion.addend == 0)
    #expect(input.storedConversion.quantize(7) == 20)
    #expect(input.storedConversion.quantize(-1000) == -128 && input.storedConversion.quantize(1000) == 127)
    #expect(input.float32Conversion.quantize(.nan) == -128)
    #expect(input.float32Conversion.quantize(0.125) == 10 && input.float32Conversion.quantize(0.375) == 12)
  }
}
