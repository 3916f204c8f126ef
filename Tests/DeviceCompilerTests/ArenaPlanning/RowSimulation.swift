@testable import DeviceCompiler

/// Runs a network's layers unit by unit over a real arena in which every byte knows whose it is, and reports every byte that is gone
/// before its last use. Knows nothing of distances and directions beyond the order in which a step's units run.
struct RowSimulation {
  private var owner: [Owner?]
  private let plan: ArenaPlan
  private let request: ArenaRequest
  private(set) var violations: [String] = []

  private struct Owner: Equatable {
    var buffer: Int
    var byte: Int
  }

  static func violations(of plan: ArenaPlan, for layers: LayerSequence, _ request: ArenaRequest) -> [String] {
    var simulation = RowSimulation(plan, request)
    for (index, buffer) in request.buffers.enumerated() where buffer.firstStep == -1 { simulation.write(index, 0..<buffer.bytes) }
    for (step, layer) in layers.layers.enumerated() { simulation.run(layer, step: step) }
    return simulation.violations
  }

  private init(_ plan: ArenaPlan, _ request: ArenaRequest) {
    self.plan = plan
    self.request = request
    owner = Array(repeating: nil, count: plan.bytes)
  }

  private mutating func run(_ layer: LayerSequence.Layer, step: Int) {
    if let scratch = layer.scratch { write(scratch, 0..<request.buffers[scratch].bytes) }
    let units = plan.descendingSteps.contains(step) ? layer.units.reversed() : layer.units
    for unit in units {
      if !layer.readsFirst { write(layer.output, unit.writes) }
      for input in layer.inputs { read(input, unit.reads, step: step) }
      if layer.readsFirst { write(layer.output, unit.writes) }
    }
    if let scratch = layer.scratch { read(scratch, 0..<request.buffers[scratch].bytes, step: step) }
    for (index, buffer) in request.buffers.enumerated() where buffer.firstStep <= step && step < buffer.lastStep {
      read(index, 0..<buffer.bytes, step: step)
    }
  }

  private mutating func write(_ buffer: Int, _ bytes: Range<Int>) {
    for byte in bytes { owner[plan.offsets[buffer] + byte] = Owner(buffer: buffer, byte: byte) }
  }

  private mutating func read(_ buffer: Int, _ bytes: Range<Int>, step: Int) {
    for byte in bytes where owner[plan.offsets[buffer] + byte] != Owner(buffer: buffer, byte: byte) {
      violations.append("step \(step) finds byte \(byte) of '\(request.buffers[buffer].name)' overwritten")
      return
    }
  }
}
