import DeviceCompiler
import DeviceKernels
import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Accelerator

@Suite struct ConvolutionEmitterTests {
  /// 3×3×16→16 on 32×32: the first block of MLPerf Tiny's image classifier.
  @Test(arguments: CCompiler.allCases) func imageClassifierLayerGivesThePortableKernelsBytes(_ compiler: CCompiler) throws {
    let distinctValues = try expectEqualBytes(
      shape(height: 32, width: 32, inputs: 16, outputs: 16, kernel: 3, stride: 1), compiler, seed: 1)
    #expect(distinctValues == 256)
  }

  /// 3×3×16→32, stride 2: its second block, whose padding is one pixel below and right only.
  @Test(arguments: CCompiler.allCases) func strideTwoGivesThePortableKernelsBytes(_ compiler: CCompiler) throws {
    try expectEqualBytes(
      shape(height: 32, width: 32, inputs: 16, outputs: 32, kernel: 3, stride: 2, padding: 0, outputSize: 16), compiler,
      tile: WeightTile(channels: 8, depth: 16), seed: 2)
  }

  @Test func randomConvolutionsGiveThePortableKernelsBytes() throws {
    let seed = SeededGenerator.seeds(1, first: .random(in: 0...UInt64(UInt32.max)))[0]
    print("EDGEPACK_SEED=\(seed)")
    var random = SeededGenerator(seed: seed)
    let tiles = [WeightTile.rows, WeightTile(channels: 4, depth: 4), WeightTile(channels: 8, depth: 2), WeightTile(channels: 2, depth: 16)]
    var distinctValues = 0
    for count in 0..<12 {
      distinctValues += try expectEqualBytes(
        randomShape(using: &random), count.isMultiple(of: 2) ? .gcc : .clang, tile: tiles[count % tiles.count], seed: random.next())
    }
    #expect(distinctValues > 100, "constant outputs prove nothing")
  }

  @Test(arguments: CCompiler.allCases) func theBridgeHeaderStandsAlone(_ compiler: CCompiler) throws {
    var random = SeededGenerator(seed: 3)
    let sample = SampleConvolution(shape(height: 2, width: 2, inputs: 1, outputs: 1, kernel: 1, stride: 1), using: &random)
    try withFolder(of: emitConvolution(sample.program, step: 0)) { folder in
      let result = try FinishedProcess.run(
        [compiler.rawValue] + CCompiler.flags + ["-fsyntax-only", "-x", "c", "hls_bridge.h"], in: folder)
      #expect(result.exitCode == 0, "\(result.errorText)")
    }
  }

  @Test func layerNamesBecomeIdentifiersAndCannotLeaveAComment() throws {
    var random = SeededGenerator(seed: 4)
    let sample = SampleConvolution(
      shape(height: 3, width: 3, inputs: 2, outputs: 2, kernel: 3, stride: 1), name: "net", layer: "a/*b*/\nc-é", using: &random)
    let design = try emitConvolution(sample.program, step: 0)
    #expect(design.name == "net_a__b___c__")
    try withFolder(of: design) { try compile(["\(design.name).c", "testbench.c"], with: .gcc, in: $0) }
  }

  @Test func multipliersOutsideTheExactRangeAreRefusedByChannel() throws {
    let shape = shape(height: 2, width: 2, inputs: 1, outputs: 4, kernel: 1, stride: 1)
    let sample = SampleConvolution(
      shape, tile: .rows, weights: [1, 1, 1, 1], biases: [0, 0, 0, 0],
      multipliers: [0.25, Float(0.25).nextDown, 0x1p-34, Float(0x1p-34).nextDown])
    let failure = #expect(throws: Failure.self) { try emitConvolution(sample.program, step: 0) }
    #expect(failure?.diagnostics.map(\.code) == [.multiplierRange])
    #expect(failure?.diagnostics[0].details.map { $0.prefix(9) } == ["channel 0", "channel 3"])
    #expect(failure?.diagnostics[0].message.contains("/conv1") == true)
  }

  /// One weight of −127 reaches −127 · −128 = 16,256 above the bias and −127 · 127 = −16,129 below it.
  @Test func accumulatorsThatReachTwoToThe24AreRefusedByChannel() throws {
    let limit: Int32 = 1 << 24
    let shape = shape(height: 2, width: 2, inputs: 1, outputs: 4, kernel: 1, stride: 1)
    let sample = SampleConvolution(
      shape, tile: .rows, weights: [-127, -127, -127, -127],
      biases: [limit - 16_257, limit - 16_256, -limit + 16_130, -limit + 16_129],
      multipliers: [0.01, 0.01, 0.01, 0.01])
    let failure = #expect(throws: Failure.self) { try emitConvolution(sample.program, step: 0) }
    #expect(failure?.diagnostics.map(\.code) == [.accumulatorOverflow])
    #expect(failure?.diagnostics[0].details.map { $0.prefix(9) } == ["channel 1", "channel 3"])
  }

