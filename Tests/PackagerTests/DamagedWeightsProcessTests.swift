import Deployment
import DeviceFormats
import Foundation
import MutationSupport
import TestSupport
import Testing

@testable import Packager

/// A packed program beside a damaged weights file: it names the damaged byte, or answers as it always does. It never crashes and never
/// gives another answer.
struct DamagedWeightsProcessTests {
  @Test func damagedFilesAreRefusedOrChangeNothing() async throws {
    let device = try await PackedProgram()
    let mutator = FileMutator(.epk, specimens: [device.weights])
    var refused = 0
    for number in 0..<150 {
      let file = mutator.damaged(seed: 1, number: number)
      let run = try device.answer(with: file.bytes)
      refused += run.isRefusal ? 1 : 0
      #expect(run.isRefusal || run.output == device.output, "case \(number), \(file.damages): \(run)")
      let test = try device.selfTest(with: file.bytes)
      #expect(test.isRefusal || test.exitCode == 0, "self-test of case \(number), \(file.damages): \(test)")
    }
    #expect(refused > 75)
  }

  /// A sample of all bits, with some of each part of the file.
  @Test func aFlippedBitIsRefusedInItsPartOrReadByNobody() async throws {
    let device = try await PackedProgram()
    let parts = try FileParts(device.weights)
    var random = SeededGenerator(seed: 5)
    for part in [parts.header, parts.padding] + parts.segments {
      for _ in 0..<24 {
        let byte = Int.random(in: part, using: &random)
        var file = device.weights
        file[byte] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        let run = try device.answer(with: file)
        let test = try device.selfTest(with: file)
        if part == parts.padding {
          #expect(run.output == device.output && test.exitCode == 0, "byte \(byte): \(run)")
        } else {
          #expect(test.refusedByte.map(part.contains) == true, "byte \(byte) of \(part): \(test)")
          // A run does not read the test cases.
          let isRight = part == parts.segments.last ? run.output == device.output : run.refusedByte.map(part.contains) == true
          #expect(isRight, "byte \(byte) of \(part): \(run)")
        }
      }
    }
  }
}

/// The program of a native pack, and its answer to the first golden sample.
private struct PackedProgram {
  let program: String
  let input: String
  let weights: [UInt8]
  private(set) var output: Data
  private let folder = TemporaryFolder()

  struct Run {
    var exitCode: Int32
    var errorText: String
    var output: Data?

    /// One line of error and the exit code for it.
    var isRefusal: Bool {
      exitCode == 2 && errorText.split(separator: "\n").count == 1 && errorText.contains(": error: ") && output == nil
    }

    /// `spotter: error: weights file m.epk, byte 4096: weights damaged (segment checksum differs)`
    var refusedByte: Int? {
      guard isRefusal, let place = errorText.range(of: ", byte ") else { return nil }
      return Int(errorText[place.upperBound...].prefix { $0.isNumber })
    }
  }

  init() async throws {
    let packed = try await Packs.native.value
    program = packed.folder + "/spotter"
    input = packed.folder + "/golden/input0.npy"
    weights = [UInt8](try packed.bytes("spotter.epk"))
    output = Data()
    output = try #require(try answer(with: weights).output)
  }

  func answer(with weights: [UInt8]) throws -> Run {
    let file = folder.write(weights, to: "m.epk")
    let answer = folder.file("answer.npy")
    try? FileManager.default.removeItem(atPath: answer)
    let run = try FinishedProcess.run([program, "--weights", file, "-o", answer, input], in: URL(fileURLWithPath: folder.path))
    return Run(exitCode: run.exitCode, errorText: run.errorText, output: FileManager.default.contents(atPath: answer))
  }

  func selfTest(with weights: [UInt8]) throws -> Run {
    let file = folder.write(weights, to: "m.epk")
    let run = try FinishedProcess.run([program, "--weights", file, "--self-test"], in: URL(fileURLWithPath: folder.path))
    return Run(exitCode: run.exitCode, errorText: run.errorText, output: nil)
  }
}
