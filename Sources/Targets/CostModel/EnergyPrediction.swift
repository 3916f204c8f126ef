/// What a run takes from the battery, above what the idle device takes anyway, and the power that comes of it. Energy in mJ, power in mW.
public struct EnergyPrediction: Hashable, Sendable {
  public var total: Interval
  /// What most of it goes to: `DRAM reads`, `active power × latency`.
  public var largest: String
}

/// What the device takes on average when it computes an answer `duty` times a second.
public struct PowerPrediction: Hashable, Sendable {
  public var idle: Double
  /// Answers a second, in Hz; nil if the device computes none by itself.
  public var duty: Double?
  /// Of one answer; nil if unknown, and then only `idle` counts.
  public var energy: Interval?

  /// `idle + energy × duty`.
  public var total: Interval { Interval(idle) + (energy ?? .zero) * (duty ?? 0) }

  /// Whether idling is what has to shrink for a limit: it exceeds the limit alone, or it is the larger part of what keeps within.
  public func idleBinds(under limit: Double?) -> Bool {
    let work = total.high - idle
    guard let limit else { return idle >= work }
    return idle > limit || (total.high <= limit && idle >= work)
  }
}

extension TargetProfile {
  /// Predicts the energy of one run: by the energies of its operations and bytes where the profile has them; else by the power of the busy
  /// device, which on plain cores is nearly the same whatever they compute.
  /// - Parameter latency: predicted or measured; needed for the second way.
  /// - Returns: nil if the profile has neither.
  public func energy(of workload: Workload, latency: Interval?) -> EnergyPrediction? {
    guard let power else { return nil }
    if !power.energy.isEmpty { return energyByTerms(of: workload, power) }
    guard let active = power.active, let latency else { return nil }
    let above = Interval(max(0, active.low - power.idle), max(0, active.high - power.idle))
    // mW · ms = µJ
    return EnergyPrediction(total: above * latency * 1e-3, largest: "active power × latency")
  }

  /// - Parameter duty: takes the place of the profile's.
  public func averagePower(energy: Interval?) -> PowerPrediction? {
    guard let power else { return nil }
    return PowerPrediction(idle: power.idle, duty: power.duty, energy: energy)
  }

  private func energyByTerms(of workload: Workload, _ power: Power) -> EnergyPrediction {
    let macs = Double(workload.steps.reduce(0) { $0 + $1.multiplyAccumulates })
    let weights = Double(workload.steps.reduce(0) { $0 + $1.weightBytes })
    let activations = Double(workload.steps.reduce(0) { $0 + $1.activationBytes })
    let weightsFromDRAM = memoryLevel(holding: workload.footprint) == .dram
    let parts: [(String, EnergyTerm, Double)] = [
      ("int8 multiply-accumulates", .int8MAC, macs),
      (weightsFromDRAM ? "DRAM reads of weights" : "cache reads of weights", weightsFromDRAM ? .dramByte : .l1Byte, weights),
      ("cache traffic of activations", .l1Byte, activations),
    ]
    let energies = parts.map { ($0.0, (power.energy[$0.1.rawValue] ?? .zero) * $0.2) }
    let largest = energies.max { $0.1.high < $1.1.high }?.0 ?? ""
    return EnergyPrediction(total: energies.reduce(.zero) { $0 + $1.1 }, largest: largest)
  }
}

/// The operations and bytes that a profile may give an energy.
public enum EnergyTerm: String, Hashable, Sendable, CaseIterable {
  case int8MAC = "int8_mac"
  case float32MAC = "float32_mac"
  case l1Byte = "l1_byte"
  case dramByte = "dram_byte"
}
