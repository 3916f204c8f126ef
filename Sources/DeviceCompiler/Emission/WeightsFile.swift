import DeviceFormats

extension EmittedNetwork {
  /// The `.epk` that this network reads.
  /// - Parameters:
  ///   - modelHash, targetHash: SHA-256.
  ///   - golden: the int8 tensor of the first step as it lies in the arena, and the int8 answer.
  ///   - generatedChecksums: CRC-32C of the answers to generated inputs 0, 1, … (`GeneratedInput`).
  func weightsFile(
    of program: LoweredProgram, modelHash: [UInt8], targetHash: [UInt8], golden: [(input: [Int8], output: [Int8])],
    generatedChecksums: [UInt32]
  ) -> [UInt8] {
    let writer = PackedWeightsWriter(layout: layout, modelHash: modelHash, targetHash: targetHash, layoutHash: layoutHash)
    let tests = PackedTestCases(
      golden: golden.map { PackedTestCases.Golden(input: $0.input, output: $0.output) }, generatedChecksums: generatedChecksums,
      inputBytes: program.buffers[program.input.buffer.index].bytes, outputBytes: program.output.shape.reduce(1, *))
    return writer.file(blocks: program.weights.map(\.bytes), tests: tests)
  }
}
