import Testing

@testable import Packager

struct ImportStageTests {
  @Test(arguments: [
    ("models/key word.onnx", "key_word"), ("m.v2.onnx", "m_v2"), ("8bit.onnx", "m8bit"), (".onnx", "_onnx"), ("ü.onnx", "_"),
    ("best.onnx", "best_model"), ("golden.onnx", "golden_model"), ("/a/b/ResNet.onnx", "ResNet"),
  ])
  func programsAreNamedAfterTheirModel(_ path: String, _ name: String) { #expect(programName(path) == name) }
}
