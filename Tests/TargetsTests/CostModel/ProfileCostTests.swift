import Diagnostics
import Testing

@testable import Targets

struct ProfileCostTests {
  static let cost = """
    cost:
      run: 5 us
      noise: 4 %
      bandwidth: { l2: 4 GB/s, dram: 1.0 to 2.0 GB/s }
      source: "measured with a watch"
      convolution: { step: 1 us, mac: 0.25 to 0.5 ns, patch_byte: 80 ps, spread: 12 % }
      depthwise_3x3: { mac: 1 ns, edge: 2 ns, source: "published: somewhere" }
      other: { step: 200 ns to 1 us, element: 2 ns }
    """

  @Test func everyTermArrivesInMilliseconds() throws {
    let read = try ProfileReader.parse(ProfileReaderTests.complete + "\n" + Self.cost, file: "a.yaml")
    #expect(read.warnings == [])
    let cost = try #require(read.profile.cost)
    #expect(cost.run == Interval(5e-3) && cost.noise == 0.04 && cost.source == "measured with a watch")
    #expect(cost.bandwidth(.dram) == Interval(1e9, 2e9) && cost.bandwidth(.l2) == Interval(4e9) && cost.bandwidth(.l3) == nil)
    let convolution = try #require(cost.row(.convolution))
    #expect(convolution.spread == 0.12 && convolution.terms.map(\.unit) == [.step, .mac, .patchByte])
    #expect(convolution.terms[1].cost == Interval(0.25e-6, 0.5e-6) && abs(convolution.terms[2].cost.low - 80e-9) < 1e-18)
    #expect(cost.row(.depthwise3x3)?.source == "published: somewhere")
    let other = try #require(cost.row(.softmax))
    #expect(other.kind == nil && abs(other.terms[0].cost.low - 200e-6) < 1e-15 && other.terms[0].cost.high == 1e-3)
  }

  @Test func figuresWithoutASourceAreWarnedAbout() throws {
    let text = Self.cost.replacing("  source: \"measured with a watch\"\n", with: "")
    let warnings = try ProfileReader.parse(ProfileReaderTests.complete + "\n" + text, file: "a.yaml").warnings
    #expect(warnings.map(\.message) == ["convolution", "other"].map { "`cost.\($0)` does not say where its figures come from" })
  }

  @Test(arguments: [
    ("mac: 0.25 to 0.5 ns", "mac: 0.5 to 0.25 ns", DiagnosticCode.profileValue, 6, 35, "`0.5 to 0.25 ns` is out of range"),
    ("mac: 0.25 to 0.5 ns", "mac: 0.5", .profileValue, 6, 35, "`0.5` has no unit"),
    ("mac: 0.25 to 0.5 ns", "mac: 0.5 W", .profileValue, 6, 39, "unknown unit in `0.5 W`"),
    ("mac: 0.25 to 0.5 ns", "macs: 0.5 ns", .profileField, 6, 30, "unknown key `macs` in `cost.convolution`"),
    ("edge: 2 ns", "element: 2 ns", .profileField, 7, 31, "unknown key `element` in `cost.depthwise_3x3`"),
    ("l2: 4 GB/s", "l2: 0 GB/s", .profileValue, 4, 20, "`cost.bandwidth.l2` must be above 0"),
    ("other:", "others:", .profileField, 8, 3, "unknown key `others` in `cost`"),
    ("run: 5 us", "run: [5]", .profileValue, 2, 8, "`cost.run` must be a number with a unit, not a list"),
  ])
  func faultsHaveTheirPlace(_ old: String, _ new: String, _ code: DiagnosticCode, _ line: Int, _ column: Int, _ message: String) throws {
    let head = ProfileReaderTests.complete + "\n"
    let text = head + Self.cost.replacing(old, with: new)
    do throws(Failure) {
      _ = try ProfileReader.parse(text, file: "a.yaml")
      Issue.record("\(new) was read")
    } catch {
      let fault = try #require(error.diagnostics.first { $0.severity == .error })
      #expect(fault.code == code && fault.message == message)
      #expect(fault.location?.line == line + head.split(separator: "\n").count && fault.location?.column == column)
    }
  }

