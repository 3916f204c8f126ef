import Deployment
import Foundation
import TestSupport
import Testing

@testable import Packager

/// `kill -9` of a pack at random moments: the earlier build is whole each time, and the next run ends with the bytes of an undisturbed one.
///
/// `EDGEPACK_KILLS` says how often, `EDGEPACK_SEED` replays the moments of a run.
struct KillProcessTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let kills = environment["EDGEPACK_KILLS"].flatMap { Int($0) } ?? 12
  private static let seed = environment["EDGEPACK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)

  /// When a run is ended.
  private enum Moment: CustomStringConvertible {
    case after(seconds: Double)
    /// So long after a stage has begun: the stages that write are over too soon to be met by chance.
    case inStage(StageName, seconds: Double)

    var description: String {
      switch self {
      case .after(let seconds): "\(seconds) s after the start"
      case .inStage(let stage, let seconds): "\(seconds) s into \(stage.rawValue)"
      }
    }
  }

  private func moments(_ length: Double) -> [Moment] {
    var random = SeededGenerator(seed: Self.seed)
    return (0..<Self.kills).map { index in
      if index.isMultiple(of: 2) { return .after(seconds: Double.random(in: 0..<length, using: &random)) }
      // Every second of these in the stage that publishes.
      let stage = index % 4 == 1 ? StageName.answer : StageName.allCases[2...].randomElement(using: &random) ?? .compile
      return .inStage(stage, seconds: Double.random(in: 0..<0.06, using: &random))
    }
  }

  private func kill(_ run: RunningPack, _ moment: Moment) {
    switch moment {
    case .after(let seconds): usleep(UInt32(seconds * 1e6))
    case .inStage(let stage, let seconds):
      run.wait(forStart: stage.rawValue)
      usleep(UInt32(seconds * 1e6))
    }
    run.send(SIGKILL)
    run.finish()
  }

  @Test func theEarlierBuildStaysWholeAndTheNextRunEndsWithTheSameBytes() throws {
    print("seed \(Self.seed), \(Self.kills) kills (EDGEPACK_SEED, EDGEPACK_KILLS)")
    let files = PackFiles(channels: 4)
    let (earlier, undisturbed) = (files.folder.file("earlier"), files.folder.file("undisturbed"))
    // Other options, so that the earlier build has other bytes and its saved stages are of no use.
    #expect(try RunningPack(files, output: earlier, ["--ranges", "minmax", "--optimize", "size"]).finish() == 0)
    let start = ContinuousClock.now
    #expect(try RunningPack(files, output: undisturbed).finish() == 0)
    let length = (ContinuousClock.now - start).seconds
    let (old, new) = (repeatable(try snapshot(earlier)), repeatable(try snapshot(undisturbed)))
    try #require(old.keys == new.keys && old["spotter.epk"] != new["spotter.epk"] && old["spotter"] != new["spotter"])

    var reusedStages = 0
    var publishedBefore = 0
    let build = files.folder.file("build")
    for moment in moments(length) {
      try? FileManager.default.removeItem(atPath: build)
      try FileManager.default.copyItem(atPath: earlier, toPath: build)
      let killed = try RunningPack(files, output: build)
      kill(killed, moment)

      #expect(try checksumsHold(build), "killed \(moment)")
      let left = repeatable(try snapshot(build))
      #expect(left == old || left == new, "killed \(moment)")
      if left == new { publishedBefore += 1 }

      let next = try RunningPack(files, output: build)
      #expect(next.finish() == 0 && !next.codes.contains("corrupt-stage"), "killed \(moment): \(next.codes)")
      #expect(repeatable(try snapshot(build)) == new, "killed \(moment)")
      #expect(try checksumsHold(build), "killed \(moment)")
      // What had ended before the kill is not computed again.
      let ended = Set(killed.stages("ended").keys).intersection(["baseline", "compress", "compile", "smoke"])
      let reused = Set(next.stages("ended").filter(\.value).keys)
      #expect(reused.isSuperset(of: ended), "killed \(moment): \(ended) had ended, \(reused) were reused")
      reusedStages += reused.count
      // Nothing is left over, in the folder or beside it.
      #expect(try FileManager.default.contentsOfDirectory(atPath: build + "/.edgepack").sorted() == ["lock", "stages"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: files.folder.path).filter { $0.hasPrefix(".") } == [])
    }
    print("\(reusedStages) stages were reused, \(publishedBefore) builds were published before the kill; a pack takes \(length) s")
  }
}
