import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Deployment

struct FolderLockTests {
  private let home = TemporaryFolder()

  private func fault() -> Diagnostic? {
    do throws(Failure) {
      _ = try FolderLock.take(home.file("lock"), for: "build")
      return nil
    } catch { return error.diagnostics.first }
  }

  @Test func theSecondIsToldWhoTheFirstIs() throws {
    let first = try FolderLock.take(home.file("lock"), for: "build")
    let second = try #require(fault())
    #expect(second.code == .folderBusy && second.message == "another edgepack, process \(getpid()) is writing into build")
    withExtendedLifetime(first) {}
  }

  @Test func theLockEndsWithItsOwner() throws {
    do { _ = try FolderLock.take(home.file("lock"), for: "build") }
    #expect(fault() == nil)
    // A file that a killed run left locks nobody out.
    try "99999\n".write(toFile: home.file("lock"), atomically: false, encoding: .utf8)
    #expect(fault() == nil)
  }

  @Test func aFolderThatIsNotThereIsUnwritable() {
    do throws(Failure) {
      _ = try FolderLock.take(home.file("none/lock"), for: "build")
      Issue.record("a lock was taken in a folder that is not there")
    } catch { #expect(error.diagnostics.map(\.code) == [.folderUnwritable]) }
  }
}
