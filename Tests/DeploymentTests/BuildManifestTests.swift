import Diagnostics
import Foundation
import Testing

@testable import Deployment

struct BuildManifestTests {
  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder(purpose: "test")
    defer { folder.remove() }
    try body(folder.url)
  }

  @Test(arguments: TinyBuild.Architecture.allCases)
  func manifestIsReadBackAsItWasSaved(architecture: TinyBuild.Architecture) throws {
    try withFolder { folder in
      let manifest = TinyBuild.manifest(architecture)
      try manifest.save(folder: folder)
      #expect(try BuildManifest.load(folder: folder) == manifest)
    }
  }

  /// The processor's features are a set, whose order differs from run to run; the file's must not.
  @Test func equalManifestsGiveEqualBytes() throws {
    try withFolder { folder in
      try TinyBuild.manifest(.arm64).save(folder: folder)
      let text = try String(contentsOf: folder.appendingPathComponent("build.json"), encoding: .utf8)
      let features = try #require(text.firstRange(of: #/"features" : \[\s*"avx2",\s*"dotprod",\s*"fpu",\s*"neon"\s*\]/#))
      #expect(!features.isEmpty)
      #expect(text.contains("\"int8_mac\" : {") && text.contains("\"arena_bytes\" : 64"))
    }
  }

  @Test func folderWithoutManifestIsNoBuildAndSaysHowToMakeOne() throws {
    try withFolder { folder in
      let failure = #expect(throws: Failure.self) { try BuildManifest.load(folder: folder) }
      #expect(failure?.diagnostics.map(\.code) == [.notABuild])
      #expect(failure?.diagnostics.first?.hint?.contains("edgepack MODEL.onnx --data") == true)
    }
  }

  /// What is changed in a good manifest, and what the message has to name.
  @Test(arguments: [
    ("\"schema\" : 1", "\"schema\" : 2", "schema is 2"),
    ("\"program\" : \"tiny\"", "\"program\" : \"../tiny\"", "program is no path inside"),
    ("\"weights\" : \"tiny.epk\"", "\"weights\" : \"/etc/passwd\"", "weights is no path inside"),
    ("\"arena_bytes\" : 64", "\"arena_bytes\" : -1", "arena_bytes"),
    ("\"golden_cases\" : 1", "\"golden_cases\" : 5", "golden_cases is 5"),
    ("\"scale\" : 0.25", "\"scale\" : 0", "output.scale"),
    ("      4\n", "      4611686018427387904, 4\n", "input.shape"),
    ("      2\n", "      -2\n", "output.shape"),
    ("\"kind\" : \"program\"", "\"kind\" : \"poem\"", "kind has an unknown value"),
    ("\"stack_bytes\" : 512,", "", "stackBytes is missing"),
    ("\"name\" : \"tiny\"", "\"name\" : 5", "name has the wrong type"),
    ("{\n", "[", "it is no JSON"),
  ])
  func damagedManifestIsNoBuild(from: String, to: String, message: String) throws {
    try withFolder { folder in
      try TinyBuild.manifest(.x86_64).save(folder: folder)
      let file = folder.appendingPathComponent("build.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      let place = try #require(text.range(of: from))
      try text.replacingCharacters(in: place, with: to).write(to: file, atomically: true, encoding: .utf8)
      let failure = #expect(throws: Failure.self) { try BuildManifest.load(folder: folder) }
      let diagnostic = try #require(failure?.diagnostics.first)
      #expect(diagnostic.code == .notABuild)
      #expect(([diagnostic.message] + diagnostic.details).contains { $0.contains(message) }, "\(diagnostic)")
    }
  }

  @Test func allFaultsAreNamedAtOnce() throws {
    try withFolder { folder in
      var manifest = TinyBuild.manifest(.arm64)
      manifest.schema = 9
      manifest.arenaBytes = -1
      manifest.goldenCases = 7
      try manifest.save(folder: folder)
      let failure = #expect(throws: Failure.self) { try BuildManifest.load(folder: folder) }
      #expect(failure?.diagnostics.first?.details.count == 3)
    }
  }

  @Test func manifestCutShortIsAFaultAndNoTrap() throws {
    try withFolder { folder in
      try TinyBuild.manifest(.arm64).save(folder: folder)
      let file = folder.appendingPathComponent("build.json")
      let data = try Data(contentsOf: file)
      for length in stride(from: 0, to: data.count - 2, by: 7) {
        try data.prefix(length).write(to: file)
        #expect(throws: Failure.self) { try BuildManifest.load(folder: folder) }
      }
    }
  }

  @Test func unwritableFolderIsNamed() {
    let failure = #expect(throws: Failure.self) {
      try TinyBuild.manifest(.arm64).save(folder: URL(fileURLWithPath: "/proc/edgepack"))
    }
    #expect(failure?.diagnostics.first?.code == .folderUnwritable)
  }
}
