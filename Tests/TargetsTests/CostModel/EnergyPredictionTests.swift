import Testing

@testable import Targets

struct EnergyPredictionTests {
  private let work = Workload(
    steps: [LatencyPredictionTests.step("a", macs: 1e6, weights: 10_000, activations: 5000)], footprint: 20_000, storedBytes: 0)

  private func profile(_ power: TargetProfile.Power?, l2: Int = 512 << 10) -> TargetProfile {
    LatencyPredictionTests.profile(nil, cache: .init(l2: l2), power: power)
  }

  @Test func theBusyDeviceTakesItsActivePowerAsLongAsARunLasts() throws {
    let profile = profile(.init(idle: 600, active: Interval(1100, 1800)))
    // 5 to 10 ms at 0.5 to 1.2 W above idle
    let energy = try #require(profile.energy(of: work, latency: Interval(5, 10)))
    #expect(abs(energy.total.low - 2.5) < 1e-12 && abs(energy.total.high - 12) < 1e-12 && energy.largest == "active power × latency")
    #expect(profile.energy(of: work, latency: nil) == nil)
  }

  @Test func energiesOfOperationsAndBytesAddUp() throws {
    let terms = ["int8_mac": Interval(20e-9, 40e-9), "l1_byte": Interval(10e-9), "dram_byte": Interval(1000e-9)]
    let cached = try #require(profile(.init(idle: 1, energy: terms)).energy(of: work, latency: nil))
    // 10⁶ · 20…40 pJ + 15,000 · 10 pJ
    #expect(abs(cached.total.low - 0.02015) < 1e-12 && abs(cached.total.high - 0.04015) < 1e-12)
    #expect(cached.largest == "int8 multiply-accumulates")
    var heavy = work
    heavy.steps[0].weightBytes = 1_000_000
    heavy.footprint = 1_100_000
    let far = try #require(profile(.init(idle: 1, energy: terms)).energy(of: heavy, latency: nil))
    // 10⁶ · 1000 pJ more than the cached 5000 bytes and the arithmetic
    #expect(abs(far.total.low - 1.02005) < 1e-9 && far.largest == "DRAM reads of weights")
  }

  @Test func nothingIsSaidWithoutFigures() {
    #expect(profile(nil).energy(of: work, latency: Interval(1)) == nil && profile(nil).averagePower(energy: Interval(1)) == nil)
    #expect(profile(.init(idle: 600)).energy(of: work, latency: Interval(1)) == nil)
  }

  @Test func powerIsIdleAndEnergyTimesDuty() throws {
    let power = try #require(profile(.init(idle: 600, duty: 2)).averagePower(energy: Interval(20, 40)))
    #expect(power.total == Interval(640, 680))
    let still = try #require(profile(.init(idle: 600)).averagePower(energy: Interval(20, 40)))
    #expect(still.total == Interval(600))
  }

  @Test func idleBindsWhereItAloneIsTooMuchAndDutyWhereItIsWhatCanShrink() {
    let power = PowerPrediction(idle: 600, duty: 1, energy: Interval(20, 40))
    #expect(power.idleBinds(under: 500))
    #expect(!power.idleBinds(under: 620))
    #expect(power.idleBinds(under: 700) && power.idleBinds(under: nil))
    let busy = PowerPrediction(idle: 600, duty: 100, energy: Interval(20, 40))
    #expect(!busy.idleBinds(under: 5000) && !busy.idleBinds(under: nil) && busy.idleBinds(under: 599))
  }
}
