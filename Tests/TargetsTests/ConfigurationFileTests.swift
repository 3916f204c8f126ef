import Diagnostics
import TestSupport
import Testing

@testable import Targets

struct ConfigurationFileTests {
  private static let keys = ["model", "data", "max_ram", "shape", "force"]

  private func parse(_ yaml: String) throws(Failure) -> ConfigurationFile {
    try ConfigurationFile.parse(yaml, file: "edgepack.yaml", keys: Self.keys)
  }

  private func faults(_ yaml: String) -> [Diagnostic] {
    do throws(Failure) {
      let file = try parse(yaml)
      Issue.record("this was taken: \(file)")
      return []
    } catch { return error.diagnostics }
  }

  @Test func valuesListsAndVariantsAreReadWithTheirPlaces() throws {
    let file = try parse(
      """
      model: door.onnx   # a comment
      max_ram: 64 MiB
      shape: [a=1, "b=2,3"]
      force: true
      variants:
        small: { max_ram: 128 KiB }
        plain:
      """)
    #expect(file.entries.map(\.key) == ["model", "max_ram", "shape", "force"])
    #expect(file.entries.map(\.texts) == [["door.onnx"], ["64 MiB"], ["a=1", "b=2,3"], ["true"]])
    #expect(file.entries[1].location.line == 2 && file.entries[1].location.column == 10)
    #expect(file.variants.map(\.name) == ["small", "plain"])
    #expect(file.variants[0].entries.map(\.texts) == [["128 KiB"]] && file.variants[1].entries == [])
  }

  @Test(arguments: ["", "# nothing\n", "variants:\n", "variants: {}\n"]) func anEmptyFileSaysNothing(_ yaml: String) throws {
    let file = try parse(yaml)
    #expect(file.entries == [] && file.variants == [])
  }

  @Test func unknownKeysNameTheNearestAllAtOnce() {
    let faults = faults("modle: a\nmax-ram: 1 MiB\nvariants:\n  v: { datta: x }\nsomething_else: 1\n")
    #expect(faults.map(\.code) == Array(repeating: .configurationField, count: 4))
    #expect(faults.map { $0.location?.line } == [1, 2, 4, 5] && faults[2].location?.column == 8)
    #expect(faults.prefix(3).map(\.hint) == ["did you mean `model`?", "did you mean `max_ram`?", "did you mean `data`?"])
    #expect(faults[3].hint == "`edgepack init` writes a file with all keys")
  }

  @Test(arguments: [
    ("model:\n", "has no value"), ("model: { a: b }\n", "single value"), ("shape: [[1]]\n", "list of single values"),
    ("shape: []\n", "list of single values"), ("- model\n", "must be a mapping"), ("variants: [a]\n", "must be a mapping"),
    ("variants: { ../up: {} }\n", "cannot name a variant"), ("variants: { v: 3 }\n", "must be a mapping"),
    ("model: a\nmodel: b\n", "written twice"), ("[a]: b\n", "a key must be a word"),
  ]) func whatAKeyDoesNotTakeIsRefused(_ yaml: String, _ words: String) {
    let faults = faults(yaml)
    #expect(faults.map(\.code) == [.configurationField])
    #expect(faults.first?.message.contains(words) == true, "\(faults)")
  }

  @Test(arguments: ["model: [a\n", "\tmodel: a\n", "a: b\n---\nc: d\n", "model: \"a\n"]) func whatIsNoYAMLIsASyntaxFault(_ yaml: String) {
    #expect(faults(yaml).map(\.code) == [.configurationSyntax])
  }

  @Test func filesThatAreNoneAreRefused() throws {
    let folder = TemporaryFolder()
    for (bytes, code) in [
      ([0xFF, 0xFE], DiagnosticCode.configurationSyntax), (Array(repeating: 0x20, count: 70_000), .configurationSyntax),
    ]
      as [([UInt8], DiagnosticCode)]
    {
      do throws(Failure) {
        _ = try ConfigurationFile.read(path: folder.write(bytes, to: "edgepack.yaml"), keys: Self.keys)
        Issue.record("\(bytes.count) bytes were taken")
      } catch { #expect(error.diagnostics.map(\.code) == [code]) }
    }
    do throws(Failure) {
      _ = try ConfigurationFile.read(path: folder.file("none.yaml"), keys: Self.keys)
      Issue.record("a file that is not there was read")
    } catch { #expect(error.diagnostics.map(\.code) == [.fileNotFound]) }
  }
}
