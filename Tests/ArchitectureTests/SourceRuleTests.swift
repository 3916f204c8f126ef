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

  @Test func everyPublicTypeSaysWhatItIs() throws {
    for file in try Repository.swiftFiles("Sources") where !Repository.isGenerated(file) {
      let lines = file.lines
      for (index, line) in lines.enumerated() where line.hasPrefix("public ") {
        let words = line.split(separator: " ")
        guard words.contains(where: { ["struct", "enum", "class", "protocol"].contains($0) }) else { continue }
        let before = lines[..<index].last { !$0.hasPrefix("@") && !isEmptyType($0) } ?? ""
        #expect(before.hasPrefix("///"), "\(file.path):\(index + 1) has no documentation")
      }
    }
  }

  /// What users read must name every operator of the registry.
  @Test func documentationNamesEveryOperator() throws {
    let docs = try documents().map(\.text).joined(separator: "\n")
    var operators = 0
    for file in try Repository.swiftFiles("Sources/ModelGraph/Operators") where file.text.contains(": OperatorAttributes") {
      for line in file.lines where line.contains("static let name") {
        guard let name = line.split(separator: "\"").dropFirst().first else { continue }
        operators += 1
        let isNamed = docs.contains(name)
        #expect(isNamed, "neither README.md nor docs/ names the operator \(name)")
      }
    }
    #expect(operators >= 10, "the registry was not understood")
  }

  @Test func documentationNamesOnlyFilesThatExist() throws {
    for document in try documents() {
      let parts = document.text.split(separator: "`", omittingEmptySubsequences: false)
      for quoted in parts.enumerated().filter({ $0.offset % 2 == 1 }).map(\.element) {
        // `Operators/X.swift` stands for a family of files.
        guard quoted.hasPrefix("Sources/"), quoted.hasSuffix(".swift"), !quoted.contains("X.swift"), !quoted.contains("*") else {
          continue
        }
        let exists = FileManager.default.fileExists(atPath: Repository.root.appendingPathComponent(String(quoted)).path)
        #expect(exists, "\(document.path) names \(quoted), which does not exist")
      }
    }
  }

  /// One comment may stand above several namespaces: `public enum Portable {}`.
  private func isEmptyType(_ line: Substring) -> Bool { line.hasPrefix("public enum ") && line.hasSuffix("{}") }

  private func documents() throws -> [Repository.File] {
    let folder = Repository.root.appendingPathComponent("docs")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }.sorted().map {
      "docs/\($0)"
    }
    let readme = FileManager.default.fileExists(atPath: Repository.root.appendingPathComponent("README.md").path) ? ["README.md"] : []
    return try (readme + pages).map { Repository.File(path: $0, text: try Repository.text($0)) }
  }
}
