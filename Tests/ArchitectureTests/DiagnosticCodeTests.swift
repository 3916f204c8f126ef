import Diagnostics
import Foundation
import Testing

/// Codes that no test provokes yet, with the reason. A code that is provoked must leave this list.
private let notYetProvoked: [DiagnosticCode: String] = [:]

/// These only draw diagnostics; a code that they name is not provoked.
private let drawings: Set = ["DiagnosticRendererTests.swift", "ProgressRendererTests.swift", "Examples.swift"]

struct DiagnosticCodeTests {
  @Test func everyCodeIsProvokedByATest() throws {
    let tests = try Repository.swiftFiles("Tests").filter { file in
      !file.path.hasPrefix("Tests/ArchitectureTests/") && !drawings.contains { file.path.hasSuffix("/\($0)") }
    }
    for code in DiagnosticCode.allCases {
      let isNamed = tests.contains { $0.text.contains(".\(code)") && namesWhole(".\(code)", in: $0.text) }
      if let reason = notYetProvoked[code] {
        #expect(!isNamed, "\(code) is provoked now; remove it from the list (\(reason))")
      } else {
        #expect(isNamed, "no test provokes .\(code)")
      }
    }
  }

  @Test func errorsPageDescribesEveryCodeOnceInTheOrderOfTheCodes() throws {
    let headings = try Repository.text("docs/errors.md").split(separator: "\n").filter { $0.hasPrefix("### ") }.map { $0.dropFirst(4) }
    #expect(headings.map(String.init) == DiagnosticCode.allCases.map(\.rawValue))
  }

  @Test func everyParagraphOfTheErrorsPageSaysWhatToDo() throws {
    let sections = try Repository.text("docs/errors.md").components(separatedBy: "\n### ").dropFirst()
    for section in sections { #expect(section.contains("What to do:"), "\(section.prefix(30)) does not say what to do") }
  }

  /// `.usage` must not count as found in `.usageText`.
  private func namesWhole(_ name: String, in text: String) -> Bool {
    var rest = text[...]
    while let found = rest.range(of: name) {
      let next = found.upperBound < text.endIndex ? text[found.upperBound] : " "
      if !next.isLetter && !next.isNumber && next != "_" { return true }
      rest = text[found.upperBound...]
    }
    return false
  }
}
