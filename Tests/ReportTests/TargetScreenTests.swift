import Targets
import TestSupport
import Testing

@testable import Report

struct TargetScreenTests {
  private static let profile = TargetProfile(
    name: "door-cam", summary: "camera module, rev. C",
    cpu: .init(
      architecture: .arm64, core: "cortex-a53", features: [.neon], cores: 4, clock: 1.2e9,
      cache: .init(line: 64, l1d: 32_768, l2: 524_288), source: "data sheet of the module, section 2"),
    operatingSystem: .linux,
    memory: .init(ram: 512 << 20, flash: 4 << 30, page: 4096, bandwidth: 2e9, storageBandwidth: 80e6, source: "data sheet; dd"),
    cost: CostTable(
      rows: [
        .init(
          kind: .convolution, terms: [.init(.step, Interval(1e-3, 5e-3)), .init(.mac, Interval(0.25e-6, 0.5e-6))], spread: 0.12,
          source: "published: somewhere")
      ], other: .init(kind: nil, terms: [.init(.element, Interval(2e-6))]), bandwidths: [.init(.dram, Interval(1e9, 2e9))],
      source: "measured with a watch"),
    power: .init(
      idle: 600, active: Interval(1100, 1800), duty: 0.5, energy: ["int8_mac": Interval(20e-9, 40e-9)], source: "measured at 5 V"),
    budget: Budget(ram: 64 << 20, latency: 50, coldLatency: 1500, power: 800, accuracyDrop: 0.01),
    emulator: .init(kind: .qemuSystem, machine: "virt", cpu: "cortex-a53", memory: 512 << 20), optimize: .size)

  @Test func everyFigureHasItsSource() {
    let text = TargetScreen(Self.profile).text()
    #expect(Snapshot("target").difference(from: text) == nil)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func shippedProfilesFitTheScreenAndTheirSourcesAreShown() throws {
    let library = try TargetLibrary.standard(environment: [:])
    for name in library.names {
      let profile = try library.profile(name).profile
      let text = TargetScreen(profile, style: TerminalStyle(color: false, unicode: false)).text()
      #expect(text.allSatisfy(\.isASCII) && text.contains("source: "), "\(name)")
    }
  }

  @Test func absentSectionsAreNotShown() {
    var profile = Self.profile
    profile.cost = nil
    profile.power = nil
    profile.budget = Budget()
    let text = TargetScreen(profile).text()
    #expect(!text.contains("cost") && !text.contains("power") && text.contains("budget   no limits"))
  }
}
