import Diagnostics
import TestSupport
import Testing

@testable import Report

struct AnswerSchemaTests {
  private static let schema = SchemaValidator.reportSchema

  @Test func theSchemaUsesOnlyWhatTheValidatorUnderstands() {
    #expect(Self.schema["required"] != nil)
    #expect(SchemaValidator.unknownKeywords(Self.schema) == [])
  }

  @Test func everyAnswerIsValid() throws {
    for answer in [Examples.fits, Examples.answer(ramLimit: nil), Examples.answer(ramLimit: 1, smoke: nil)] {
      #expect(SchemaValidator.faults(try JSONValue(try JSONText.encode(answer)), Self.schema) == [])
    }
  }

  @Test func absentFiguresAreNullAndKeysAreSorted() throws {
    let text = try JSONText.encode(Examples.answer(ramLimit: nil, smoke: nil))
    #expect(text.contains(#""smoke" : null"#) && text.contains(#""limit" : null"#) && text.contains(#""sqnr_db" : null"#))
    let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map { $0.split(separator: "\"")[1] }
    #expect(keys == keys.sorted() && keys.count == 15)
    var slashed = Examples.fits
    slashed.files[0].path = "golden/input0.npy"
    #expect(try JSONText.encode(slashed).contains("golden/input0.npy"))
  }

  @Test func whatIsWrittenIsReadBackEqual() throws {
    for answer in [Examples.fits, Examples.answer(ramLimit: nil, smoke: nil)] {
      #expect(try JSONText.decode(Answer.self, from: try JSONText.encode(answer), file: "report.json") == answer)
    }
  }

  @Test(arguments: ["", "{}", "[1]", "{\"schema\": 1}"]) func whatIsNoReportIsRefused(_ text: String) throws {
    do throws(Failure) {
      _ = try JSONText.decode(Answer.self, from: text, file: "report.json")
      Issue.record("\(text) was read")
    } catch { #expect(error.diagnostics.map(\.code) == [.notABuild]) }
  }

  @Test func aFigureThatIsNoNumberIsOurOwnError() throws {
    var answer = Examples.fits
    answer.accuracy.after = .nan
    do throws(Failure) {
      _ = try JSONText.encode(answer)
      Issue.record("NaN was written")
    } catch { #expect(error.diagnostics.map(\.code) == [.internalError]) }
  }

  /// Each change makes the text invalid in one place.
  @Test(arguments: [
    (#""answer" : "fits""#, #""answer" : "perhaps""#), (#""schema" : "1.1""#, #""schema" : "2.0""#),
    (#""samples" : 1000"#, #""samples" : "many""#), (#""samples" : 1000"#, #""samples" : 1000.5"#),
    (#""byte_equal" : true"#, #""byte_equal" : 1"#), (#""lower_bound" : 276480"#, #""upper_bound" : 276480"#),
    (#""recipe" :"#, #""receipt" :"#),
    (#""kind" : "program""#, #""kind" : "virus""#), (#""before" : 0.864"#, #""before" : []"#),
    (#""clock" : 1000000000"#, #""clock" : 1000000000, "color" : "red""#),
  ])
  func aBrokenAnswerIsRejected(_ old: String, _ new: String) throws {
    let text = try JSONText.encode(Examples.fits)
    let range = try #require(text.range(of: old), "the example has no \(old)")
    let broken = text.replacingCharacters(in: range, with: new)
    #expect(!SchemaValidator.faults(try JSONValue(broken), Self.schema).isEmpty)
  }
}
