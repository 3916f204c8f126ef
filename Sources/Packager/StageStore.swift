import Deployment
import Diagnostics
import Foundation
import Synchronization

/// The saved stages of a result folder: one file a stage in `.edgepack/stages/`, overwritten by the next run that computes the stage, so
/// the store holds what one run needs and never more.
final class StageStore: Sendable {
  private let folder: String
  /// The result folder in the user's words, for faults.
  private let resultFolder: String
  /// Whether what is there is left unused (`--fresh`).
  private let ignoresSaved: Bool
  /// Stages of this run that the next one need not compute again, in order.
  private let names = Mutex<[StageName]>([])

  init(_ resultFolder: String, ignoresSaved: Bool) {
    self.resultFolder = resultFolder
    folder = resultFolder + "/" + RunFolder.stages
    self.ignoresSaved = ignoresSaved
  }

  var savedNames: [StageName] { names.withLock { $0 } }

  enum Finding {
    case found(StageArchive)
    case nothing
    case damaged(String)
  }

  func find(_ stage: StageName, _ key: StageKey) -> Finding {
    guard !ignoresSaved, let data = try? Data(contentsOf: URL(fileURLWithPath: file(of: stage)), options: .mappedIfSafe) else {
      return .nothing
    }
    do throws(StageArchive.Refusal) {
      return .found(try StageArchive(data, key: key.digest))
    } catch {
      switch error {
      case .otherKey: return .nothing
      case .damaged(let reason): return .damaged(reason)
      }
    }
  }

  func save(_ archive: StageArchive, as stage: StageName) throws(Failure) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(folder, in: resultFolder, error)
    }
    try writeDurably(try archive.encoded(), to: file(of: stage), in: resultFolder)
    noteSaved(stage)
  }

  func noteSaved(_ stage: StageName) { names.withLock { $0.append(stage) } }

  private func file(of stage: StageName) -> String { "\(folder)/\(stage.rawValue).stage" }

  /// Half-written files of a run that was killed, and stages that this version does not know.
  func removeLitter() {
    let known = Set(StageName.allCases.map { "\($0.rawValue).stage" })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !known.contains(name) {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }
}
