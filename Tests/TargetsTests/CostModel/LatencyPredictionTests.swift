import TestSupport
import Testing

@testable import Targets

struct LatencyPredictionTests {
  /// 2 ns a multiply-accumulate known exactly, 10 to 20 ns an output, 1 µs a step, 5 µs a run.
  static let convolution = CostTable.Row(
    kind: .convolution, terms: [.init(.step, Interval(1e-3)), .init(.mac, Interval(2e-6)), .init(.output, Interval(10e-6, 20e-6))])

  static func profile(
    _ cost: CostTable?, cache: TargetProfile.Cache? = nil, power: TargetProfile.Power? = nil, storage: Double? = nil
  ) -> TargetProfile {
    TargetProfile(
      name: "board", summary: "", cpu: .init(architecture: .arm64, core: "c", features: [], cores: 1, clock: nil, cache: cache),
      operatingSystem: .linux, memory: .init(ram: 1 << 30, flash: nil, page: 4096, storageBandwidth: storage), cost: cost, power: power,
      budget: Budget(), emulator: nil, optimize: .size)
  }

  static func step(
    _ name: String, _ kind: WorkKind = .convolution, macs: Double = 1000, outputs: Double = 100, weights: Int = 0, activations: Int = 0
  ) -> StepWork {
    StepWork(
      name: name, kind: kind, counts: [.mac: macs, .output: outputs], multiplyAccumulates: Int(macs), weightBytes: weights,
      activationBytes: activations)
  }

  @Test func termsAddUp() throws {
    let profile = Self.profile(CostTable(run: Interval(5e-3), rows: [Self.convolution]))
    let work = Workload(steps: [Self.step("a"), Self.step("b", macs: 3000)], footprint: 0, storedBytes: 0)
    let total = try #require(profile.latency(of: work)).total
    // 5 + (1 + 2 + 1…2) + (1 + 6 + 1…2) µs
    #expect(abs(total.low - 17e-3) < 1e-12 && abs(total.high - 19e-3) < 1e-12)
  }

  @Test func theLayerWithTheLargestShareIsNamedWithAllItsSteps() throws {
    let profile = Self.profile(CostTable(rows: [Self.convolution]))
    let steps = [Self.step("a", macs: 4000), Self.step("b", macs: 3000), Self.step("b", macs: 3000)]
    let largest = try #require(profile.latency(of: Workload(steps: steps, footprint: 0, storedBytes: 0))?.largest)
    #expect(largest.name == "b" && largest.bound == .compute)
  }

  @Test func aStepWaitsForItsArithmeticOrItsBytes() throws {
    let cost = CostTable(rows: [Self.convolution], bandwidths: [.init(.l2, Interval(10e9)), .init(.dram, Interval(0.5e9, 1e9))])
    let profile = Self.profile(cost, cache: .init(l1d: 32 << 10, l2: 512 << 10))
    func largest(_ weights: Int, footprint: Int) throws -> LatencyPrediction.Step {
      let work = Workload(steps: [Self.step("a", weights: weights)], footprint: footprint, storedBytes: 0)
      return try #require(profile.latency(of: work)?.largest)
    }
    // 100,000 bytes: 10 µs from L2, 100 to 200 µs from DRAM; the arithmetic takes 4 to 5 µs.
    let cached = try largest(100_000, footprint: 200_000)
    #expect(cached.bound == .memory && abs(cached.time.high - 10e-3) < 1e-12)
    let far = try largest(100_000, footprint: 600_000)
    #expect(far.bound == .memory && abs(far.time.low - 0.1) < 1e-12 && abs(far.time.high - 0.2) < 1e-12)
    #expect(try largest(1000, footprint: 2000).bound == .compute)
  }

  @Test func withoutSizesOfCachesBytesMayComeFromAnywhere() throws {
    let cost = CostTable(rows: [Self.convolution], bandwidths: [.init(.dram, Interval(1e9))])
    let work = Workload(steps: [Self.step("a", weights: 100_000)], footprint: 100_000, storedBytes: 0)
    let total = try #require(Self.profile(cost).latency(of: work)).total
    #expect(abs(total.low - 4e-3) < 1e-12 && abs(total.high - 0.1) < 1e-12)
  }