  @Test func anUnknownEnergyTermNamesTheNearest() throws {
    let text = ProfileReaderTests.complete.replacing("int8_mac: 8.2 pJ", with: "int8_macs: 8.2 pJ")
    do throws(Failure) {
      _ = try ProfileReader.parse(text, file: "a")
      Issue.record("it was read")
    } catch { #expect(error.diagnostics.first?.hint == "did you mean `int8_mac`?") }
  }
}

struct ProfileWriterTests {
  @Test func whatIsWrittenIsReadBackEqual() throws {
    let texts = [ProfileReaderTests.complete, ProfileReaderTests.complete + "\n" + ProfileCostTests.cost]
    var profiles = try texts.map { try ProfileReader.parse($0, file: "a").profile }
    let library = try TargetLibrary.standard(environment: [:])
    for name in library.names { profiles.append(try library.profile(name).profile) }
    profiles[0].power?.active = Interval(1100, 1800)
    profiles[0].summary = "a \"quoted\" name: with # and \\"
    profiles[0].name = "no"
    profiles[0].cpu.threads = 2
    for profile in profiles {
      let text = ProfileWriter.yaml(profile, comment: ["one", "two"])
      let read = try ProfileReader.parse(text, file: "written.yaml")
      #expect(read.warnings == [] && text.hasPrefix("# one\n# two\n"))
      #expect(nearlyEqual(read.profile, profile), "\(profile.name):\n\(text)")
      // Four digits are kept: what is written a second time does not change.
      #expect(ProfileWriter.yaml(read.profile, comment: ["one", "two"]) == text)
    }
  }

  @Test func quantitiesAreInUnitsThatSuitThem() {
    #expect(ProfileWriter.quantity(1.23456e-5, .time) == "12.35 ns" && ProfileWriter.quantity(5e-3, .time) == "5 us")
    #expect(ProfileWriter.quantity(49_152, .memory) == "48 KiB" && ProfileWriter.quantity(1_000_001, .memory) == "1000001 B")
    #expect(ProfileWriter.quantity(0, .time) == "0 ms" && ProfileWriter.quantity(1.5e9, .bandwidth) == "1.5 GB/s")
    #expect(ProfileWriter.interval(Interval(0.25e-6, 0.5e-6), .time) == "250 ps to 500 ps")
  }

  /// Apart from what four digits cannot tell.
  private func nearlyEqual(_ a: TargetProfile, _ b: TargetProfile) -> Bool {
    var a = a
    guard let costA = a.cost, let costB = b.cost else { return a == b }
    let terms = zip(costA.rows, costB.rows).flatMap { zip($0.terms, $1.terms) }
    let areNear = terms.allSatisfy { $0.unit == $1.unit && abs($0.cost.high - $1.cost.high) <= 1e-3 * $1.cost.high }
    a.cost = costB
    return areNear && costA.rows.map(\.kind) == costB.rows.map(\.kind) && costA.bandwidths.map(\.level) == costB.bandwidths.map(\.level)
      && a == b
  }
}

struct ProfileTemplateTests {
  @Test func theTemplateIsAGoodProfileAsItIs() throws {
    let read = try ProfileReader.parse(ProfileTemplate.yaml(name: "door cam"), file: "new.yaml")
    #expect(read.warnings == [] && read.profile.name == "doorcam")
    #expect(try ProfileReader.parse(ProfileTemplate.yaml(name: "?"), file: "new.yaml").profile.name == "my-board")
  }

  @Test func soIsTheTemplateWithItsSuggestionsTakenUp() throws {
    // A comment that holds a key is a suggestion; `# Limits; …` and its like have none.
    let lines = ProfileTemplate.yaml(name: "a").split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.contains(/^[ ]*# *[a-z_]+:/) ? line.replacing("# ", with: "", maxReplacements: 1) : line
    }
    let read = try ProfileReader.parse(lines.joined(separator: "\n"), file: "new.yaml")
    #expect(read.profile.cost?.rows.count == 1 && read.profile.power?.duty == 1 && read.profile.budget.coldLatency == 500)
  }
}
