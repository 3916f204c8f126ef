import DeviceCompiler
import DeviceKernels
import Diagnostics
import Dispatch
import ModelGraph

/// Runs a lowered program on this machine through the device's own kernels: golden vectors and bulk evaluation.
///
/// The program must have been lowered for instruction sets that this machine has (`HostKernels.instructionSets`); the bytes are those of
/// every other instruction set, since all kernels equal the portable ones.
public struct HostTwin: Sendable {
  public let program: LoweredProgram
  private let kernels: HostKernels

  /// - Precondition: every step was lowered for one of `kernels.instructionSets`.
  public init(_ program: LoweredProgram, kernels: HostKernels) {
    for step in program.steps {
      let set = step.kind.instructionSet
      precondition(kernels.instructionSets.contains(set), "\(step.name) was lowered for \(set), which this machine has no kernels for")
    }
    self.program = program
    self.kernels = kernels
  }

  public var inputBytes: Int { program.buffers[program.input.buffer.index].bytes }
  public var outputBytes: Int { program.buffers[program.output.buffer.index].bytes }

  /// Runs samples in parallel.
  /// - Parameter inputs: each the int8 tensor of the first step, `inputBytes` long.
  /// - Returns: the int8 tensors of the last step, in order.
  public func run(_ inputs: [[Int8]]) -> [[Int8]] {
    var outputs = [[Int8]](repeating: [], count: inputs.count)
    let workers = max(1, min(inputs.count, kernels.threads))
    outputs.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        var machine = TwinMachine(program, kernels)
        for index in stride(from: worker, to: inputs.count, by: workers) {
          slots[index] = machine.run(inputs[index])
        }
        machine.deallocate()
      }
    }
    return outputs
  }

  /// Runs one sample and shows every step's output, in the order of `program.steps`.
  public func trace(_ input: [Int8], _ observe: (Int, UnsafeBufferPointer<Int8>) -> Void) {
    var machine = TwinMachine(program, kernels)
    _ = machine.run(input, observe: observe)
    machine.deallocate()
  }
}

extension StepKind {
  /// What its kernel is compiled for.
  fileprivate var instructionSet: InstructionSet {
    switch self {
    case .convolution(_, let variant, _), .depthwiseConvolution(_, let variant, _), .matmul(_, let variant, _): variant.instructionSet
    case .floatConvolution, .add, .maximumPool, .averagePool, .softmax, .lookup, .stridedCopy: .portable
    }
  }
}

/// One thread's arena and a readable copy of the weights.
private struct TwinMachine {
  /// What kernels may read past the arena and past a weight block (docs/numeric-contract.md §3).
  static let slack = 64

  let program: LoweredProgram
  let kernels: HostKernels
  let arena: UnsafeMutableRawPointer
  let weights: [UnsafeMutableRawPointer]

  init(_ program: LoweredProgram, _ kernels: HostKernels) {
    self.program = program
    self.kernels = kernels
    arena = .allocate(byteCount: program.arena.bytes + Self.slack, alignment: 64)
    arena.initializeMemory(as: UInt8.self, repeating: 0, count: program.arena.bytes + Self.slack)
    weights = program.weights.map { block in
      let copy = UnsafeMutableRawPointer.allocate(byteCount: block.bytes.count + Self.slack, alignment: 64)
      copy.initializeMemory(as: UInt8.self, repeating: 0, count: block.bytes.count + Self.slack)
      block.bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
      return copy
    }
  }

  func deallocate() {
    arena.deallocate()
    for block in weights { block.deallocate() }
  }

  func buffer(_ id: BufferID) -> UnsafeMutablePointer<Int8> {
    (arena + program.arena.offsets[id.index]).assumingMemoryBound(to: Int8.self)
  }