  @Test func spreadsOfDifferentLayersAverageOutAndThoseOfEqualOnesDoNot() throws {
    var row = Self.convolution
    row.terms = [.init(.mac, Interval(1e-6))]
    row.spread = 0.1
    let profile = Self.profile(CostTable(noise: 0.05, rows: [row]))
    func width(_ macs: [Double]) throws -> Double {
      let steps = macs.enumerated().map { Self.step("\($0.offset)", macs: $0.element, outputs: 0) }
      let total = try #require(profile.latency(of: Workload(steps: steps, footprint: 0, storedBytes: 0))).total
      return (total.high - total.low) / 2 / total.center
    }
    // One layer: 2 · 10 % + 5 %. Two equal ones: the same. Two of nearly one size: 2 · 10 % / √2 + 5 %.
    let (one, equal, different) = (try width([1e6]), try width([1e6, 1e6]), try width([1e6, 1e6 + 1]))
    #expect(abs(one - 0.25) < 1e-9 && abs(equal - 0.25) < 1e-9 && abs(different - (0.2 / 2.0.squareRoot() + 0.05)) < 1e-6)
  }

  @Test func kindsWithoutCostsAreNamedNotPricedAtNothing() {
    let work = Workload(steps: [Self.step("a"), Self.step("s", .softmax), Self.step("c", .copy)], footprint: 0, storedBytes: 0)
    let profile = Self.profile(CostTable(rows: [Self.convolution]))
    #expect(profile.latency(of: work) == nil && profile.missingCosts(for: work) == [.softmax, .copy])
    #expect(Self.profile(nil).latency(of: work) == nil)
    let other = CostTable(rows: [Self.convolution], other: CostTable.Row(kind: nil, terms: [.init(.step, Interval(1e-3))]))
    #expect(Self.profile(other).latency(of: work) != nil)
  }

  @Test func theFirstAnswerAlsoReadsTheFiles() {
    let work = Workload(steps: [], footprint: 0, storedBytes: 4_000_000)
    let cold = Self.profile(nil, storage: 40e6).coldLatency(of: work, warm: Interval(5, 8))
    #expect(cold == Interval(105, 108))
    #expect(Self.profile(nil).coldLatency(of: work, warm: Interval(5)) == nil)
    #expect(Self.profile(nil, storage: 40e6).coldLatency(of: work, warm: nil) == nil)
  }

  @Test func moreWorkNeverTakesLess() throws {
    let seed: UInt64 = 4711
    var random = SeededGenerator(seed: seed)
    for round in 0..<200 {
      let rows = WorkKind.allCases.map { kind in
        CostTable.Row(
          kind: kind, terms: ([.step] + kind.units).map { .init($0, interval(&random, 1e-6)) },
          spread: Double.random(in: 0...0.2, using: &random))
      }
      let cost = CostTable(
        run: interval(&random, 1e-3), noise: Double.random(in: 0...0.1, using: &random), rows: rows,
        bandwidths: CostTable.MemoryLevel.allCases.map { .init($0, Interval(1e8) + interval(&random, 1e10)) })
      let profile = Self.profile(cost, cache: .init(l1d: 32 << 10, l2: 512 << 10))
      var work = Workload(
        steps: (0..<5).map { _ in randomStep(&random) }, footprint: Int.random(in: 0...1_000_000, using: &random), storedBytes: 0)
      let before = try #require(profile.latency(of: work)).total
      work.steps.append(randomStep(&random))
      for index in work.steps.indices { work.steps[index].counts[.mac, default: 0] *= 2 }
      let after = try #require(profile.latency(of: work)).total
      #expect(before.low <= before.high && after.low <= after.high, "seed \(seed), round \(round)")
      #expect(before.high <= after.high && before.center <= after.center, "seed \(seed), round \(round)")
    }
  }

  private func interval(_ random: inout SeededGenerator, _ scale: Double) -> Interval {
    let low = Double.random(in: 0...scale, using: &random)
    return Interval(low, low + Double.random(in: 0...scale, using: &random))
  }

  private func randomStep(_ random: inout SeededGenerator) -> StepWork {
    let counts = WorkUnit.allCases.map { ($0, Double(Int.random(in: 0...100_000, using: &random))) }
    return StepWork(
      name: "s", kind: WorkKind.allCases.randomElement(using: &random) ?? .add, counts: Dictionary(uniqueKeysWithValues: counts),
      weightBytes: Int.random(in: 0...100_000, using: &random), activationBytes: Int.random(in: 0...100_000, using: &random))
  }
}
