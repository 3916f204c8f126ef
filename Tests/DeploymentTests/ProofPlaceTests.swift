import Diagnostics
import Testing

@testable import Deployment
@testable import Targets

struct ProofPlaceTests {
  @Test func everyNameOfAPlaceIsAnOption() throws {
    for place in ProofPlace.allCases { #expect(try ProofPlace(option: place.rawValue) == place) }
    #expect(try ProofPlace(option: "qemu-user") == .user)
  }

  @Test func unknownPlaceNamesTheKnownOnes() {
    let failure = #expect(throws: Failure.self) { try ProofPlace(option: "moon") }
    #expect(failure?.diagnostics.first?.code == .usage)
    #expect(failure?.diagnostics.first?.hint?.contains("--on machine") == true)
  }

  @Test func emulatorOfTheProfileDecides() {
    var profile = TinyBuild.profile(.arm64)
    #expect(ProofPlace(for: profile) == .machine)
    profile.emulator?.kind = .qemuUser
    #expect(ProofPlace(for: profile) == .user)
    profile.emulator?.kind = .native
    #expect(ProofPlace(for: profile) == .native)
    profile.emulator = nil
    #expect(ProofPlace(for: profile) == (profile.cpu.architecture.isHost ? .native : .user))
    #expect(ProofPlace(for: TinyBuild.profile(.armv7em)) == .firmware)
  }

  /// A build runs where its kind and processor allow it; everything else is refused with a way out.
  @Test(arguments: ProofPlace.allCases, [TinyBuild.Architecture.arm64, .armv7em])
  func runnersExistOnlyWhereTheBuildCanRun(place: ProofPlace, architecture: TinyBuild.Architecture) throws {
    var manifest = TinyBuild.manifest(architecture)
    manifest.kind = architecture == .arm64 ? .program : .firmware
    let folder = BuildFolder(url: .init(fileURLWithPath: "/nowhere"), manifest: manifest)
    let isPossible =
      switch place {
      case .native: architecture.isHost
      case .user, .machine: architecture == .arm64
      case .firmware: architecture == .armv7em
      }
    if isPossible {
      #expect(try folder.runner(at: place).place == place)
    } else {
      let failure = #expect(throws: Failure.self) { try folder.runner(at: place) }
      #expect(failure?.diagnostics.first?.code == .usage)
      #expect(failure?.diagnostics.first?.hint?.hasPrefix("--on") == true)
    }
  }
}
