import Diagnostics
import Foundation
import Testing

@testable import Targets

struct TargetLibraryTests {
  private let library: TargetLibrary

  init() throws { library = try TargetLibrary.standard(environment: [:]) }

  @Test func theShippedProfilesAreFoundAndParseWithoutWarning() throws {
    #expect(Set(library.names).isSuperset(of: ["arm64-4gb", "arm64-512mb", "x86_64-avx2", "x86_64-avx512"]))
    for name in library.names {
      let read = try library.profile(name)
      #expect(read.profile.name == name && read.warnings == [])
    }
  }

  @Test func theArmBoardIsTheOneOfTheIssue() throws {
    let profile = try library.profile("arm64-512mb").profile
    #expect(profile.cpu.architecture == .arm64 && profile.cpu.core == "cortex-a53" && profile.cpu.cores == 4 && profile.cpu.threads == 1)
    #expect(profile.memory.ram == 512 << 20 && profile.memory.page == 4096)
    #expect(profile.budget == Budget(ram: 64 << 20, flash: 32 << 20, accuracyDrop: 0.01, errorGrowth: 0.02))
    #expect(profile.emulator == TargetProfile.Emulator(kind: .qemuSystem, machine: "virt", cpu: "cortex-a53", memory: 512 << 20))
  }

  @Test func armBoardsHaveCostsForEveryKindOfWorkAndASourceForEachFigure() throws {
    for name in ["arm64-512mb", "arm64-4gb"] {
      let profile = try library.profile(name).profile
      let work = Workload(steps: WorkKind.allCases.map { StepWork(name: "", kind: $0, counts: [:]) }, footprint: 0, storedBytes: 0)
      #expect(profile.missingCosts(for: work) == [] && profile.latency(of: work) != nil)
      #expect(profile.memory.storageBandwidth != nil && profile.power?.active != nil && profile.power?.duty != nil)
      for row in profile.cost?.rows ?? [] { #expect(row.source != nil) }
    }
    #expect(try library.profile("arm64-4gb").profile.memory.page == 16_384)
  }

  /// MobileNetV1's pointwise layers and stem at 224 × 224 are timed at 0.50 cycles a MAC as a whole (ncnn, Pi Zero 2 W): 287 ms.
  @Test func theArmBoardsIntervalHoldsThePublishedTimeOfMobileNet() throws {
    let profile = try library.profile("arm64-512mb").profile
    // 569 M MACs, of which 17.4 M are depthwise; 5.0 M outputs of either kind, 27 steps; 4.2 M weights.
    let pointwise = StepWork(
      name: "pointwise", kind: .matmul, counts: [.mac: 551.6e6, .output: 2.7e6], weightBytes: 4_200_000, activationBytes: 5_000_000)
    let depthwise = StepWork(name: "depthwise", kind: .depthwise3x3, counts: [.mac: 17.4e6, .output: 1.9e6])
    let time = try #require(
      profile.latency(of: Workload(steps: [pointwise, depthwise], footprint: 6_000_000, storedBytes: 0))
    ).total
    #expect(time.low < 287 && 287 < time.high && time.high < 2 * 287, "\(time)")
  }

  @Test(arguments: [
    ("arm64-512", "arm64-512mb"), ("arm64_512mb", "arm64-512mb"), ("x86_64-avx", "x86_64-avx2"), ("nativ", "native"),
  ])
  func aNearMissSuggestsTheName(_ written: String, _ meant: String) throws {
    do throws(Failure) {
      _ = try library.profile(written)
      Issue.record("\(written) was found")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.unknownTarget])
      #expect(error.diagnostics.first?.hint == "did you mean `--target \(meant)`?")
      #expect(error.diagnostics.first?.details == ["known: " + (library.names + ["native"]).joined(separator: ", ")])
    }
  }

  @Test func whatIsLikeNothingGetsTheListAndTheWayToAnOwnFile() {
    #expect(throws: Failure.self) { try library.profile("esp32-s3") }
    #expect(throws: Failure.self) { try library.profile("") }
  }

  @Test func pathsAndOwnFoldersComeBeforeTheShippedProfiles() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try ProfileReaderTests.complete.write(to: folder.appendingPathComponent("arm64-512mb.yaml"), atomically: true, encoding: .utf8)
    let own = try TargetLibrary.standard(environment: ["EDGEPACK_TARGETS": "/does/not/exist:\(folder.path)"])
    #expect(try own.profile("arm64-512mb").profile.name == "board")
    #expect(try library.profile(folder.path + "/arm64-512mb.yaml").profile.name == "board")
  }
}

