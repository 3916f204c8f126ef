import Diagnostics
import ModelGraph

/// Runs a graph in float32 on this machine, for any batch. Weights are prepared once; the value can be shared and run many times.
///
/// Results do not depend on the number of cores. They may differ in the last bits between batch sizes and CPUs, as matrix products
/// are summed in another order.
public struct FloatExecutor: Sendable {
  private let graph: Graph
  private let steps: [Step]
  private let places: [Place]
  /// Floats a sample that each piece of shared work space holds.
  private let slotSizes: [Int]
  private let scratchCount: Int

  /// - Throws: `invalid-graph` if an activation's first axis is not a batch of 1, or weights are not constants.
  public init(_ graph: Graph) throws(Failure) {
    var graph = graph
    _ = try Pass.foldConstants.run(&graph)
    self.graph = graph
    var faults = FaultCollector()
    var steps: [Step] = []
    for id in graph.inputs + graph.nodes.map(\.output) where graph.type(of: id).shape.first != 1 {
      faults.add(Diagnostic(.invalidGraph, "\(graph[id].name) is \(graph.type(of: id).description), which has no batch of 1"))
    }
    try faults.throwIfAny()
    for node in graph.nodes {
      let kernel = faults.collect { () throws(Failure) in try makeKernel(Layer(node, in: graph)) }
      if let kernel { steps.append(Step(kernel: kernel, inputs: node.inputs, output: node.output)) }
    }
    try faults.throwIfAny()
    self.steps = steps
    scratchCount = steps.map(\.kernel.scratchCount).max() ?? 0
    (places, slotSizes) = assignPlaces(graph)
  }

  /// Computes the graph's outputs.
  /// - Parameters:
  ///   - inputs: one a graph input, in order, float32, of the input's shape with any batch in axis 0; all of one batch.
  ///   - observe: called with the inputs and then with every computed value, for the whole batch, in execution order. Without it less
  ///     memory is used: a slice of the batch at a time goes through the whole network.
  /// - Returns: one tensor a graph output, with the same batch.
  /// - Throws: `shape-mismatch` if the inputs do not fit the graph.
  public func run(_ inputs: [Tensor], observe: ((ValueID, Tensor) -> Void)? = nil) throws(Failure) -> [Tensor] {
    let batch = try checkedBatch(of: inputs)
    let slices = BatchSlices(samples: batch, floatsPerSample: graph.nodes.map { graph.type(of: $0.output).count }.max() ?? 1)
    if let observe { return runStepwise(inputs, slices, observe) }
    return runSlicewise(inputs, slices)
  }

  private func checkedBatch(of inputs: [Tensor]) throws(Failure) -> Int {
    guard inputs.count == graph.inputs.count else {
      throw Failure(.shapeMismatch, "the model takes \(graph.inputs.count) inputs, got \(inputs.count)")
    }
    let batch = inputs.first?.shape.first ?? 1
    var faults = FaultCollector()
    for (id, tensor) in zip(graph.inputs, inputs) {
      let expected = graph.type(of: id)
      if tensor.floats == nil || tensor.shape != [batch] + expected.shape.dropFirst() {
        faults.add(
          Diagnostic(
            .shapeMismatch, "input \(graph[id].name) takes \(expected.description) for each sample, got \(tensor.type.description)"))
      }
    }
    try faults.throwIfAny()
    return batch
  }
}

/// A node ready to run.
private struct Step: Sendable {
  let kernel: any FloatKernel
  let inputs: [ValueID]
  let output: ValueID
}

/// Where a value's floats are while a slice goes through the network.
private enum Place: Sendable {
  case input(Int)
  case constant(FloatBuffer)
  /// The caller's result.
  case output(Int)
  /// A piece of work space, shared with values that live at other times.
  case slot(Int)
  /// Integers, which no kernel reads.
  case nowhere
}

/// Gives every computed value a slot that is free from its producer to its last reader.
private func assignPlaces(_ graph: Graph) -> ([Place], [Int]) {
  var places = graph.values.map { value in value.constant?.floats.map { Place.constant(FloatBuffer($0)) } ?? .nowhere }
  for (position, id) in graph.inputs.enumerated() { places[id.index] = .input(position) }
  var lastReader: [ValueID: Int] = [:]
  for (index, node) in graph.nodes.enumerated() { for input in node.inputs { lastReader[input] = index } }
  var sizes: [Int] = []
  var free: [Int] = []
  for (index, node) in graph.nodes.enumerated() {
    let size = graph.type(of: node.output).count
    if let position = graph.outputs.firstIndex(of: node.output) {
      places[node.output.index] = .output(position)
    } else {
      // The smallest free slot that is large enough, else the largest one, grown.
      let sorted = free.sorted { sizes[$0] < sizes[$1] }
      let slot = sorted.first { sizes[$0] >= size } ?? sorted.last ?? sizes.count
      if slot == sizes.count { sizes.append(size) }
      sizes[slot] = max(sizes[slot], size)
      free.removeAll { $0 == slot }
      places[node.output.index] = .slot(slot)
      if lastReader[node.output] == nil { free.append(slot) }
    }
    for input in Set(node.inputs) where lastReader[input] == index {
      if case .slot(let slot) = places[input.index] { free.append(slot) }
    }
  }
  return (places, sizes)
}

// MARK: Slice by slice

