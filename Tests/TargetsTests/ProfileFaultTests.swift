import Diagnostics
import Foundation
import Testing

@testable import Targets

/// One replacement in a good profile, and the one fault that it must give.
struct ProfileFault: Sendable, CustomTestStringConvertible {
  var replace: String
  var with: String
  var code: DiagnosticCode
  var place: String
  var length: Int
  var message: String
  var label: String?
  var hint: String?

  init(
    _ replace: String, _ with: String, _ code: DiagnosticCode, _ place: String, _ length: Int, _ message: String, label: String? = nil,
    hint: String? = nil
  ) {
    self.replace = replace
    self.with = with
    self.code = code
    self.place = place
    self.length = length
    self.message = message
    self.label = label
    self.hint = hint
  }

  var testDescription: String { "\(replace) → \(with)" }

  static let table: [ProfileFault] = [
    // Units
    .init(
      "2.0 GB/s", "2000 MB/sec", .profileValue, "12:54", 6, "unknown unit in `2000 MB/sec`",
      label: "expected B/s, KB/s, MB/s or GB/s", hint: "write `2000 MB/s`"),
    .init(
      "1.2 GHz", "1.2 ghz", .profileValue, "8:14", 3, "unknown unit in `1.2 ghz`", label: "expected Hz, kHz, MHz or GHz",
      hint: "write `1.2 GHz`"),
    .init("0.4 W", "'0.4 Watt'", .profileValue, "13:21", 4, "unknown unit in `0.4 Watt`", label: "expected mW, uW or W"),
    .init("64 MiB", "64", .profileValue, "15:8", 2, "`64` has no unit", hint: "write `64 MiB`"),
    .init("50 ms", "50", .profileValue, "17:12", 2, "`50` has no unit", hint: "write `50 ms`"),
    .init("50 ms", "fast", .profileValue, "17:12", 4, "`fast` is not a number with a unit"),
    .init("50 ms", "-1 ms", .profileValue, "17:12", 5, "`-1 ms` is out of range"),
    .init("512 MiB,", "99999999999999999999999 GiB,", .profileValue, "12:16", 27, "`99999999999999999999999 GiB` is out of range"),
    .init("cores: 4", "cores: 99999999999999999999999", .profileValue, "7:10", 23, "`cpu.cores` must be a whole number from 1 to 1024"),
    .init(
      "cores: 4", "cores: 4\n  threads: 5", .profileValue, "8:12", 1, "`cpu.threads` must be a whole number from 1 to 4",
      label: "expected 1 to 4"),
    .init("cores: 4", "cores: 4.5", .profileValue, "7:10", 3, "`cpu.cores` must be a whole number from 1 to 1024"),
    .init("512 MiB,", "0.3 B,", .profileValue, "12:16", 5, "`memory.ram` must be a whole number of bytes above 0"),
    .init("1 pt", "1 %", .profileValue, "21:28", 1, "unknown unit in `1 %`", label: "expected pt"),
    // Types
    .init("1.2 GHz", "[1]", .profileValue, "8:10", 1, "`cpu.clock` must be a number with a unit, not a list"),
    .init("1.2 GHz", "", .profileValue, "8:9", 1, "`cpu.clock` must be a number with a unit, not empty"),
    .init("{ line: 64, l1d: 32 KiB, l2: 512 KiB }", "big", .profileValue, "9:10", 3, "`cpu.cache` must be a mapping, not a single value"),
    .init("[neon, dotprod]", "neon", .profileValue, "6:13", 4, "`cpu.features` must be a list, not a single value"),
    .init("name: board", "name: {}", .profileValue, "1:7", 1, "`name` must be a text, not a mapping"),
    // Choices
    .init(
      "isa: arm64", "isa: amr64", .profileValue, "4:8", 5, "`cpu.isa` cannot be `amr64`",
      label: "expected arm64, x86_64, armv7em or riscv32", hint: "did you mean `arm64`?"),
    .init("dotprod]", "dotprot]", .profileValue, "6:20", 7, "`cpu.features` cannot be `dotprot`", hint: "did you mean `dotprod`?"),
    .init("kind: qemu-system", "kind: bochs", .profileValue, "22:19", 5, "`emulator.kind` cannot be `bochs`"),
    .init("os: linux", "os: [linux]", .profileValue, "11:5", 1, "`os` cannot be a list"),
    .init("page: 4 KiB", "page: 5 KiB", .profileValue, "12:31", 5, "`memory.page` must be a power of two"),
    // Keys
    .init(
      "clock:", "clokc:", .profileField, "8:3", 5, "unknown key `clokc` in `cpu`",
      label: "expected isa, core, features, cores, threads, clock, cache or source", hint: "did you mean `clock`?"),
    .init("optimize:", "zzz:", .profileField, "23:1", 3, "unknown key `zzz`"),
    .init("  isa: arm64\n", "", .profileField, "4:3", 1, "`cpu.isa` is missing", hint: "add `isa:` to `cpu`"),
    .init("page: 4 KiB, ", "", .profileField, "12:9", 1, "`memory.page` is missing"),
    .init("machine: virt, ", "", .profileField, "22:11", 1, "`emulator.machine` is missing"),
    .init("cores: 4", "cores: 4\n  cores: 5", .profileField, "7:3", 5, "`cores` is written twice in one mapping", hint: "keep one of them"),
    .init("cores: 4", "[a]: 4", .profileField, "7:3", 1, "a key must be a word, not a list"),
    .init("  cores: 4\n", "  <<: { cores: 2 }\n", .profileField, "7:3", 2, "unknown key `<<` in `cpu`"),
    // YAML
    .init(
      "cores: 4", "\tcores: 4", .profileSyntax, "7:3", 1, "while scanning for the next token: found character that cannot start any token"),
    .init("[neon, dotprod]", "[neon", .profileSyntax, "7:8", 1, "while parsing a flow sequence: did not find expected ',' or ']'"),
    .init("flash: 32MiB", "flash: *limit", .profileSyntax, "16:10", 1, "found undefined alias"),
    .init("summary: a board", "summary: a: b", .profileSyntax, "2:11", 1, "mapping values are not allowed in this context"),
  ]
}

