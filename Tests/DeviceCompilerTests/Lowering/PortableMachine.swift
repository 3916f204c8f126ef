import DeviceKernels
import ModelGraph

@testable import DeviceCompiler

/// Runs a program that was lowered for the portable kernels, in an arena of exactly the planned size.
struct PortableMachine {
  let program: LoweredProgram

  /// - Parameter input: the int8 tensor of the first step.
  /// - Returns: the int8 tensor of the last step.
  func run(_ input: [Int8]) -> [Int8] {
    // Kernels may read, but not use, up to 64 bytes behind the arena (docs/numeric-contract.md §3).
    var arena = [Int8](repeating: 85, count: program.arena.bytes + 64)
    arena.withUnsafeMutableBufferPointer { arena in
      guard let base = arena.baseAddress else { return }
      let place = { (buffer: BufferID) in base + program.arena.offsets[buffer.index] }
      for (index, value) in input.enumerated() { place(program.input.buffer)[index] = value }
      for step in program.steps {
        let block = (step.weights.map { program.weights[$0.index].bytes } ?? []) + [UInt8](repeating: 0, count: 64)
        block.withUnsafeBytes { bytes in
          if let weights = bytes.baseAddress { Self.perform(step, weights, place, program) }
        }
      }
    }
    let start = program.arena.offsets[program.output.buffer.index]
    return Array(arena[start..<start + program.buffers[program.output.buffer.index].bytes])
  }

  private static func perform(
    _ step: Step, _ block: UnsafeRawPointer, _ place: (BufferID) -> UnsafeMutablePointer<Int8>, _ program: LoweredProgram
  ) {
    let (input, output) = (place(step.inputs[0]), place(step.output) + step.outputOffset)
    let scratch = step.scratch.map(place) ?? output
    let sections = { (sections: ConvolutionSections) in
      (
        (block + sections.weights).assumingMemoryBound(to: Int8.self), (block + sections.biases).assumingMemoryBound(to: Int32.self),
        (block + sections.multipliers).assumingMemoryBound(to: Float.self)
      )
    }
    switch step.kind {
    case .convolution(let shape, let variant, let offsets):
      let (weights, biases, multipliers) = sections(offsets)
      Portable.convolutionInt8(input, weights, biases, multipliers, output, scratch, shape, variant.tile(shape))
    case .depthwiseConvolution(let shape, _, let offsets):
      let (weights, biases, multipliers) = sections(offsets)
      Portable.depthwiseConvolutionInt8(input, weights, biases, multipliers, output, scratch, shape)
    case .matmul(let shape, let variant, let offsets):
      let (weights, biases, multipliers) = sections(offsets)
      Portable.matmulInt8(input, weights, biases, multipliers, output, scratch, shape, variant.tile)
    case .floatConvolution(let shape, let offsets):
      let weights = (block + offsets.weights).assumingMemoryBound(to: Float.self)
      let biases = (block + offsets.biases).assumingMemoryBound(to: Float.self)
      Portable.convolutionFloat32(input, weights, biases, output, scratch, shape)
    case .add(let shape): Portable.addInt8(input, place(step.inputs[1]), output, shape)
    case .maximumPool(let shape): Portable.maximumPoolInt8(input, output, shape)
    case .averagePool(let shape): Portable.averagePoolInt8(input, block.assumingMemoryBound(to: Float.self), output, shape)
    case .softmax(let shape): Portable.softmaxInt8(input, block.assumingMemoryBound(to: UInt32.self), output, shape)
    case .lookup(let count): Portable.lookupInt8(input, block.assumingMemoryBound(to: Int8.self), output, count: count)
    case .stridedCopy(let copies, let fill):
      if let fill { Portable.fillInt8(output, count: program.buffers[step.output.index].bytes, value: fill) }
      for (source, copy) in zip(step.inputs, copies) { Portable.stridedCopyInt8(place(source), output, copy) }
    }
  }
}
