import Deployment
import Diagnostics
import Foundation
import Targets

/// Reads the energy counter of the processor's package (RAPL: `/sys/class/powercap/intel-rapl:0`).
struct PowerMeter {
  private static let counter = "/sys/class/powercap/intel-rapl:0/energy_uj"
  private static let range = "/sys/class/powercap/intel-rapl:0/max_energy_range_uj"

  private let place: any MeasuringPlace
  private let wrapsAt: Double

  /// Nil where there is no counter, or it may not be read.
  init?(place: any MeasuringPlace) async throws(Failure) {
    guard try await place.text(of: Self.counter).flatMap(Self.number) != nil else { return nil }
    self.place = place
    wrapsAt = try await place.text(of: Self.range).flatMap(Self.number) ?? 0
  }

  /// The power of the idle and of the busy machine, from two seconds of each; nil if the counter stands still.
  func measure(running program: TimedProgram) async throws(Failure) -> TargetProfile.Power? {
    let idle = try await power { () async throws(Failure) in
      do { try await Task.sleep(for: .seconds(2)) } catch { throw Failure(.toolFailed, "measuring was interrupted") }
    }
    let active = try await power { () async throws(Failure) in
      let start = ContinuousClock.now
      while ContinuousClock.now - start < .seconds(2) {
        _ = try await place.run(program, arguments: ["--bench", "500", "--stats", "json"])
      }
    }
    guard let idle, let active, idle > 0 else { return nil }
    // Two measurements of two seconds agree to about a tenth.
    return TargetProfile.Power(idle: idle, active: Interval(max(idle, 0.9 * active), max(idle, 1.1 * active)))
  }

  /// In mW.
  private func power(_ body: () async throws(Failure) -> Void) async throws(Failure) -> Double? {
    let start = ContinuousClock.now
    guard let before = try await place.text(of: Self.counter).flatMap(Self.number) else { return nil }
    try await body()
    guard let after = try await place.text(of: Self.counter).flatMap(Self.number) else { return nil }
    let microjoules = after >= before ? after - before : after - before + wrapsAt
    return microjoules * 1e-3 / (ContinuousClock.now - start).seconds
  }

  private static func number(_ text: String) -> Double? { Double(text.prefix { $0.isNumber }) }
}
