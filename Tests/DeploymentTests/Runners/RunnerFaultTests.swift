import Diagnostics
import Foundation
import Testing

@testable import Deployment

/// What runners say before anything is started.
struct RunnerFaultTests {
  private func failure(
    of place: ProofPlace, _ arguments: [String] = ["echo"], change: (inout BuildFolder, inout RunEnvironment) -> Void
  ) async throws -> Diagnostic {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    var folder = BuildFolder(url: workspace.url, manifest: TinyBuild.manifest(place == .firmware ? .armv7em : .arm64))
    if place == .firmware { folder.manifest.kind = .firmware }
    try FileManager.default.createDirectory(at: workspace.url.appendingPathComponent("machine"), withIntermediateDirectories: true)
    for name in ["tiny", "tiny.epk", "machine/init"] { _ = try workspace.write([0], to: name) }
    var environment = RunEnvironment()
    change(&folder, &environment)
    let runner = try folder.runner(at: place, environment: environment)
    let failure = await #expect(throws: Failure.self) { try await runner.run(arguments: arguments) }
    return try #require(failure?.diagnostics.first)
  }

  @Test(arguments: [
    (ProofPlace.user, "qemu-aarch64-static", "qemu-user-static"), (.machine, "qemu-system-aarch64", "qemu-system-arm"),
    (.firmware, "qemu-system-arm", "qemu-system-arm"),
  ])
  func missingEmulatorNamesItsPackage(place: ProofPlace, tool: String, package: String) async throws {
    let diagnostic = try await failure(of: place) { _, environment in environment.tools = ToolLocator(folders: ["/nowhere"]) }
    #expect(diagnostic.code == .missingTool)
    #expect(diagnostic.message.contains(tool))
    #expect(diagnostic.hint?.hasPrefix("sudo apt install \(package)\n") == true)
  }

  @Test(.enabled(if: TinyBuild.isInstalled("qemu-system-aarch64"), "not run: QEMU is missing"))
  func missingKernelNamesTheCommandThatFetchesIt() async throws {
    let diagnostic = try await failure(of: .machine) { _, environment in
      environment.kernels = KernelImageStore(folder: URL(fileURLWithPath: "/nowhere"))
    }
    #expect(diagnostic.code == .missingTool)
    #expect(diagnostic.hint?.contains("edgepack doctor --fetch-machine") == true)
    #expect(diagnostic.location?.file == "/nowhere/arm64/Image")
  }

  @Test(arguments: [ProofPlace.user, .firmware])
  func missingProgramIsNoBuild(place: ProofPlace) async throws {
    let diagnostic = try await failure(of: place) { folder, _ in folder.manifest.program = "gone" }
    #expect(diagnostic.code == .notABuild)
    #expect(diagnostic.message.contains("gone"))
  }

  @Test(.enabled(if: TinyBuild.canBoot, "not run: QEMU or the kernel is missing"))
  func buildWithoutProcessOneCannotBoot() async throws {
    let diagnostic = try await failure(of: .machine) { folder, _ in folder.manifest.machineInit = nil }
    #expect(diagnostic.code == .notABuild)
  }

  @Test(arguments: [["two words"], [""], ["quo\"te"], ["line\nbreak"], Array(repeating: "a", count: 25)])
  func wordsThatTheKernelWouldChangeAreRefused(arguments: [String]) async throws {
    let diagnostic = try await failure(of: .machine, arguments) { _, _ in }
    #expect(diagnostic.code == .usage)
  }

  @Test func fileThatIsNoProgramIsAFailedTool() async throws {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    let file = try workspace.write([1, 2, 3], to: "program")
    let child = ChildProcess(executable: file, arguments: [], timeLimit: .seconds(10))
    let failure = await #expect(throws: Failure.self) { try await child.run() }
    #expect(failure?.diagnostics.first?.code == .toolFailed)
  }

  @Test func kernelsAreKeptBelowTheCacheFolder() {
    #expect(KernelImageStore.standard.folder.path.hasSuffix("/edgepack/machines"))
  }
}
