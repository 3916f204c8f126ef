import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

/// Damaged files end in success or in a `Failure`, never in a trap.
@Suite struct MutationTests {
  private let folder = TemporaryFolder()

  @Test func damagedModelsNeverTrap() throws {
    let model = ONNXModelBuilder.mobileNet(size: 8, channels: 2, blocks: 2, classes: 3).bytes()
    var refused = 0
    for seed in SeededGenerator.seeds(500) {
      var generator = SeededGenerator(seed: seed)
      let path = folder.write(mutated(model, &generator), to: "m.onnx")
      let found = failure { () throws(Failure) in try ONNXImporter.load(path: path).graph.checkInvariants() }
      if let found {
        refused += 1
        #expect(!found.codes.contains(.internalError), "seed \(seed): \(found.text)")
      }
    }
    print("damaged models: \(refused) refused")
    #expect(refused > 0)
  }

  @Test func damagedDataNeverTrap() throws {
    let stored = folder.file("stored.npz")
    try NpzFile.write(
      [
        ("x", StoredArray(shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])),
        ("y", StoredArray(elementType: .int8, shape: [2], integers: [0, 1])),
      ], to: stored)
    let originals = [NumpyFixtures.deflated, try #require(try InputFile(path: stored).bytes(at: 0, count: InputFile(path: stored).size))]
    var refused = 0
    for seed in SeededGenerator.seeds(500) {
      var generator = SeededGenerator(seed: seed)
      let path = folder.write(mutated(originals[Int(seed % 2)], &generator), to: "m.npz")
      let found = failure { () throws(Failure) in
        let data = try DataSet.load(path: path, input: nil, label: nil, scale: nil, offset: nil)
        _ = (data.floats(0..<data.count), data.integerLabels, data.floatLabels, data.subset([0]))
        let file = try NpzFile(path: path)
        for name in file.names { _ = try file.array(name) }
        _ = file.contents
      }
      if let found {
        refused += 1
        #expect(!found.codes.contains(.internalError), "seed \(seed): \(found.text)")
      }
    }
    print("damaged data files: \(refused) refused")
    #expect(refused > 0)
  }

  /// One to three damages: a flipped bit, another byte, a cut, an addition, or a piece copied to another place.
  private func mutated(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      guard !bytes.isEmpty else { return bytes }
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[place] = [0, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes += (0..<Int.random(in: 1...64, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
      case 4...:
        let length = Int.random(in: 1...min(64, bytes.count - place), using: &generator)
        bytes.insert(contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &generator))
      default: break
      }
    }
    return bytes
  }
}