  /// What a synthesis tool would see: directives as pragmas, with every constant in them a number.
  @Test func directivesBecomePragmasUnderSynthesis() throws {
    var random = SeededGenerator(seed: 6)
    let sample = SampleConvolution(shape(height: 4, width: 4, inputs: 16, outputs: 6, kernel: 3, stride: 1), using: &random)
    let design = try emitConvolution(sample.program, step: 0)
    let text = try withFolder(of: design) { folder in
      try FinishedProcess.run(["gcc", "-E", "-D__SYNTHESIS__", "\(design.name).c"], in: folder).outputText
    }
    let pragmas = text.split(separator: "\n").filter { $0.hasPrefix("#pragma") }
    #expect(pragmas.contains("#pragma HLS PIPELINE II=1"))
    #expect(pragmas.contains("#pragma HLS INTERFACE m_axi port=input offset=slave bundle=read depth=256"))
    #expect(pragmas.contains("#pragma HLS ARRAY_PARTITION variable=weights cyclic factor=6 dim=1"))
    #expect(pragmas.allSatisfy { $0.hasPrefix("#pragma HLS ") })
  }

  @Test func otherKindsOfStepsAreRefused() throws {
    var random = SeededGenerator(seed: 5)
    var program = SampleConvolution(shape(height: 2, width: 2, inputs: 1, outputs: 1, kernel: 1, stride: 1), using: &random).program
    program.steps[0].kind = .softmax(SoftmaxShape(rows: 1, columns: 4))
    let failure = #expect(throws: Failure.self) { try emitConvolution(program, step: 0) }
    #expect(failure?.diagnostics.map(\.code) == [.unsupportedOperator])
  }

  /// - Returns: how many different values the output has.
  @discardableResult
  private func expectEqualBytes(
    _ shape: ConvolutionShape, _ compiler: CCompiler, tile: WeightTile = .rows, seed: UInt64
  ) throws -> Int {
    var random = SeededGenerator(seed: seed)
    let sample = SampleConvolution(shape, tile: tile, using: &random)
    let expected = sample.portableOutput()
    let design = try emitConvolution(sample.program, step: 0)
    let output = try withFolder(of: design) { folder in
      try compile(["\(design.name).c", "testbench.c"], with: compiler, in: folder)
      try Data(sample.input.map { UInt8(bitPattern: $0) }).write(to: folder.appending(path: "input.bin"))
      let result = try FinishedProcess.run(["./a.out"], in: folder)
      #expect(result.exitCode == 0, "\(result.errorText)")
      return try Data(contentsOf: folder.appending(path: "output.bin")).map { Int8(bitPattern: $0) }
    }
    #expect(output == expected, "\(compiler) \(shape), seed \(seed)")
    return Set(expected).count
  }
}

private func shape(
  height: Int, width: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int? = nil, outputSize: Int? = nil
) -> ConvolutionShape {
  let padding = padding ?? (kernel - 1) / 2
  return ConvolutionShape(
    inputHeight: height, inputWidth: width, inputChannels: inputs,
    outputHeight: outputSize ?? (height + 2 * padding - kernel) / stride + 1,
    outputWidth: outputSize ?? (width + 2 * padding - kernel) / stride + 1, outputChannels: outputs, groups: 1, kernelHeight: kernel,
    kernelWidth: kernel, strideY: stride, strideX: stride, dilationY: 1, dilationX: 1, padTop: padding, padLeft: padding,
    inputZeroPoint: -11, output: OutputRange(zeroPoint: 5, minimum: -128, maximum: 127), descending: false)
}

/// Any strides, dilations, groups, paddings, clamps and gaps between pixels, some with windows that lie outside the input altogether.
private func randomShape(using random: inout SeededGenerator) -> ConvolutionShape {
  let groups = Int.random(in: 1...3, using: &random)
  let minimum = Int32.random(in: -128...0, using: &random)
  let outputChannels = groups * .random(in: 1...9, using: &random)
  return ConvolutionShape(
    inputHeight: .random(in: 1...9, using: &random), inputWidth: .random(in: 1...9, using: &random),
    inputChannels: groups * .random(in: 1...9, using: &random), outputHeight: .random(in: 1...6, using: &random),
    outputWidth: .random(in: 1...6, using: &random), outputChannels: outputChannels, groups: groups,
    kernelHeight: .random(in: 1...4, using: &random), kernelWidth: .random(in: 1...4, using: &random),
    strideY: .random(in: 1...3, using: &random), strideX: .random(in: 1...3, using: &random),
    dilationY: .random(in: 1...2, using: &random), dilationX: .random(in: 1...2, using: &random),
    padTop: .random(in: 0...2, using: &random), padLeft: .random(in: 0...2, using: &random),
    inputZeroPoint: .random(in: -128...127, using: &random),
    output: OutputRange(
      zeroPoint: .random(in: -128...127, using: &random), minimum: minimum, maximum: .random(in: 60...127, using: &random)),
    descending: false, outputStride: outputChannels + .random(in: 0...2, using: &random))
}