struct NativeProfileTests {
  @Test func anAvx512MachineIsRecognisedByItsFlags() {
    let flags = "fpu sse2 fma movbe f16c avx bmi1 avx2 bmi2 avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni"
    let machine = NativeProfile.Machine(
      architecture: .x86_64, processorText: "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: \(flags)\n",
      memoryText: "MemTotal:       16384 kB\nMemFree: 1 kB\n", cores: 8, page: 4096, physicalMemory: 1)
    let profile = NativeProfile.profile(of: machine)
    #expect(profile.cpu.features == [.avx2, .avx512, .vnni] && profile.cpu.core == "Some CPU @ 2 GHz")
    #expect(profile.cpu.cores == 8 && profile.cpu.threads == 1)
    #expect(profile.memory.ram == 16384 * 1024 && profile.memory.page == 4096)
    #expect(profile.budget == Budget() && profile.emulator?.kind == .native)
  }

  @Test func aLevelNeedsAllItsFlags() {
    let machine = { (flags: String) in
      NativeProfile.profile(
        of: NativeProfile.Machine(
          architecture: .x86_64, processorText: "flags : \(flags)\n", memoryText: "", cores: 1, page: 4096, physicalMemory: 77)
      )
    }
    #expect(machine("avx2").cpu.features == [])
    #expect(machine("avx2 fma bmi1 bmi2 f16c movbe avx512f").cpu.features == [.avx2])
    #expect(machine("").memory.ram == 77)
  }

  @Test func anArmBoardIsRecognisedByItsFeatures() {
    let machine = NativeProfile.Machine(
      architecture: .arm64, processorText: "BogoMIPS\t: 38.40\nFeatures\t: fp asimd evtstrm crc32 asimddp i8mm\n", memoryText: "",
      cores: 4, page: 16384, physicalMemory: 1 << 30)
    let profile = NativeProfile.profile(of: machine)
    #expect(profile.cpu.features == [.neon, .dotprod, .i8mm] && profile.memory.page == 16384)
  }

  @Test func thisMachineHasAProfile() throws {
    let profile = try TargetLibrary(folders: []).profile("native").profile
    #expect(profile.name == "native" && profile.cpu.cores > 0 && profile.memory.ram > 1 << 26)
    #expect((profile.memory.page ?? 0) >= 4096)
  }
}

struct BudgetOverridesTests {
  private let budget = Budget(ram: 10, flash: 20, accuracyDrop: 0.01)

  @Test func givenLimitsTakeThePlaceOfTheProfiles() throws {
    let limits = BudgetOverrides(ram: "64MiB", flash: "400 KiB", accuracyDrop: "1.5pt")
    #expect(try budget.overridden(by: limits) == Budget(ram: 64 << 20, flash: 400 << 10, accuracyDrop: 0.015))
    #expect(try budget.overridden(by: BudgetOverrides()) == budget)
    let times = BudgetOverrides(latency: "50ms", coldLatency: "0.5 s", energy: "40mJ", power: "0.8W")
    #expect(
      try Budget(latency: 1).overridden(by: times) == Budget(latency: 50, coldLatency: 500, energy: 40, power: 800))
    #expect(try budget.overridden(by: BudgetOverrides(accuracyDrop: "2%")).errorGrowth == 0.02)
  }

  @Test func limitsThatAreNoneAreAllReportedWithWhatToWrite() {
    do throws(Failure) {
      _ = try budget.overridden(by: BudgetOverrides(ram: "64", flash: "400 kb", accuracyDrop: "much"))
      Issue.record("nonsense was taken")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.invalidQuantity, .invalidQuantity, .invalidQuantity])
      #expect(
        error.diagnostics.map(\.hint) == [
          "write `--max-ram 64MiB`", "write `--max-flash 400KB`", "write `--max-accuracy-drop 1pt`",
        ])
      #expect(
        error.diagnostics.first?.message
          == "`--max-ram`: `64` has no unit; expected a number and B, KiB, MiB, GiB, KB, MB or GB")
    }
  }

  @Test func aLimitOfNothingAndWrongUnitsAreRefusedByTheirFlag() {
    let nonsense = BudgetOverrides(latency: "50", coldLatency: "0 ms", energy: "40 W", power: "0.8")
    do throws(Failure) {
      _ = try budget.overridden(by: nonsense)
      Issue.record("nonsense was taken")
    } catch {
      #expect(error.diagnostics.allSatisfy { $0.code == .invalidQuantity })
      #expect(
        error.diagnostics.map(\.hint) == [
          "write `--max-latency 50ms`", "write `--max-cold-latency 50ms`", "write `--max-energy 40mJ`", "write `--max-power 0.8mW`",
        ])
    }
  }

  @Test(arguments: ["0B", "0.5 B", "-1MiB", "9999999999999GiB", "", "MiB", "1e3MiB", "∞ MiB"]) func noSuchSize(_ text: String) {
    #expect(throws: Failure.self) { try budget.overridden(by: BudgetOverrides(ram: text)) }
  }
}
