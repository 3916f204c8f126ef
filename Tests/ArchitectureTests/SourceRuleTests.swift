import Foundation
import Testing

struct SourceRuleTests {
  @Test func noFileIsLongerThan800Lines() throws {
    for file in try Repository.swiftFiles("Sources") + Repository.swiftFiles("Tests") where !Repository.isGenerated(file) {
      #expect(file.lines.count <= 800, "\(file.path) has \(file.lines.count) lines; split it by subject")
    }
  }

  @Test func noLineIsLongerThan140Characters() throws {
    for file in try Repository.swiftFiles("Sources") + Repository.swiftFiles("Tests") where !Repository.isGenerated(file) {
      for (index, line) in file.lines.enumerated() {
        #expect(line.count <= 140, "\(file.path):\(index + 1) has \(line.count) characters")
      }
    }
  }

  /// User input must not trap. What is our own fault is a `precondition` with a sentence.
  @Test(arguments: ["fatalError(", "try!", " as! "])
  func sourcesDoNotUse(_ trap: String) throws {
    for file in try Repository.swiftFiles("Sources") where !Repository.isGenerated(file) && !file.path.contains("/DeviceRuntime/") {
      for (index, line) in file.lines.enumerated() where line.contains(trap) && !line.drop(while: { $0 == " " }).hasPrefix("//") {
        Issue.record("\(file.path):\(index + 1) uses `\(trap)`")
      }
    }
  }

  @Test func nothingIsLeftForLater() throws {
    for file in try Repository.swiftFiles("Sources") where !Repository.isGenerated(file) {
      // Spelled in two parts, so that this file does not find itself.
      for mark in ["TO" + "DO", "FIX" + "ME", "XX" + "X"] {
        #expect(!file.text.contains(mark), "\(file.path) contains \(mark)")
      }
    }
  }

  @Test func theLicenceIsApache2() throws {
    let licence = try Repository.text("LICENSE")
    #expect(licence.contains("Apache License") && licence.contains("Version 2.0"))
  }

  /// docs/adding-an-operator.md leads to every place; it must not forget one of the registry's cases or name a file that is gone.
  @Test func documentationNamesOnlyFilesThatExist() throws {
    let folder = Repository.root.appendingPathComponent("docs")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).filter({ $0.hasSuffix(".md") }).sorted() {
      let text = try Repository.text("docs/\(name)")
      for quoted in text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter({ $0.offset % 2 == 1 }).map(\.element)
      {
        guard quoted.hasPrefix("Sources/"), quoted.hasSuffix(".swift"), !quoted.contains("X.swift"), !quoted.contains("*") else { continue }
        let exists = FileManager.default.fileExists(atPath: Repository.root.appendingPathComponent(String(quoted)).path)
        #expect(exists, "docs/\(name) names \(quoted), which does not exist")
      }
    }
  }
}
