import Diagnostics
import Report
import Targets
import Testing

@testable import Deployment
@testable import Packager

struct PredictionsTests {
  private let arm: TargetLibrary

  init() throws { arm = try TargetLibrary.standard(environment: [:]) }

  private func profile(_ name: String, _ change: (inout TargetProfile) -> Void = { _ in }) throws -> TargetProfile {
    var profile = try arm.profile(name).profile
    change(&profile)
    return profile
  }

  private func axes(_ profile: TargetProfile, latency: Latency? = nil, cold: ColdLatency? = nil) throws -> [Answer.Axis] {
    let program = try ProbeNetwork.signals().lowered(for: profile)
    var smoke = SmokeResult(
      on: .machine, cases: 1, casesEqual: 1, byteEqual: true, maxDifference: 0, arenaHighWater: 1, arenaBytes: 1, canary: true,
      exitCode: 0, seconds: 0, threads: [1])
    smoke.latency = latency
    smoke.coldLatency = cold
    return Predictions(program, storedBytes: 100_000, profile).axes(measured: smoke)
  }

  private func axis(_ name: Answer.Axis.Name, _ profile: TargetProfile) throws -> Answer.Axis {
    try #require(try axes(profile).first { $0.axis == name })
  }

  @Test func aBoardWithCostsHasFourPredictedAxes() throws {
    let axes = try axes(try profile("arm64-512mb"))
    #expect(axes.map(\.axis) == [.latency, .coldLatency, .energy, .power])
    for axis in axes {
      let (low, high) = (try #require(axis.predictedLow), try #require(axis.predicted))
      #expect(0 < low && low < high && axis.measured == nil && axis.binds != nil && axis.limit == nil && axis.fits)
    }
    // 100,000 bytes at 20 MB/s come on top of a warm run.
    let (warm, cold) = (try #require(axes[0].predicted), try #require(axes[1].predicted))
    #expect(abs(cold - warm - 5) < 1e-9)
    #expect(axes[0].binds?.hasSuffix("compute-bound") == true || axes[0].binds?.hasSuffix("memory-bound") == true)
  }

  @Test func aPowerLimitBelowIdleIsBoundByIdle() throws {
    let axis = try axis(.power, try profile("arm64-512mb") { $0.budget.power = 500 })
    #expect(!axis.fits && axis.binds == "idle 600 mW")
  }

  @Test func aPowerLimitThatIdleKeepsIsBoundByDuty() throws {
    let axis = try axis(
      .power,
      try profile("arm64-512mb") {
        $0.budget.power = 605
        $0.power?.duty = 10
      })
    #expect(!axis.fits && axis.binds?.hasPrefix("duty 10 Hz × ") == true)
    let easy = try self.axis(.power, try profile("arm64-512mb") { $0.budget.power = 5000 })
    #expect(easy.fits && easy.binds == "idle 600 mW")
  }

  @Test func whatIsMeasuredIsShownBesideThePredictionAndItsPercentileDecides() throws {
    let profile = try profile("arm64-512mb") { $0.budget.latency = 10 }
    let axes = try axes(profile, latency: Latency(median: 7, p95: 12, runs: 100), cold: ColdLatency(median: 30, runs: 5))
    #expect(axes[0].measured == 7 && axes[0].measuredP95 == 12 && !axes[0].fits && axes[1].measured == 30)
    // Energy goes with the measured time: 0.5 W · 7 ms to 1.2 W · 12 ms above idle.
    let energy = try #require(axes.first { $0.axis == .energy })
    let (low, high) = (try #require(energy.predictedLow), try #require(energy.predicted))
    #expect(abs(low - 3.5) < 1e-9 && abs(high - 14.4) < 1e-9)
  }

  @Test func aMachineWithoutFiguresHasEmptyAxes() throws {
    let axes = try axes(try profile("x86_64-avx2"))
    #expect(axes.map(\.axis) == [.latency, .energy] && axes.allSatisfy { $0.predicted == nil && $0.binds == nil && $0.slack == nil })
  }
}

struct MissingCostsTests {
  private let library: TargetLibrary

  init() throws { library = try TargetLibrary.standard(environment: [:]) }

  private func refusals(_ name: String, _ budget: Budget, measuresTime: Bool = false, duty: String? = nil) throws -> [String] {
    var profile = try library.profile(name).profile
    do throws(Failure) {
      if let duty { profile = try profile.withDuty(duty) }
      try profile.requireCosts(for: budget, measuresTime: measuresTime)
      return []
    } catch {
      #expect(error.diagnostics.allSatisfy { $0.code == .missingCosts && $0.hint != nil })
      return error.diagnostics.map(\.message)
    }
  }

  @Test func aLimitThatNothingCouldBeHeldAgainstIsRefused() throws {
    #expect(
      try refusals("x86_64-avx2", Budget(latency: 5)) == ["the limit on latency cannot be judged: x86_64-avx2 has no section `cost`"])
    #expect(try refusals("x86_64-avx2", Budget(coldLatency: 5, energy: 1)).count == 3)
    #expect(
      try refusals("mps2-an386", Budget(power: 1)) == ["the limit on power cannot be judged: mps2-an386 has no section `power`"])
  }

  @Test func aLimitThatIsMeasuredOrPredictedIsTaken() throws {
    #expect(try refusals("x86_64-avx2", Budget(latency: 5, coldLatency: 9), measuresTime: true) == [])
    #expect(try refusals("arm64-512mb", Budget(latency: 5, coldLatency: 9, energy: 1, power: 1)) == [])
    #expect(try refusals("x86_64-avx2", Budget(ram: 5, flash: 9)) == [])
  }

  @Test func dutyNeedsAUnitAndAPowerSection() throws {
    #expect(try refusals("arm64-512mb", Budget(power: 700), duty: "10 Hz") == [])
    #expect(try refusals("x86_64-avx2", Budget(), duty: "1Hz").count == 1)
    let arm = try library.profile("arm64-512mb").profile
    #expect(try arm.withDuty("2kHz").power?.duty == 2000)
    #expect(throws: Failure.self) { try arm.withDuty("2") }
  }

  @Test func kindsOfStepsWithoutCostsAreNamed() throws {
    var profile = try library.profile("arm64-512mb").profile
    profile.cost?.other = nil
    profile.budget.latency = 1
    let workload = try ProbeNetwork.vectors().lowered(for: profile).workload(storedBytes: 0)
    do throws(Failure) {
      try profile.requireCosts(for: workload, measuresTime: false)
      Issue.record("it was taken")
    } catch {
      #expect(error.diagnostics.first?.code == .missingCosts)
      #expect(
        error.diagnostics.first?.message == "the limit on latency cannot be judged: arm64-512mb has no costs for add, softmax, lookup")
    }
    try profile.requireCosts(for: workload, measuresTime: true)
  }
}
