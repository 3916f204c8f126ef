import Diagnostics
import Testing

struct DiagnosticTests {
  @Test func longTextsKeepBeginningAndEnd() {
    let name = String(repeating: "ä", count: 100_000)
    let diagnostic = Diagnostic(.corruptModel, "begin \(name) end", at: Location(file: "m", element: name), hint: name)
    #expect(diagnostic.message.count < 1100 && diagnostic.message.hasPrefix("begin ä") && diagnostic.message.hasSuffix("ä end"))
    #expect((diagnostic.hint?.count ?? 0) < 1100 && (diagnostic.location?.element?.count ?? 0) < 400)
  }

  @Test func shortTextsStayAsTheyAre() {
    let text = String(repeating: "x", count: 1000)
    let diagnostic = Diagnostic(.corruptModel, text, details: ["a", text])
    #expect(diagnostic.message == text && diagnostic.details == ["a", text])
  }

  @Test func hundredsOfFaultsAreCounted() {
    let failure = Failure((0..<350).map { Diagnostic(.profileField, "fault \($0)") })
    #expect(failure.diagnostics.count == 100)
    #expect(failure.diagnostics[99].message == "fault 99")
    #expect(failure.diagnostics[99].details == ["and 250 more faults like these"])
    let many = Diagnostic(.profileField, "m", details: (0..<150).map { "detail \($0)" })
    #expect(many.details.count == 101 && many.details[100] == "and 50 more")
  }

  @Test func onlyFaultsWithoutAPlaceAreGivenOne() {
    let known = Location(file: "a"), other = Location(file: "b")
    let failure = Failure([Diagnostic(.invalidGraph, "m"), Diagnostic(.invalidGraph, "n", at: known)])
    #expect(failure.placed(at: other).diagnostics.map(\.location) == [other, known])
    let thrown = #expect(throws: Failure.self) { try placingFaults(at: other) { () throws(Failure) in throw failure } }
    #expect(thrown == failure.placed(at: other))
  }
}
