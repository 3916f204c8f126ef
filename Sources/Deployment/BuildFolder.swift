import Diagnostics
import Foundation
import ModelGraph
import Targets

/// A build folder on disk with its manifest.
public struct BuildFolder: Sendable {
  public var url: URL
  public var manifest: BuildManifest

  /// For a folder that is being made.
  public init(url: URL, manifest: BuildManifest) {
    self.url = url
    self.manifest = manifest
  }

  /// The build in a folder; where it holds none that fits, the best try in `best/`. If a run was killed while it moved a build in, that is
  /// completed first.
  /// - Throws: `not-a-build`; `folder-busy`, `folder-unwritable` if something cannot be completed.
  public init(path: String) throws(Failure) {
    try Publication.repairForReading(path)
    var url = URL(fileURLWithPath: path, isDirectory: true)
    let best = url.appendingPathComponent("best", isDirectory: true)
    let holds = { (folder: URL) in FileManager.default.fileExists(atPath: folder.appendingPathComponent(BuildManifest.fileName).path) }
    if !holds(url), holds(best) { url = best }
    self.init(url: url, manifest: try BuildManifest.load(folder: url))
  }

  /// The simplest place that runs the build and lets it read and write this computer's files.
  public var placeWithFiles: ProofPlace {
    switch manifest.kind {
    case .firmware: .firmware
    case .program: manifest.target.cpu.architecture.isHost ? .native : .user
    }
  }

  public var programFile: URL { url.appendingPathComponent(manifest.program) }
  public var weightsFile: URL? { manifest.weights.map { url.appendingPathComponent($0) } }
  public var machineInitFile: URL? { manifest.machineInit.map { url.appendingPathComponent($0) } }
  public func goldenInput(_ index: Int) -> URL { url.appendingPathComponent("golden/input\(index).npy") }
  public func goldenOutput(_ index: Int) -> URL { url.appendingPathComponent("golden/output\(index).npy") }

  /// - Throws: `not-a-build` if a file that the manifest names is not there.
  func require(_ file: URL) throws(Failure) {
    guard FileManager.default.isReadableFile(atPath: file.path) else {
      throw Failure(
        .notABuild, "\(BuildManifest.fileName) names \(file.lastPathComponent), which is not there", at: Location(file: file.path),
        hint: "pack the model again")
    }
  }

  /// - Throws: `not-a-build` if the file is missing or unreadable.
  func bytes(of file: URL) throws(Failure) -> [UInt8] {
    try require(file)
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw Failure(.notABuild, "\(file.lastPathComponent) cannot be read", at: Location(file: file.path))
    }
    return [UInt8](data)
  }
}
