import Foundation
import Testing

@testable import DeviceCompiler

/// The runtime's float printing, compiled for this machine and compared with the C library's.
struct FloatTextTests {
  @Test func equalsNineDigitsOfTheCLibrary() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
    let folder = try temporaryFolder()
    try Data(Self.harness.utf8).write(to: folder.appendingPathComponent("main.swift"))
    let toolchain = try Toolchain.locate()
    try await toolchain.run(
      .swiftc, ["-O", root.appendingPathComponent("Sources/DeviceRuntime/Common/FloatText.swift").path, "main.swift", "-o", "harness"],
      in: folder.path)
    let process = Process()
    process.executableURL = folder.appendingPathComponent("harness")
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == "compared 230020\n")
  }

  /// Prints the first difference, or how many values were compared: edges, random bit patterns (seed 12345), and products as outputs are.
  private static let harness = """
    import Glibc
    struct TextWriter {
      var bytes: [UInt8] = []
      mutating func put(_ byte: UInt8) { bytes.append(byte) }
      mutating func put(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
    }
    var compared = 0
    func check(_ value: Float) {
      var writer = TextWriter()
      writer.put(value.isNaN ? value.magnitude : value)
      var buffer = [CChar](repeating: 0, count: 64)
      withVaList([Double(value.isNaN ? value.magnitude : value)]) { _ = vsnprintf(&buffer, 64, "%.9g", $0) }
      let expected = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      if writer.bytes != expected {
        print(String(decoding: writer.bytes, as: UTF8.self), "instead of", String(decoding: expected, as: UTF8.self))
        exit(1)
      }
      compared += 1
    }
    let edges: [Float] = [
      0, -0.0, 1, -1, 0.5, 1e9, 123456789, 999999999.5, 1e-5, 9.9999e-5, 0.0001, 1e8, 99999999, .greatestFiniteMagnitude,
      .leastNonzeroMagnitude, .leastNormalMagnitude, .infinity, -.infinity, 16777216, 8388608.5,
    ]
    for value in edges { check(value) }
    var state: UInt64 = 12345
    for _ in 0..<200_000 {
      state = state &* 6364136223846793005 &+ 1442695040888963407
      check(Float(bitPattern: UInt32(state >> 32)))
    }
    for index in 0..<10_000 {
      check(Float(index) * 0.0723)
      check(Float(index - 5000) * 1e-7)
      check(Float(index) * 1000.5)
    }
    print("compared", compared)

    """
}
