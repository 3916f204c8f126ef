import Foundation
import Targets

/// A packed program in a folder of its own, and how this machine runs it.
struct DeviceRun {
  let folder: URL
  var emulator: String?

  var program: String { folder.appendingPathComponent("tiny").path }
  var weights: String { folder.appendingPathComponent("tiny.epk").path }

  struct Outcome {
    var output: String
    var errorOutput: String
    var exitCode: Int32
  }

  /// Runs the program; `input` becomes standard input.
  func run(_ arguments: [String], input: [UInt8] = [], through wrapper: [String] = []) throws -> Outcome {
    let words = wrapper + (emulator.map { [$0] } ?? []) + [program] + arguments
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    // Files instead of pipes: nothing can block.
    let files = try ["in", "out", "err"].map { name in
      let file = folder.appendingPathComponent("\(UUID().uuidString).\(name)")
      try Data(name == "in" ? input : []).write(to: file)
      return file
    }
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return Outcome(
      output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
      errorOutput: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self),
      exitCode: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus)
  }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let url = folder.appendingPathComponent(name)
    try Data(bytes).write(to: url)
    return url.path
  }
}

/// The path of a tool, or nil if this machine lacks it.
func installed(_ tool: String) -> String? {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(tool)" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}

func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

/// An npy file, version 1.0.
func npy(_ type: String, shape: [Int], _ content: [UInt8], fortranOrder: Bool = false) -> [UInt8] {
  let tuple = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
  var header = "{'descr': '\(type)', 'fortran_order': \(fortranOrder ? "True" : "False"), 'shape': (\(tuple)), }"
  while (header.utf8.count + 11) % 64 != 0 { header += " " }
  header += "\n"
  let count = header.utf8.count
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(header.utf8) + content
}

func littleEndian(_ values: [Float]) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } }
}
