import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct LibraryHeaderTests {
  private func header(_ change: (inout LoweredProgram) -> Void = { _ in }, takesStoredSamples: Bool = true) -> String {
    var program = TinyProgram.lowered()
    change(&program)
    return LibraryHeader(
      names: LibraryNames(program.name), program: program,
      facts: LibraryHeader.Facts(
        target: "board", processorFlags: [], layoutHash: [1, 0xAB], weightsBytes: 8192,
        alignment: LibraryAlignment(arena: 64, weights: 64), takesStoredSamples: takesStoredSamples, stackBytes: 1234)
    ).text()
  }

  @Test func figuresAreThoseOfTheProgram() {
    let lines = Set(header().split(separator: "\n").map(String.init))
    for line in [
      "#define TINY_ARENA_BYTES 96u", "#define TINY_WEIGHTS_BYTES 8192u", "#define TINY_STACK_BYTES 1234u",
      "#define TINY_LAYOUT_HASH \"01ab\"", "#define TINY_INPUT_SHAPE {1, 2, 4}", "#define TINY_INPUT_COUNT 8u",
      "#define TINY_INPUT_SCALE 0.0078125f", "#define TINY_INPUT_ZERO_POINT (-20)", "#define TINY_INPUT_STRIDES {0, 1, 2}",
      "#define TINY_OUTPUT_OFFSET 27u", "#define TINY_OUTPUT_SCALE 0.0723f", "#define TINY_OUTPUT_ZERO_POINT 3",
      "typedef uint8_t tiny_element;",
    ] { #expect(lines.contains(line), "\(line)") }
  }

  /// Names come from a model file.
  @Test func aNameCannotEndTheCommentItStandsIn() {
    let text = header { $0.input.name = "*/ int stray; /*" }
    #expect(text.contains("Input \"* / int stray; / *\""))
  }

  @Test func whatA32BitCoreCannotConvertIsNotDeclared() {
    #expect(header().contains("tiny_run_stored"))
    #expect(!header(takesStoredSamples: false).contains("tiny_run_stored"))
  }

  @Test func floatLiteralsReadBackAsTheSameNumber() {
    var random = SeededGenerator(seed: 5)
    #expect(floatLiteral(1) == "1.0f" && floatLiteral(1e-9) == "1e-09f")
    for _ in 0..<1000 {
      let value = Float(bitPattern: UInt32.random(in: 0x0080_0000..<0x7F80_0000, using: &random))
      #expect(Float(floatLiteral(value).dropLast()) == value && floatLiteral(value).contains { $0 == "." || $0 == "e" })
    }
  }

  @Test func namesOfTheCLibraryAreTaken() {
    for name in ["math", "Math", "m", "c", "stdint", "pthread"] { #expect(LibraryNames.isTaken(name), "\(name)") }
    for name in ["door", "digits", "math_model", "k"] { #expect(!LibraryNames.isTaken(name), "\(name)") }
  }
}
