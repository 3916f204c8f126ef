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
  /// Channels and depth of the weight order (`WeightTile`). Depthwise weights are always `[Kh · Kw][C]`; there `tileChannels` only
  /// says to what multiple biases and multipliers are padded.
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

  /// The order of the weights. For depthwise convolutions it pads biases and multipliers only.
  public var tile: WeightTile { WeightTile(channels: tileChannels, depth: tileDepth) }
}

extension Portable {
  public static var convolutionVariant: KernelVariant {
    KernelVariant(operation: .convolution, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1)
  }
  public static var depthwiseConvolutionVariant: KernelVariant {
    KernelVariant(operation: .depthwiseConvolution, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1)
  }
  public static var matmulVariant: KernelVariant {
    KernelVariant(operation: .matmul, instructionSet: .portable, tileChannels: 1, tileDepth: 1, block: 1)
  }
}

extension Neon {
  public static var convolutionVariant: KernelVariant {
    KernelVariant(operation: .convolution, instructionSet: .neon, tileChannels: 4, tileDepth: 16, block: 4)
  }
  public static var depthwiseConvolutionVariant: KernelVariant {
    KernelVariant(operation: .depthwiseConvolution, instructionSet: .neon, tileChannels: 8, tileDepth: 1, block: 1)
  }
  public static var matmulVariant: KernelVariant {
    KernelVariant(operation: .matmul, instructionSet: .neon, tileChannels: 4, tileDepth: 16, block: 4)
  }
}

extension Avx2 {
  public static var convolutionVariant: KernelVariant {
    KernelVariant(operation: .convolution, instructionSet: .avx2, tileChannels: 8, tileDepth: 4, block: 4)
  }
  public static var depthwiseConvolutionVariant: KernelVariant {
    KernelVariant(operation: .depthwiseConvolution, instructionSet: .avx2, tileChannels: 16, tileDepth: 1, block: 1)
  }
  public static var matmulVariant: KernelVariant {
    KernelVariant(operation: .matmul, instructionSet: .avx2, tileChannels: 8, tileDepth: 4, block: 4)
  }
}

#if !hasFeature(Embedded)
extension InstructionSet: CaseIterable {}
extension KernelOperation: CaseIterable {}

extension KernelVariant {
  /// Every kernel that has variants. Kernel choice, tests, benchmarks and documentation read this list and no other.
  /// Within an operation the portable form is first, then each tuned one.
  public static let all: [KernelVariant] = [
    Portable.convolutionVariant, Neon.convolutionVariant, Avx2.convolutionVariant,
    Portable.depthwiseConvolutionVariant, Neon.depthwiseConvolutionVariant, Avx2.depthwiseConvolutionVariant,
    Portable.matmulVariant, Neon.matmulVariant, Avx2.matmulVariant,
  ]

  /// The best form of an operation on a target.
  /// - Parameter sets: what the target's core has, the preferred one first; `portable` need not be named.
  public static func best(_ operation: KernelOperation, for sets: [InstructionSet]) -> KernelVariant {
    for set in sets + [.portable] {
      if let variant = all.first(where: { $0.operation == operation && $0.instructionSet == set }) { return variant }
    }
    preconditionFailure("every operation has a portable form")
  }
}
#endif
