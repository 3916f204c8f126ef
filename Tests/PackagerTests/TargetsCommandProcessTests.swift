import Foundation
import Targets
import TestSupport
import Testing

/// `edgepack targets …`, through the built program that lies beside the tests.
struct TargetsCommandProcessTests {
  private static let program = Bundle.main.bundleURL.appendingPathComponent("edgepack").path
  private let folder = TemporaryFolder()

  private func targets(_ arguments: String...) throws -> FinishedProcess {
    try FinishedProcess.run([Self.program, "targets"] + arguments, in: URL(fileURLWithPath: folder.path))
  }

  @Test func withoutAVerbTheyAreListed() throws {
    let (bare, list) = (try targets(), try targets("list"))
    #expect(bare.exitCode == 0 && bare.outputText.contains("arm64-4gb") && bare.outputText == list.outputText)
  }

  @Test func aProfileIsShownWithItsSources() throws {
    let shown = try targets("show", "arm64-512mb")
    #expect(shown.exitCode == 0 && shown.outputText.contains("cortex-a53") && shown.outputText.contains("source: published: ncnn"))
    let document = try JSONValue(try targets("show", "arm64-512mb", "--json").outputText)
    #expect(document["target"]?["name"] == .string("arm64-512mb"))
    let unknown = try targets("show", "arm64-512")
    #expect(unknown.exitCode == 2 && unknown.errorText.contains("did you mean"))
  }

  @Test func aNewProfileIsGoodAndIsNotOverwritten() throws {
    let made = try targets("new", "-o", "door-cam.yaml")
    #expect(made.exitCode == 0 && made.outputText.contains("edgepack targets check door-cam.yaml"))
    let checked = try targets("check", "door-cam.yaml")
    #expect(checked.exitCode == 0 && checked.outputText == "door-cam.yaml: door-cam is a good profile, no remarks\n")
    let again = try targets("new", "-o", "door-cam.yaml")
    #expect(again.exitCode == 2 && again.errorText.contains("[folder-unwritable]") && again.errorText.contains("--force"))
    #expect(try targets("new", "-o", "door-cam.yaml", "--force").exitCode == 0)
    #expect(try targets("new").outputText.contains("name: \"my-board\""))
    #expect(try targets("new", "-o", "none/such.yaml").exitCode == 2)
  }

  @Test func allFaultsOfAFileAreReportedWithTheirPlace() throws {
    _ = folder.write(
      Array("name: a\nsummary: b\ncpu: { isa: arm46, core: c }\nos: linux\nmemory: { ram: 1 GiB, page: 4 KB/s }\ncots: {}\n".utf8),
      to: "bad.yaml")
    let checked = try targets("check", "bad.yaml")
    #expect(checked.exitCode == 2 && checked.outputText == "")
    for place in ["bad.yaml:3:13", "bad.yaml:5:31", "bad.yaml:6:1"] { #expect(checked.errorText.contains(place), "\(checked.errorText)") }
    #expect(checked.errorText.contains("did you mean `cost`?"))
    #expect(try targets("check", "none.yaml").exitCode == 2)
  }

  @Test func emulatorsAndExistingFilesAreRefusedBeforeAnythingIsTimed() throws {
    let emulated = try targets("measure", "--on", "machine", "-o", "a.yaml")
    #expect(emulated.exitCode == 2 && emulated.errorText.contains("no clock of its own"))
    _ = folder.write([1], to: "mine.yaml")
    #expect(try targets("measure", "-o", "mine.yaml").exitCode == 2)
    #expect(try targets("measure", "-o", "b.yaml", "--rounds", "0").errorText.contains("[usage]"))
  }
}
