import DeviceKernels
import Foundation
import TestSupport
import Testing

@testable import Accelerator

/// The emitted C requantizer against the float form that the numeric contract states.
@Suite struct RequantizerTests {
  /// For each multiplier the accumulators nearest to (k + ½)/m and their neighbours, the clamp range and beyond, and random ones.
  @Test(arguments: CCompiler.allCases) func integerFormEqualsTheFloatFormAtAndBesideTies(_ compiler: CCompiler) throws {
    let seed = SeededGenerator.seeds(1, first: .random(in: 0...UInt64(UInt32.max)))[0]
    print("EDGEPACK_SEED=\(seed)")
    var random = SeededGenerator(seed: seed)
    var cases: [(accumulator: Int32, multiplier: Float)] = []
    for multiplier in adversarialMultipliers(using: &random) {
      for accumulator in adversarialAccumulators(for: multiplier, using: &random) { cases.append((accumulator, multiplier)) }
    }
    let results = try requantizedByC(cases, zeroPoint: 3, compiler)
    try #require(results.count == cases.count)
    var differences = 0
    var roundedTwice = 0
    for (index, (accumulator, multiplier)) in cases.enumerated() {
      let float = (Float(accumulator) * multiplier).rounded(.toNearestOrEven)
      let expected = Int8(min(max(float + 3, -128), 127))
      if results[index] != expected { differences += 1 }
      if Double(float) != (Double(accumulator) * Double(multiplier)).rounded(.toNearestOrEven) { roundedTwice += 1 }
    }
    #expect(differences == 0, "of \(cases.count), seed \(seed)")
    #expect(roundedTwice > 100, "the cases must reach accumulators where one rounding is not enough")
  }

  /// Runs `requantize` of an emitted design on every pair.
  private func requantizedByC(
    _ cases: [(accumulator: Int32, multiplier: Float)], zeroPoint: Int32, _ compiler: CCompiler
  ) throws -> [Int8] {
    let shape = ConvolutionShape(
      inputHeight: 1, inputWidth: 1, inputChannels: 1, outputHeight: 1, outputWidth: 1, outputChannels: 1, groups: 1, kernelHeight: 1,
      kernelWidth: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, inputZeroPoint: 0,
      output: OutputRange(zeroPoint: zeroPoint, minimum: -128, maximum: 127), descending: false)
    let sample = SampleConvolution(shape, tile: .rows, weights: [1], biases: [0], multipliers: [0.01])
    let design = try emitConvolution(sample.program, step: 0)
    var input = Data()
    for (accumulator, multiplier) in cases {
      let integer = try #require(IntegerMultiplier(multiplier))
      input.append(contentsOf: littleEndianBytes(UInt32(bitPattern: accumulator)))
      input.append(contentsOf: littleEndianBytes(integer.significand))
      input.append(contentsOf: littleEndianBytes(UInt32(integer.shift)))
    }
    return try withFolder(of: design) { folder in
      let harness = """
        #include <stdio.h>
        #include "\(design.name).c"
        int main(void)
        {
          uint32_t words[3];
          while (fread(words, sizeof words, 1, stdin) == 1) putchar(requantize((int32_t)words[0], words[1], words[2]));
          return 0;
        }
        """
      try Data(harness.utf8).write(to: folder.appending(path: "harness.c"))
      try compile(["harness.c"], with: compiler, in: folder)
      return try FinishedProcess.run(["./a.out"], in: folder, input: input).standardOutput.map { Int8(bitPattern: $0) }
    }
  }
}

/// Powers of two, all ones, the values beside them, significands with many trailing zeros or ones, and random ones, over all shifts.
private func adversarialMultipliers(using random: inout SeededGenerator) -> [Float] {
  IntegerMultiplier.shifts.flatMap { shift in
    let low: UInt32 = 1 << 23
    var significands: [UInt32] = [low, low + 1, 2 * low - 1, 2 * low - 2, low + low / 2]
    for _ in 0..<6 { significands.append(low | UInt32.random(in: 0..<low, using: &random)) }
    for _ in 0..<4 {
      let mask: UInt32 = (1 << UInt32.random(in: 4...20, using: &random)) - 1
      let any = low | UInt32.random(in: 0..<low, using: &random)
      significands.append(contentsOf: [any & ~mask, any | mask])
    }
    return significands.map { Float(sign: .plus, exponent: -shift, significand: Float($0)) }
  }
}

private func adversarialAccumulators(for multiplier: Float, using random: inout SeededGenerator) -> [Int32] {
  let limit = Int32(IntegerMultiplier.accumulatorLimit)
  var result: [Int32] = [0, 1, -1, limit - 1, 1 - limit]
  for k in stride(from: -300, through: 300, by: 1) {
    let nearest = ((Double(k) + 0.5) / Double(multiplier)).rounded()
    guard abs(nearest) < Double(limit - 3) else { continue }
    result.append(contentsOf: (-2...2).map { Int32(nearest) + $0 })
  }
  for _ in 0..<40 {
    let bits = Int32.random(in: 4...24, using: &random)
    result.append(Int32.random(in: (1 - (1 << bits))...((1 << bits) - 1), using: &random))
  }
  return result
}
