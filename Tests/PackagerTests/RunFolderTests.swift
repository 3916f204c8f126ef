import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Packager

struct RunFolderTests {
  private let home = TemporaryFolder()

  /// Stages files of the given content and publishes them.
  private func publish(_ files: [String: String], fits: Bool, into name: String = "build") throws -> String {
    let folder = try RunFolder(home.file(name), force: false)
    for (path, text) in files { try write(text, to: folder.staging + "/" + path) }
    let sums = files.keys.sorted().map { "0000  \($0)\n" }.joined()
    try write(sums, to: folder.staging + "/SHA256SUMS")
    return try folder.publish(fits: fits)
  }

  private func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  private func texts(_ name: String = "build") throws -> [String: String] {
    try snapshot(home.file(name)).filter { !$0.key.hasSuffix("SHA256SUMS") }.mapValues { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aNewBuildTakesThePlaceOfTheOldOne() throws {
    #expect(try publish(["build.json": "1", "old": "1", "golden/input0.npy": "1"], fits: true) == home.file("build"))
    try write("mine", to: home.file("build/notes.txt"))
    _ = try publish(["build.json": "2", "new": "2"], fits: true)
    #expect(try texts() == ["build.json": "2", "new": "2", "notes.txt": "mine"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.file("build/.edgepack")) == ["lock"])
  }

  @Test func whatDoesNotFitLiesInBestUntilABuildFits() throws {
    #expect(try publish(["build.json": "1"], fits: false) == home.file("build/best"))
    // The folder holds nothing but best/ now, and is still edgepack's.
    _ = try publish(["build.json": "2"], fits: false)
    #expect(try texts() == ["best/build.json": "2"])
    _ = try publish(["build.json": "3"], fits: true)
    #expect(try texts() == ["build.json": "3"])
  }

  @Test func whatAnInterruptedRunLeftIsNotPublished() throws {
    try write("torn", to: home.file("build/.edgepack/next/half"))
    try write("stale", to: home.file("build/.edgepack/compile/module-cache/x.pcm"))
    let folder = try RunFolder(home.file("build"), force: false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.staging) == [])
    #expect(!FileManager.default.fileExists(atPath: folder.work))
  }

  @Test func aRunThatFailsLeavesItsStagesOrNothing() throws {
    try RunFolder(home.file("build"), force: false).discard()
    #expect(!FileManager.default.fileExists(atPath: home.file("build")))
    let folder = try RunFolder(home.file("build"), force: false)
    try write("saved", to: folder.path + "/.edgepack/stages/compress.stage")
    try write("half", to: folder.staging + "/half")
    folder.discard()
    #expect(try FileManager.default.contentsOfDirectory(atPath: home.file("build/.edgepack")).sorted() == ["lock", "stages"])
  }

  @Test func oneFolderTakesOneRunAtATime() throws {
    let folder = try RunFolder(home.file("build"), force: false)
    do throws(Failure) {
      _ = try RunFolder(home.file("build"), force: true)
      Issue.record("two runs hold one folder")
    } catch { #expect(error.diagnostics.map(\.code) == [.folderBusy]) }
    _ = try RunFolder(home.file("other"), force: false)
    folder.discard()
  }

  @Test func aFolderCalledBestThatHoldsNoBuildIsKept() throws {
    try write("1", to: home.file("build/build.json"))
    try write("mine", to: home.file("build/best/photo.txt"))
    _ = try publish(["build.json": "2"], fits: true)
    #expect(try texts() == ["build.json": "2", "best/photo.txt": "mine"])
  }
}
