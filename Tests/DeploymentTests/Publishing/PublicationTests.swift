import Diagnostics
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Deployment

/// Publishing is stopped before every single change that it makes, as a kill would, and looked at.
struct PublicationTests {
  private let home = TemporaryFolder()
  private let old = ["build.json": "old", "door": "old program", "gone": "old", "golden/input0.npy": "old", "same": "same"]
  private let new = ["build.json": "new", "door": "new program", "added/deep/x": "new", "golden/input0.npy": "new", "same": "same"]

  /// What makes the folder one in which files are moved one by one.
  private let foreign = ["notes.txt": "mine", "golden/photo": "mine"]

  private func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: false, encoding: .utf8)
  }

  private func writeBuild(_ files: [String: String], to folder: String) throws {
    for (path, text) in files { try write(text, to: folder + "/" + path) }
    try write(files.keys.sorted().map { "0000  \($0)\n" }.joined(), to: folder + "/SHA256SUMS")
  }

  /// Every file of a folder, edgepack's working folder and the checksums aside.
  private func texts(_ folder: String) -> [String: String] {
    var texts: [String: String] = [:]
    for path in BuildFiles.paths(below: folder) where !path.hasPrefix(".edgepack/") && !path.hasSuffix("SHA256SUMS") {
      texts[path] = try? String(contentsOfFile: folder + "/" + path, encoding: .utf8)
    }
    return texts
  }

  private struct Setting: Sendable, CustomTestStringConvertible {
    var hasOld = true
    var hasForeign = false
    var intoBest = false
    var hasBest = false
    var testDescription: String { "old \(hasOld), foreign \(hasForeign), into best \(intoBest), best \(hasBest)" }
  }

  private static let settings = [false, true].flatMap { hasForeign in
    [
      Setting(hasForeign: hasForeign), Setting(hasOld: false, hasForeign: hasForeign), Setting(hasForeign: hasForeign, hasBest: true),
      Setting(hasForeign: hasForeign, intoBest: true), Setting(hasForeign: hasForeign, intoBest: true, hasBest: true),
    ]
  }

  private func prepare(_ setting: Setting, _ name: String) throws -> String {
    let folder = home.file(name)
    if setting.hasOld { try writeBuild(old, to: folder) }
    if setting.hasBest { try writeBuild(["build.json": "old best", "tried": "old"], to: folder + "/best") }
    if setting.hasForeign {
      for (path, text) in foreign { try write(text, to: folder + "/" + path) }
      if setting.hasBest { try write("mine", to: folder + "/best/photo") }
    }
    try write("", to: folder + "/" + Publication.lockFile)
    try write("saved", to: folder + "/.edgepack/stages/compile.stage")
    try writeBuild(new, to: folder + "/" + Publication.stagingFolder)
    return folder
  }

  private func expected(_ setting: Setting, isPublished: Bool) -> [String: String] {
    var files: [String: String] = setting.hasOld && !(isPublished && !setting.intoBest) ? old : [:]
    if setting.hasForeign { files.merge(foreign) { $1 } }
    if setting.hasForeign, setting.hasBest { files["best/photo"] = "mine" }
    if setting.hasBest, !isPublished { files.merge(["best/build.json": "old best", "best/tried": "old"]) { $1 } }
    guard isPublished else { return files }
    return files.merging(setting.intoBest ? Dictionary(uniqueKeysWithValues: new.map { ("best/" + $0, $1) }) : new) { $1 }
  }

  private func publish(_ folder: String, _ setting: Setting, before: @escaping @Sendable (String) throws(Failure) -> Void) throws(Failure) {
    let changes = FolderChanges(in: folder, waitsForDisk: false, before: before)
    _ = try Publication(folder: folder, changes: changes).publish(
      intoBest: setting.intoBest, keeping: [Publication.lockFile, ".edgepack/stages/compile.stage"])
  }

  @Test(arguments: settings)
  private func aKillBeforeAnyChangeLeavesTheOldBuildOrTheNewOne(_ setting: Setting) throws {
    // Once undisturbed, to know the changes.
    let changes = Mutex<[String]>([])
    let whole = try prepare(setting, "whole")
    try publish(whole, setting) { change throws(Failure) in changes.withLock { $0.append(change) } }
    #expect(texts(whole) == expected(setting, isPublished: true))
    #expect(FileManager.default.fileExists(atPath: whole + "/.edgepack/stages/compile.stage"))
    let count = changes.withLock { $0.count }
    #expect(count >= 2)

    var seen: Set<[String: String]> = []
    for stop in 0..<count {
      let folder = try prepare(setting, "stopped\(stop)")
      let made = Mutex(0)
      #expect(throws: Failure.self) {
        try publish(folder, setting) { _ throws(Failure) in
          if made.withLock({
            $0 += 1; return $0 - 1 == stop
          }) {
            throw Failure(.interrupted, "killed")
          }
        }
      }
      let change = changes.withLock { $0[stop] }
      let (before, after) = (expected(setting, isPublished: false), expected(setting, isPublished: true))
      // Where folders change names there is no moment in between; where files are moved, a list says what is left to do.
      if !Publication.isUnfinished(folder) { #expect([before, after].contains(texts(folder)), "killed before: \(change)") }
      #expect(foreign.allSatisfy { texts(folder)[$0.key] == $0.value || !setting.hasForeign }, "killed before: \(change)")

      try Publication.repairForReading(folder)
      #expect([before, after].contains(texts(folder)), "killed before: \(change)")
      try Publication(folder: folder).repair()
      #expect([before, after].contains(texts(folder)), "killed before: \(change)")
      #expect(!Publication.isUnfinished(folder))
      #expect(FileManager.default.fileExists(atPath: folder + "/.edgepack/stages/compile.stage"), "killed before: \(change)")
      seen.insert(texts(folder))
      // Nothing lies beside the folder.
      let beside = try FileManager.default.contentsOfDirectory(atPath: home.path).filter { $0.hasPrefix(".") }
      #expect(beside == [], "killed before: \(change)")
    }
    // A best try where none was before is a single change: a stop before it is the old state, none comes after it.
    let isOneChange = setting.intoBest && !setting.hasBest
    #expect(seen.count == (isOneChange ? 1 : 2), "both the old build and the new one were seen")
  }

  @Test func aRepairThatIsKilledIsRepairedToo() throws {
    let setting = Setting(hasForeign: true)
    let after = expected(setting, isPublished: true)
    for first in 3..<30 {
      let folder = try prepare(setting, "twice\(first)")
      for stop in [first, 1, 2] {
        let made = Mutex(0)
        let changes = FolderChanges(in: folder, waitsForDisk: false) { _ throws(Failure) in
          if made.withLock({
            $0 += 1; return $0 > stop
          }) {
            throw Failure(.interrupted, "killed")
          }
        }
        let publication = Publication(folder: folder, changes: changes)
        if stop == first { _ = try? publication.publish(intoBest: false, keeping: []) } else { try? publication.repair() }
      }
      try Publication(folder: folder).repair()
      #expect([after, expected(setting, isPublished: false)].contains(texts(folder)), "killed after \(first) changes")
    }
  }

  @Test func aFolderThatIsSomebodysWorkingFolderOrALinkKeepsItsIdentity() throws {
    let folder = try prepare(Setting(), "real")
    try FileManager.default.createSymbolicLink(atPath: home.file("link"), withDestinationPath: folder)
    try publish(home.file("link"), Setting()) { _ in }
    #expect(texts(folder) == expected(Setting(), isPublished: true))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: home.file("link")) == folder)
  }

  @Test func whatLiesInTheWayIsNamedBeforeAnythingIsMoved() throws {
    let folder = try prepare(Setting(), "blocked")
    try FileManager.default.removeItem(atPath: folder + "/door")
    try write("mine", to: folder + "/door/mine")
    try write("mine", to: folder + "/added")
    let before = texts(folder)
    do throws(Failure) {
      try publish(folder, Setting()) { _ in }
      Issue.record("it was published over the user's files")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.foreignFolder] && error.diagnostics[0].details == ["added", "door"])
    }
    #expect(texts(folder) == before && !Publication.isUnfinished(folder))
  }

  @Test func aListThatLeadsOutOfTheFolderIsNoList() throws {
    let folder = try prepare(Setting(), "build")
    for path in ["../victim", "/victim", "a//b", "./x"] {
      let list = #"{"schema": 1, "destination": "", "files": [], "removed": ["\#(path)"]}"#
      try write(list, to: folder + "/.edgepack/publish.json")
      #expect(!Publication.isUnfinished(folder), "\(path)")
    }
    try write("0000  ../victim\n", to: folder + "/SHA256SUMS")
    #expect(BuildFiles(in: folder).names == ["SHA256SUMS"])
  }

  @Test func aFullOrForbiddenPlaceIsNamed() {
    #expect(throws: Failure.self) { try writeDurably(Data([1]), to: home.file("none/x"), in: "build") }
    let full = Failure.unwritable("x", in: home.path, errorNumber: ENOSPC, needed: 4096)
    #expect(full.diagnostics[0].code == .noSpace && full.diagnostics[0].message.contains("4096 bytes were to be written"))
    #expect(full.diagnostics[0].message.contains("bytes are free") && full.diagnostics[0].location?.file == home.path)
    do {
      try Data(count: 1 << 16).write(to: URL(fileURLWithPath: "/dev/full"))
      Issue.record("/dev/full took bytes")
    } catch {
      #expect(Failure.unwritable("x", in: home.path, error).diagnostics[0].code == .noSpace)
    }
    #expect(Failure.unwritable("x", in: home.path, errorNumber: EACCES).diagnostics[0].code == .folderUnwritable)
  }
}
