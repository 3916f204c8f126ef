import Deployment
import DeviceCompiler
import Diagnostics
import Report
import Targets

/// What the profile's figures say of a program before it runs on the device.
struct Predictions: Sendable {
  var workload: Workload
  var latency: LatencyPrediction?
  private let profile: TargetProfile

  /// - Parameter storedBytes: of program and weights file.
  init(_ program: LoweredProgram, storedBytes: Int, _ profile: TargetProfile) {
    workload = program.workload(storedBytes: storedBytes)
    latency = profile.latency(of: workload)
    self.profile = profile
  }

  /// The axes latency, cold latency, energy and power. The latter two have a line only where the profile or the user brings them up.
  func axes(measured smoke: SmokeResult) -> [Answer.Axis] {
    let budget = profile.budget
    let measured = smoke.latency.map { Interval(min($0.median, $0.p95), $0.p95) }
    let cold = profile.coldLatency(of: workload, warm: latency?.total)
    let energy = profile.energy(of: workload, latency: measured ?? latency?.total)
    let power = profile.averagePower(energy: energy?.total)
    var axes = [
      axis(
        .latency, .milliseconds, limit: budget.latency, latency?.total, measured: smoke.latency?.median, p95: smoke.latency?.p95,
        binds: latency?.largest.map { "\($0.name), \($0.bound.rawValue)" })
    ]
    if budget.coldLatency != nil || cold != nil || smoke.coldLatency != nil {
      axes.append(
        axis(
          .coldLatency, .milliseconds, limit: budget.coldLatency, cold, measured: smoke.coldLatency?.median,
          binds: "\(Formatting.bytes(workload.storedBytes)) from storage"))
    }
    axes.append(axis(.energy, .millijoules, limit: budget.energy, energy?.total, binds: energy?.largest))
    if budget.power != nil || power?.duty != nil {
      axes.append(axis(.power, .milliwatts, limit: budget.power, power?.total, binds: power.map { binds($0, budget.power) }))
    }
    return axes
  }

  private func axis(
    _ name: Answer.Axis.Name, _ unit: Answer.Axis.Unit, limit: Double?, _ predicted: Interval?, measured: Double? = nil,
    p95: Double? = nil, binds: String?
  ) -> Answer.Axis {
    Answer.Axis(
      name, unit: unit, limit: limit, predicted: predicted?.high, predictedLow: predicted?.low, measured: measured, measuredP95: p95,
      binds: predicted ?? measured.map(Interval.init) == nil ? nil : binds)
  }

  /// `idle 600 mW`, or `duty 1 Hz × 40.0 mJ`.
  private func binds(_ power: PowerPrediction, _ limit: Double?) -> String {
    if power.idleBinds(under: limit) { return "idle \(Formatting.scaled(power.idle, .milliwatts))" }
    let rate = Formatting.scaledFrequency(power.duty ?? 0)
    return "duty \(rate) × \(Formatting.scaled(power.energy?.high ?? 0, .millijoules))"
  }
}

extension TargetProfile {
  /// Refuses limits that nothing could be held against: the profile predicts no such figure, and the proof measures none.
  /// - Parameter measuresTime: whether the proof runs on the device itself.
  /// - Throws: `missing-costs`, one for each such limit.
  func requireCosts(for budget: Budget, measuresTime: Bool) throws(Failure) {
    var faults = FaultCollector()
    func refuse(_ limit: String, _ missing: String, _ hint: String) {
      faults.add(Diagnostic(.missingCosts, "the limit on \(limit) cannot be judged: \(name) \(missing)", hint: hint))
    }
    let measureHint = "add it, or let the device be timed: edgepack targets measure --on PLACE -o my-board.yaml"
    let hasLatency = measuresTime || cost != nil
    if budget.latency != nil, !hasLatency { refuse("latency", "has no section `cost`", measureHint) }
    if budget.coldLatency != nil, !measuresTime {
      if cost == nil { refuse("cold latency", "has no section `cost`", measureHint) }
      if memory.storageBandwidth == nil { refuse("cold latency", "has no `memory.storage_bandwidth`", "add it to the profile") }
    }
    if budget.energy != nil || budget.power != nil {
      let limit = budget.energy != nil ? "energy" : "power"
      if let power {
        if power.energy.isEmpty, power.active == nil {
          refuse(limit, "has neither `power.active` nor `power.energy`", "add `active: 1.5 W`, the device's power while it computes")
        } else if power.energy.isEmpty, !hasLatency {
          refuse(limit, "has no section `cost`, and `power.active` needs a latency", measureHint)
        }
        if budget.power != nil, power.duty == nil {
          refuse("power", "does not say how often the device computes an answer", "--duty 1Hz, or `duty: 1 Hz` in section `power`")
        }
      } else {
        refuse(limit, "has no section `power`", "add `power: { idle: 0.6 W, active: 1.5 W, duty: 1 Hz, source: … }`")
      }
    }
    try faults.throwIfAny()
  }

  /// Refuses a limit on latency where the profile has costs, but not for every kind of step.
  /// - Throws: `missing-costs`.
  func requireCosts(for workload: Workload, measuresTime: Bool) throws(Failure) {
    let missing = missingCosts(for: workload)
    guard !measuresTime, cost != nil, !missing.isEmpty, budget.latency != nil || budget.coldLatency != nil else { return }
    throw Failure(
      .missingCosts, "the limit on latency cannot be judged: \(name) has no costs for \(missing.map(\.rawValue).joined(separator: ", "))",
      hint: "add rows for them to `cost`, or a row `other`")
  }

  /// With another duty.
  /// - Throws: `invalid-quantity`; `missing-costs` where there is no section `power` that it could change.
  func withDuty(_ text: String) throws(Failure) -> TargetProfile {
    let duty: Double
    do throws(QuantityFault) { duty = try Dimension.frequency.parse(text) } catch {
      throw Failure(
        .invalidQuantity, "`--duty \(text)` is not a number with a unit; expected a number and \(Dimension.frequency.unitList)",
        hint: "write `--duty 1Hz`")
    }
    guard power != nil else {
      throw Failure(
        .missingCosts, "`--duty` says nothing about \(name), which has no section `power`",
        hint: "add `power: { idle: 0.6 W, active: 1.5 W, source: … }`")
    }
    var profile = self
    profile.power?.duty = duty
    return profile
  }
}
