import Diagnostics
import Testing

@testable import Targets

struct ProfileReaderTests {
  static let complete = """
    name: board
    summary: a board
    cpu:
      isa: arm64
      core: cortex-a53
      features: [neon, dotprod]
      cores: 4
      clock: 1.2 GHz
      cache: { line: 64, l1d: 32 KiB, l2: 512 KiB }
      source: "data sheet"
    os: linux
    memory: { ram: 512 MiB, page: 4 KiB, bandwidth: 2.0 GB/s, flash: 8 GiB, storage_bandwidth: 80 MB/s, source: measured }
    power: { idle: 0.4 W, energy: { int8_mac: 8.2 pJ, dram_byte: 1.5 nJ }, duty: 1 Hz, source: "measured" }
    budget:
      ram: 64 MiB
      flash: 32MiB
      latency: 50 ms
      cold_latency: 0.5 s
      energy: 40 mJ
      power: 0.6 W
      accuracy_drop: { rate: 1 pt, error: 2 % }
    emulator: { kind: qemu-system, machine: virt, cpu: cortex-a53, memory: 512 MiB }
    optimize: speed
    """

  @Test func everyFieldOfTheSchemaArrivesInBaseUnits() throws {
    let read = try ProfileReader.parse(Self.complete, file: "board.yaml")
    #expect(read.warnings == [])
    let profile = read.profile
    #expect(profile.name == "board" && profile.summary == "a board" && profile.optimize == .speed && profile.operatingSystem == .linux)
    #expect(
      profile.cpu
        == TargetProfile.Processor(
          architecture: .arm64, core: "cortex-a53", features: [.neon, .dotprod], cores: 4, clock: 1.2e9,
          cache: TargetProfile.Cache(line: 64, l1d: 32_768, l2: 524_288), source: "data sheet"))
    #expect(
      profile.memory
        == TargetProfile.Memory(
          ram: 536_870_912, flash: 8_589_934_592, page: 4096, bandwidth: 2e9, storageBandwidth: 80e6, source: "measured"))
    let power = try #require(profile.power)
    #expect(power.idle == 400 && power.duty == 1)
    let mac = try #require(power.energy["int8_mac"])
    #expect(mac.low == mac.high && abs(mac.low - 8.2e-9) < 1e-20)
    #expect(profile.budget.ram == 67_108_864 && profile.budget.flash == 33_554_432)
    #expect(profile.budget.latency == 50 && profile.budget.coldLatency == 500 && profile.budget.energy == 40 && profile.budget.power == 600)
    #expect(profile.budget.accuracyDrop == 0.01 && profile.budget.errorGrowth == 0.02)
    #expect(
      profile.emulator == TargetProfile.Emulator(kind: .qemuSystem, machine: "virt", cpu: "cortex-a53", memory: 536_870_912))
  }

  @Test func lineEndsDoNotMatter() throws {
    let unix = try ProfileReader.parse(Self.complete, file: "a")
    #expect(try ProfileReader.parse(Self.complete.replacing("\n", with: "\r\n"), file: "a") == unix)
    #expect(try ProfileReader.parse("\u{FEFF}" + Self.complete, file: "a") == unix)
  }

  @Test func placesAreRightBehindCarriageReturns() throws {
    let text = Self.complete.replacing("8 GiB", with: "8 Gib").replacing("\n", with: "\r\n")
    let location = try #require(faults(text).first?.location)
    #expect(location.line == 12 && location.column == 68 && location.length == 3)
    #expect(location.excerpt?.hasSuffix("measured }") == true)
  }

  @Test func anchorsAndAliasesAreUnderstood() throws {
    let text = Self.complete.replacing("ram: 64 MiB", with: "ram: &limit 64 MiB").replacing("flash: 32MiB", with: "flash: *limit")
    #expect(try ProfileReader.parse(text, file: "a").profile.budget.flash == 67_108_864)
  }

  @Test func aMicrocontrollerNeedsNoPagesAndNoEmulator() throws {
    let text = """
      name: m4
      summary: Cortex-M4 board
      cpu: { isa: armv7em, core: cortex-m4, features: [dsp] }
      os: none
      memory: { ram: 256 KiB, flash: 1 MiB, source: data sheet }
      """
    let profile = try ProfileReader.parse(text, file: "a").profile
    #expect(profile.cpu.cores == 1 && profile.cpu.threads == 1)
    #expect(profile.memory.page == nil && profile.emulator == nil && profile.optimize == .size)
    #expect(profile.budget == Budget())
  }

  @Test func figuresWithoutSourceAndReservedKeysAreOnlyWarnings() throws {
    let text = Self.complete.replacing(#", source: "measured" }"#, with: " }") + "\naccelerator: { kind: fpga }\n"
    let warnings = try ProfileReader.parse(text, file: "a").warnings
    #expect(warnings.map(\.severity) == [.warning, .warning])
    #expect(warnings.map(\.code) == [.profileValue, .profileField])
    #expect(warnings.map { $0.location?.line } == [13, 24])
    #expect(warnings.first?.message == "`power` does not say where its figures come from")
  }

  @Test func allFaultsOfAFileAreReportedInTheOrderOfTheText() {
    let text = """
      name: [a]
      cpu: { isa: arm65, core: x, features: neon, cores: 0, clock: 1 }
      os: linux
      memory: { ram: 0 B, page: 3 KiB, bandwith: 2 GB/s, source: x }
      optimize: fast
      """
    let found = faults(text)
    #expect(
      found.map { "\($0.location?.line ?? 0) \($0.code.rawValue) \($0.message)" } == [
        "1 profile-field `summary` is missing",
        "1 profile-value `name` must be a text, not a list",
        "2 profile-value `cpu.isa` cannot be `arm65`",
        "2 profile-value `cpu.features` must be a list, not a single value",
        "2 profile-value `cpu.cores` must be a whole number from 1 to 1024",
        "2 profile-value `1` has no unit",
        "4 profile-value `memory.ram` must be a whole number of bytes above 0",
        "4 profile-value `memory.page` must be a power of two",
        "4 profile-field unknown key `bandwith` in `memory`",
        "5 profile-value `optimize` cannot be `fast`",
      ])
  }

  private func faults(_ text: String) -> [Diagnostic] {
    do throws(Failure) {
      _ = try ProfileReader.parse(text, file: "board.yaml")
      return []
    } catch { return error.diagnostics }
  }
}
