/// Namespaces of the kernels, one an instruction set. `Portable` is the specification; every other equals it byte for byte.
public enum Portable {}
public enum Neon {}
public enum Avx2 {}

/// The instruction sets that kernels are written for.
public enum InstructionSet: Equatable, Sendable { case portable, neon, avx2 }

/// The operations that have tuned forms. Everything else is portable on every target.
public enum KernelOperation: Equatable, Sendable { case convolution, depthwiseConvolution, matmul }

/// One form of an operation: what lowering must know to pack weights, reserve scratch and let buffers overlap.
public struct KernelVariant: Equatable, Sendable {
  public var operation: KernelOperation
  public var instructionSet: InstructionSet
  /// Channels and depth of the weight order (`WeightTile`).
  public var tileChannels: Int
  public var tileDepth: Int
  /// Output pixels (or matmul rows) computed together. Their inputs may all be read until the last of their outputs is written.
  public var block: Int

  public init(operation: KernelOperation, instructionSet: InstructionSet, tileChannels: Int, tileDepth: Int, block: Int) {
    self.operation = operation
    self.instructionSet = instructionSet
    self.tileChannels = tileChannels
    self.tileDepth = tileDepth
    self.block = block
  }
}
