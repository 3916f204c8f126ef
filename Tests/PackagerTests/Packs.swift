import Deployment
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Report
import TestSupport

@testable import Packager

/// Model and data files of small packs.
struct PackFiles: Sendable {
  let folder = TemporaryFolder()
  let model: String
  let data: String

  /// A keyword spotter and 40 random samples of it, a fifth of which are held out.
  init(channels: Int = 16, name: String = "spotter.onnx") {
    model = ONNXModelBuilder.keywordSpotter(channels: channels).write(to: folder, as: name)
    data = folder.file("data.npz")
    writeSamples([40, 1, 49, 10], to: data)
  }

  /// Dense layers of these widths with ReLU between them.
  init(perceptron widths: [Int]) {
    model = ONNXModelBuilder.perceptron(widths).write(to: folder, as: "dense.onnx")
    data = folder.file("data.npz")
    writeSamples([40, widths[0]], to: data)
  }

  func request(_ target: String, output: String) -> PackRequest {
    PackRequest(model: model, data: data, target: target, output: folder.file(output))
  }
}

/// An npz file of random samples between −2 and 2, without labels.
func writeSamples(_ shape: [Int], to path: String, seed: UInt64 = 4) {
  var random = SeededGenerator(seed: seed)
  let samples = StoredArray(shape: shape, floats: random.floats(shape.reduce(1, *)).map { 2 * $0 })
  do { try NpzFile.write([(name: "x", array: samples)], to: path) } catch { preconditionFailure("samples cannot be written: \(error)") }
}

/// One finished pack, and the files that it was made from.
struct Packed: Sendable {
  var files: PackFiles
  var outcome: PackOutcome

  init(_ target: String, channels: Int = 16, emit: Set<EmittedKind> = [], threads: Int? = nil) async throws {
    files = PackFiles(channels: channels)
    var request = files.request(target, output: "build")
    request.emit = emit
    request.threads = threads
    outcome = try await pack(request) { _ in }
  }

  var folder: String { files.folder.file("build") }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)) }
}

/// Packs that several tests look at; each is made once.
enum Packs {
  static let native = Task { try await Packed("native") }
  static let machine = Task { try await Packed("arm64-512mb") }
  static let firmware = Task { try await Packed("mps2-an386") }
}

/// What this computer can run.
enum Installed {
  static func tool(_ name: String) -> Bool { path(name) != nil }

  /// Where the shell would find a program.
  static func path(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }.first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  static let canBoot = tool("qemu-system-aarch64") && (try? KernelImageStore.standard.image(for: .arm64)) != nil
  static let canEmulateBoard = tool("qemu-system-arm")
}

/// Content of every file below a folder, edgepack's working files aside.
func snapshot(_ folder: String) throws -> [String: Data] {
  var files: [String: Data] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where !path.hasPrefix(".edgepack") {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
    files[path] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))
  }
  return files
}

/// The files of a build that depend on nothing but its request. The report also holds what was measured while it was proven.
func repeatable(_ files: [String: Data]) -> [String: Data] { files.filter { $0.key != "report.json" && $0.key != "SHA256SUMS" } }

/// The diagnostics of a pack that must fail.
func faults(_ request: PackRequest) async -> [Diagnostic] {
  do throws(Failure) {
    _ = try await pack(request) { _ in }
    return []
  } catch { return error.diagnostics }
}
