import Foundation
import TestSupport
import Testing

@testable import Packager

struct StageArchiveTests {
  private let archive = StageArchive(
    key: "0123", value: Data(#"{"a":1}"#.utf8),
    files: [
      StageArchive.File(path: "door", isExecutable: true, content: Data([0, 10, 255])),
      StageArchive.File(path: "golden/empty", isExecutable: false, content: Data()),
    ])

  private func refusal(_ data: Data, key: String = "0123") -> StageArchive.Refusal? {
    do throws(StageArchive.Refusal) {
      _ = try StageArchive(data, key: key)
      return nil
    } catch { return error }
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let data = try archive.encoded()
    let read = try StageArchive(data, key: "0123")
    #expect(read.key == archive.key && read.value == archive.value && read.files == archive.files)
    #expect(try read.encoded() == data)
    let folder = TemporaryFolder()
    try read.restoreFiles(into: folder.path)
    #expect(try StageArchive.files(below: folder.path) == archive.files)
  }

  @Test func anotherKeyIsNoDamage() throws { #expect(refusal(try archive.encoded(), key: "4567") == .otherKey) }

  @Test func everyFlippedBitAndEveryCutIsSeen() throws {
    let data = try archive.encoded()
    for index in data.indices {
      for bit in 0..<8 {
        var flipped = data
        flipped[index] ^= 1 << bit
        #expect(refusal(flipped) != nil, "bit \(bit) of byte \(index)")
      }
      #expect(refusal(data.prefix(index)) != nil, "cut to \(index) bytes")
    }
    #expect(refusal(data + Data([0])) != nil)
  }

  @Test func aPathThatLeadsOutIsRefused() throws {
    for path in ["../x", "/x", "a/../x", ""] {
      let leading = StageArchive(key: "0123", value: Data(), files: [.init(path: path, isExecutable: false, content: Data([1]))])
      #expect(refusal(try leading.encoded()) == .damaged("\(path) is no path inside a build"))
    }
  }
}