struct ProfileFaultTests {
  @Test(arguments: ProfileFault.table) func oneFaultIsReportedAtItsPlace(_ fault: ProfileFault) throws {
    let range = try #require(ProfileReaderTests.complete.range(of: fault.replace))
    let text = ProfileReaderTests.complete.replacingCharacters(in: range, with: fault.with)
    do throws(Failure) {
      _ = try ProfileReader.parse(text, file: "board.yaml")
      Issue.record("no fault was found")
    } catch {
      let errors = error.diagnostics.filter { $0.severity == .error }
      let found = try #require(errors.first)
      #expect(errors.count == 1)
      let place = "\(found.location?.line ?? 0):\(found.location?.column ?? 0)"
      #expect(found.code == fault.code && place == fault.place && found.location?.length == fault.length && found.message == fault.message)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let line = try #require(found.location?.line)
      #expect(found.location?.excerpt == String(lines[line - 1]))
      if let label = fault.label { #expect(found.location?.label == label) }
      if let hint = fault.hint { #expect(found.hint == hint) }
    }
  }

  @Test(arguments: ["", "\n\n", "# only a comment\n", "---\n"]) func anEmptyFileIsNoProfile(_ text: String) {
    #expect(codes(text) == (text == "---\n" ? [.profileValue] : [.profileSyntax]))
  }

  @Test(arguments: ["just words", "- a\n- b\n", "3"]) func aFileThatIsNoMappingIsNoProfile(_ text: String) {
    #expect(codes(text) == [.profileValue])
  }

  @Test func secondDocumentsControlCharactersAndDeepNestingAreSyntaxFaults() {
    #expect(codes(ProfileReaderTests.complete + "\n---\nname: b\n") == [.profileSyntax])
    #expect(codes("name: \u{1}") == [.profileSyntax])
    #expect(codes("name: " + String(repeating: "[", count: 30_000)) == [.profileSyntax])
    #expect(codes(String(repeating: "a: {", count: 5_000)) == [.profileSyntax])
  }

  @Test func filesThatCannotBeProfilesAreRefusedByName() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(code(reading: folder.path + "/none.yaml") == .fileNotFound)
    #expect(code(reading: folder.path) == .fileUnreadable)
    let large = folder.appendingPathComponent("large.yaml")
    try Data(repeating: 0x23, count: 70_000).write(to: large)
    #expect(code(reading: large.path) == .profileSyntax)
    let binary = folder.appendingPathComponent("binary.yaml")
    try Data([0x6e, 0xff, 0xfe, 0x00]).write(to: binary)
    #expect(code(reading: binary.path) == .profileSyntax)
  }

  /// Whatever happens to the bytes of a file: an answer, never a trap; and places that exist.
  @Test func damagedProfilesNeverTrap() {
    let seed: UInt64 = 20_260_901
    var random = SeededGenerator(seed: seed)
    let original = Array(ProfileReaderTests.complete.utf8)
    for round in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<max(1, bytes.count), using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...127, using: &random)
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 9))
        case 2: bytes.insert(contentsOf: Array("{[:]}\t\r\n&*|>'\"%é\u{2028}".utf8).shuffled(using: &random).prefix(3), at: at)
        case 3: bytes.swapAt(at, Int.random(in: 0..<bytes.count, using: &random))
        default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: at)
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(Failure) { _ = try ProfileReader.parse(text, file: "a") } catch {
        for diagnostic in error.diagnostics {
          guard let location = diagnostic.location, let excerpt = location.excerpt, let column = location.column else { continue }
          #expect(column >= 1 && column <= excerpt.unicodeScalars.count + 1, "seed \(seed), round \(round)")
        }
      }
    }
  }

  private func codes(_ text: String) -> [DiagnosticCode] {
    do throws(Failure) {
      _ = try ProfileReader.parse(text, file: "a")
      return []
    } catch { return error.diagnostics.map(\.code) }
  }

  private func code(reading path: String) -> DiagnosticCode? {
    do throws(Failure) {
      _ = try ProfileReader.read(file: path)
      return nil
    } catch { return error.diagnostics.first?.code }
  }
}

/// SplitMix64: the same sequence on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
