/// How long a run takes, as far as a profile's figures say. Times in ms.
public struct LatencyPrediction: Hashable, Sendable {
  public var total: Interval
  public var steps: [Step]

  public struct Step: Hashable, Sendable {
    public var name: String
    public var time: Interval
    public var bound: Bound
  }

  /// What a step waits for.
  public enum Bound: String, Hashable, Sendable {
    case compute = "compute-bound"
    case memory = "memory-bound"
  }

  /// The layer that takes most of the time, steps of one name together.
  public var largest: Step? {
    var layers: [Step] = []
    for step in steps {
      if let index = layers.firstIndex(where: { $0.name == step.name }) {
        if step.time.center > layers[index].time.center { layers[index].bound = step.bound }
        layers[index].time = layers[index].time + step.time
      } else {
        layers.append(step)
      }
    }
    return layers.max { $0.time.center < $1.time.center }
  }
}

extension TargetProfile {
  /// Predicts the latency of a run with warm caches.
  ///
  /// A step takes as long as its arithmetic or its memory traffic, whichever is longer (a roofline). The interval of the sum holds the
  /// intervals of all terms, two standard deviations of what the terms do not explain, and the noise of the machine. What the terms do
  /// not explain is independent from layer to layer, but the same for equal layers.
  /// - Returns: nil without costs for every kind of step in `workload`; `missingCosts` names those kinds.
  public func latency(of workload: Workload) -> LatencyPrediction? {
    guard let cost, missingCosts(for: workload).isEmpty else { return nil }
    var steps: [LatencyPrediction.Step] = []
    var total = cost.run
    var deviations: [StepShape: Double] = [:]
    for step in workload.steps {
      guard let row = cost.row(step.kind) else { return nil }
      let compute = row.time(of: step)
      let memory = memoryTime(of: step, footprint: workload.footprint, cost)
      let time = Interval.larger(compute, memory)
      steps.append(
        LatencyPrediction.Step(name: step.name, time: time, bound: memory.center > compute.center ? .memory : .compute))
      total = total + time
      deviations[StepShape(kind: step.kind, counts: step.counts), default: 0] += row.spread * time.center
    }
    let unexplained = 2 * deviations.values.reduce(0) { $0 + $1 * $1 }.squareRoot() + cost.noise * total.center
    return LatencyPrediction(total: Interval(max(0, total.low - unexplained), total.high + unexplained), steps: steps)
  }

  /// The kinds of steps in `workload` that the profile has no costs for.
  public func missingCosts(for workload: Workload) -> [WorkKind] {
    let kinds = Set(workload.steps.map(\.kind))
    return WorkKind.allCases.filter { kinds.contains($0) && cost?.row($0) == nil }
  }

  /// Predicts the first answer with nothing in memory: everything is read from storage, then comes a run.
  /// - Returns: nil without a latency or without the storage's bandwidth.
  public func coldLatency(of workload: Workload, warm: Interval?) -> Interval? {
    guard let warm, let bandwidth = memory.storageBandwidth, bandwidth > 0 else { return nil }
    return warm + Interval(Double(workload.storedBytes) / bandwidth * 1e3)
  }

  private struct StepShape: Hashable {
    var kind: WorkKind
    var counts: [WorkUnit: Double]
  }

  /// How long the step's bytes need from where they live. Weights come from the smallest cache that holds everything a run touches;
  /// activations have just been written, so they come from the smallest that holds them alone. A level without a bandwidth costs nothing.
  private func memoryTime(of step: StepWork, footprint: Int, _ cost: CostTable) -> Interval {
    time(step.weightBytes, within: footprint, cost) + time(step.activationBytes, within: step.activationBytes, cost)
  }

  private func time(_ bytes: Int, within footprint: Int, _ cost: CostTable) -> Interval {
    let bandwidth: Interval?
    if let level = memoryLevel(holding: footprint) {
      bandwidth = cost.bandwidth(level) ?? (level == .dram ? memory.bandwidth.map(Interval.init) : nil)
    } else {
      // Without sizes of caches the bytes may come from anywhere.
      guard let dram = cost.bandwidth(.dram) ?? memory.bandwidth.map(Interval.init), dram.low > 0 else { return .zero }
      return Interval(0, Double(bytes) / dram.low * 1e3)
    }
    guard let bandwidth, bandwidth.low > 0 else { return .zero }
    return Interval(Double(bytes) / bandwidth.high * 1e3, Double(bytes) / bandwidth.low * 1e3)
  }

  /// The smallest level that holds so many bytes; nil if no cache's size is known.
  func memoryLevel(holding bytes: Int) -> CostTable.MemoryLevel? {
    let caches: [(CostTable.MemoryLevel, Int?)] = [(.l1, cpu.cache?.l1d), (.l2, cpu.cache?.l2), (.l3, cpu.cache?.l3)]
    guard caches.contains(where: { $0.1 != nil }) else { return nil }
    return caches.first { bytes <= $0.1 ?? 0 }?.0 ?? .dram
  }
}