extension FloatExecutor {
  /// Each worker takes slices of the batch through the whole network, in work space that stays in its core's cache.
  private func runSlicewise(_ inputs: [Tensor], _ slices: BatchSlices) -> [Tensor] {
    let results = graph.outputs.map { FloatBuffer(count: graph.type(of: $0).count * slices.samples) }
    let spaces = (0..<slices.workers).map { _ in
      WorkSpace(slots: slotSizes.map { FloatBuffer(count: $0 * slices.sliceSize) }, scratch: FloatBuffer(count: scratchCount))
    }
    withPointers(to: inputs) { inputs in
      slices.forEach { worker, range in
        runSlice(range, inputs, results, spaces[worker])
      }
    }
    return zip(graph.outputs, results).map { id, result in
      Tensor([slices.samples] + graph.type(of: id).shape.dropFirst(), result.array)
    }
  }

  private func runSlice(_ range: Range<Int>, _ inputs: [UnsafePointer<Float>], _ results: [FloatBuffer], _ space: WorkSpace) {
    func operand(_ id: ValueID) -> Operand {
      let count = graph.type(of: id).count
      switch places[id.index] {
      case .input(let position): return Operand(pointer: inputs[position] + range.lowerBound * count, stride: count)
      case .constant(let buffer): return Operand(pointer: buffer.readable, stride: 0)
      case .output(let position): return Operand(pointer: results[position].readable + range.lowerBound * count, stride: count)
      case .slot(let slot): return Operand(pointer: space.slots[slot].readable, stride: count)
      case .nowhere: preconditionFailure("a kernel reads float32 values only")
      }
    }
    for step in steps {
      let target: UnsafeMutablePointer<Float>
      switch places[step.output.index] {
      case .output(let position): target = results[position].pointer + range.lowerBound * graph.type(of: step.output).count
      case .slot(let slot): target = space.slots[slot].pointer
      case .input, .constant, .nowhere: preconditionFailure("a node computes neither inputs nor constants")
      }
      step.kernel.run(step.inputs.map(operand), target, samples: range.count, scratch: space.scratch.pointer)
    }
    copyUncomputedOutputs(range, results, operand)
  }

  /// Outputs that are inputs, constants, or listed twice.
  private func copyUncomputedOutputs(_ range: Range<Int>, _ results: [FloatBuffer], _ operand: (ValueID) -> Operand) {
    for (position, id) in graph.outputs.enumerated() {
      if case .output(position) = places[id.index] { continue }
      let (source, count) = (operand(id), graph.type(of: id).count)
      for index in 0..<range.count {
        (results[position].pointer + (range.lowerBound + index) * count).update(from: source.pointer + index * source.stride, count: count)
      }
    }
  }
}

/// What one thread works in.
private struct WorkSpace {
  let slots: [FloatBuffer]
  let scratch: FloatBuffer
}

// MARK: Step by step

extension FloatExecutor {
  /// Computes one value after the other for the whole batch, cut into the same slices, and shows each. Values are freed after their last
  /// reader.
  private func runStepwise(_ inputs: [Tensor], _ slices: BatchSlices, _ observe: (ValueID, Tensor) -> Void) -> [Tensor] {
    var readers = graph.readerCounts()
    var alive: [ValueID: Tensor] = [:]
    for (id, tensor) in zip(graph.inputs, inputs) {
      alive[id] = tensor
      observe(id, tensor)
    }
    let scratch = (0..<slices.workers).map { _ in FloatBuffer(count: scratchCount) }
    for step in steps {
      let result = compute(step, alive, slices, scratch)
      alive[step.output] = result
      observe(step.output, result)
      for input in step.inputs + [step.output] where graph.constant(input) == nil {
        if input != step.output { readers[input.index] -= 1 }
        if readers[input.index] == 0 { alive[input] = nil }
      }
    }
    return graph.outputs.map { id in
      if let tensor = alive[id] { return tensor }
      let (values, shape) = (graph.constant(id)?.floats ?? [], graph.type(of: id).shape)
      return Tensor([slices.samples] + shape.dropFirst(), (0..<slices.samples).flatMap { _ in values })
    }
  }

  private func compute(_ step: Step, _ alive: [ValueID: Tensor], _ slices: BatchSlices, _ scratch: [FloatBuffer]) -> Tensor {
    let type = graph.type(of: step.output)
    let total = type.count * slices.samples
    let variable = step.inputs.compactMap { alive[$0] }
    let values = [Float](unsafeUninitializedCapacity: total) { buffer, count in
      count = total
      guard let target = buffer.baseAddress else { return }
      withPointers(to: variable) { pointers in
        slices.forEach { worker, range in
          var remaining = pointers[...]
          let operands = step.inputs.map { id -> Operand in
            let stride = graph.type(of: id).count
            if alive[id] != nil, let pointer = remaining.popFirst() {
              return Operand(pointer: pointer + range.lowerBound * stride, stride: stride)
            }
            guard case .constant(let buffer) = places[id.index] else { preconditionFailure("a value is freed after its last reader") }
            return Operand(pointer: buffer.readable, stride: 0)
          }
          step.kernel.run(operands, target + range.lowerBound * type.count, samples: range.count, scratch: scratch[worker].pointer)
        }
      }
    }
    return Tensor([slices.samples] + type.shape.dropFirst(), values)
  }
}

/// Calls `body` with the addresses of the tensors' floats, valid during the call.
private func withPointers(to tensors: [Tensor], _ body: ([UnsafePointer<Float>]) -> Void) {
  func descend(_ position: Int, _ pointers: [UnsafePointer<Float>]) {
    guard position < tensors.count else { return body(pointers) }
    (tensors[position].floats ?? []).withUnsafeBufferPointer { buffer in
      // An empty tensor has no address; nothing is read through this one.
      let pointer = buffer.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Float>.alignment)
      if let pointer { descend(position + 1, pointers + [pointer]) }
    }
  }
  descend(0, [])
}