  mutating func run(_ input: [Int8], observe: (Int, UnsafeBufferPointer<Int8>) -> Void = { _, _ in }) -> [Int8] {
    let inputBuffer = program.buffers[program.input.buffer.index]
    precondition(input.count == inputBuffer.bytes, "a sample is as large as the input buffer")
    input.withUnsafeBufferPointer { buffer(program.input.buffer).update(from: $0.baseAddress!, count: $0.count) }
    for (index, step) in program.steps.enumerated() {
      runParts(of: step)
      observe(index, UnsafeBufferPointer(start: buffer(step.output), count: program.buffers[step.output.index].bytes))
    }
    let output = program.buffers[program.output.buffer.index]
    return Array(UnsafeBufferPointer(start: buffer(program.output.buffer), count: output.bytes))
  }

  /// Runs a step as the device does with as many threads as it may have, one part after the other.
  private func runParts(of step: Step) {
    guard let split = step.split else { return run(step, step.kind) }
    let strides = step.kind.partStrides(along: split.axis)
    for index in 0..<split.mostParts {
      let stretch = StepPart(index: index, parts: split.mostParts).stretch(of: split.extent, unit: split.unit)
      run(step, step.kind.part(stretch, along: split.axis), moved: stretch.first, strides)
    }
  }

  /// - Parameter position: the first row, column or element to compute, by which the pointers move.
  private func run(_ step: Step, _ kind: StepKind, moved position: Int = 0, _ strides: PartStrides = PartStrides()) {
    func call(
      _ variant: KernelVariant? = nil, _ sections: ConvolutionSections? = nil, tile: WeightTile = .rows, input: BufferID? = nil
    ) -> KernelCall {
      self.call(step, variant, sections, tile: tile, input: input).moved(position, strides)
    }
    switch kind {
    case .convolution(let shape, let variant, let sections):
      kernels.convolution(call(variant, sections, tile: variant.tile(shape)), shape)
    case .depthwiseConvolution(let shape, let variant, let sections):
      kernels.depthwiseConvolution(call(variant, sections), shape)
    case .matmul(let shape, let variant, let sections):
      kernels.matmul(call(variant, sections, tile: variant.tile), shape)
    case .floatConvolution(let shape, let sections):
      // The biases travel where int8 layers have their multipliers: both are float32.
      kernels.floatConvolution(
        call(nil, ConvolutionSections(biases: 0, multipliers: sections.biases, weights: sections.weights)), shape)
    case .add(let shape): kernels.add(call(), shape)
    case .maximumPool(let shape): kernels.maximumPool(call(), shape)
    case .averagePool(let shape): kernels.averagePool(call(), shape)
    case .softmax(let shape): kernels.softmax(call(), shape)
    case .lookup(let count): kernels.lookup(call(), count)
    case .stridedCopy(let copies, let fill):
      if let fill { buffer(step.output).update(repeating: fill, count: program.buffers[step.output.index].bytes) }
      for (input, copy) in zip(step.inputs, copies) { kernels.stridedCopy(call(input: input), copy) }
    }
  }

  private func call(
    _ step: Step, _ variant: KernelVariant?, _ sections: ConvolutionSections?, tile: WeightTile, input: BufferID?
  ) -> KernelCall {
    let block = step.weights.map { UnsafeRawPointer(weights[$0.index]) } ?? UnsafeRawPointer(arena)
    return KernelCall(
      instructionSet: variant?.instructionSet ?? .portable,
      tile: tile,
      input: UnsafePointer(buffer(input ?? step.inputs[0])), secondInput: UnsafePointer(buffer(step.inputs.last ?? step.inputs[0])),
      weights: block + (sections?.weights ?? 0), biases: (block + (sections?.biases ?? 0)).assumingMemoryBound(to: Int32.self),
      multipliers: (block + (sections?.multipliers ?? 0)).assumingMemoryBound(to: Float.self),
      output: buffer(step.output) + step.outputOffset, scratch: step.scratch.map(buffer) ?? arena.assumingMemoryBound(to: Int8.self))
  }
}

extension KernelCall {
  /// The call of a part that begins `position` rows, columns or elements into the step's output.
  fileprivate func moved(_ position: Int, _ strides: PartStrides) -> KernelCall {
    var part = self
    part.input += position * strides.input
    part.secondInput += position * strides.input
    part.weights += position * strides.weights
    part.biases += position * strides.channels
    part.multipliers += position * strides.channels
    part.output += position * strides.output
    return part
  }
}
