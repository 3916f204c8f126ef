/// Namespaces of the kernels, one an instruction set. `Portable` is the specification; every other equals it byte for byte.
public enum Portable {}
public enum Neon {}
public enum Avx2 {}
public enum Avx512 {}

/// The instruction sets that kernels are written for.
public enum InstructionSet: Equatable, Sendable { case portable, neon, avx2, avx512 }

/// The operations that have tuned forms. Everything else is portable on every target.
public enum KernelOperation: Equatable, Sendable { case convolution, depthwiseConvolution, matmul }

/// One form of an operation: what lowering must know to pack weights, reserve scratch and let buffers overlap.
public struct KernelVariant: Equatable, Sendable {
  public var operation: KernelOperation
  public var instructionSet: InstructionSet
  /// Channels and depth of the weight order (`WeightTile`; depthwise weights follow `depthwiseOffset`). Biases and multipliers are padded
  /// to a multiple of `tileChannels`.
  public var tileChannels: Int
  public var tileDepth: Int
  /// Output pixels (or matmul rows) computed together. Their inputs may all be read until the last of their outputs is written.
  public var block: Int

  /// What the kernel adds to each input, to make it unsigned. Its biases have it folded in like the zero point:
  /// `b − (z_x + inputOffset) · Σw`.
  public var inputOffset: Int32
  /// Whether windows whose rows are contiguous are multiplied where they lie, so that each row of weights begins a new group.
  public var readsWindows: Bool

  public init(
    operation: KernelOperation, instructionSet: InstructionSet, tileChannels: Int, tileDepth: Int, block: Int, inputOffset: Int32 = 0,
    readsWindows: Bool = false
  ) {
    self.operation = operation
    self.instructionSet = instructionSet
    self.tileChannels = tileChannels
    self.tileDepth = tileDepth
    self.block = block
    self.inputOffset = inputOffset
    self.readsWindows = readsWindows
  }

  /// Whether programs made for speed inline the kernel into its calls (`EDGEPACK_SPECIALIZED`), which have literal shapes.
  public var isSpecialized: Bool { instructionSet == .avx512 || instructionSet == .avx2 }

  /// The order of weights, without runs.
  public var tile: WeightTile { WeightTile(channels: tileChannels, depth: tileDepth) }

  /// The order of a convolution's weights.
  public func tile(_ shape: ConvolutionShape) -> WeightTile {
    let readsRows = readsWindows && StagedRows(shape, block: block).isDirect
    return WeightTile(channels: tileChannels, depth: tileDepth, run: readsRows ? shape.kernelWidth * shape.inputChannels : 0)
  }
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
    KernelVariant(operation: .convolution, instructionSet: .avx2, tileChannels: 16, tileDepth: 2, block: 4)
  }
  public static var depthwiseConvolutionVariant: KernelVariant {
    KernelVariant(operation: .depthwiseConvolution, instructionSet: .avx2, tileChannels: 16, tileDepth: 1, block: 1)
  }
  public static var matmulVariant: KernelVariant {
    KernelVariant(operation: .matmul, instructionSet: .avx2, tileChannels: 16, tileDepth: 2, block: 4)
  }
}

extension Avx512 {
  public static var convolutionVariant: KernelVariant {
    KernelVariant(
      operation: .convolution, instructionSet: .avx512, tileChannels: 16, tileDepth: 4, block: 16, inputOffset: 128, readsWindows: true)
  }
  public static var depthwiseConvolutionVariant: KernelVariant {
    KernelVariant(operation: .depthwiseConvolution, instructionSet: .avx512, tileChannels: 16, tileDepth: 4, block: 1, inputOffset: 128)
  }
  public static var matmulVariant: KernelVariant {
    KernelVariant(operation: .matmul, instructionSet: .avx512, tileChannels: 16, tileDepth: 4, block: 16, inputOffset: 128)
  }
}

#if !hasFeature(Embedded)
extension InstructionSet: CaseIterable {}
extension KernelOperation: CaseIterable {}

extension KernelVariant {
  /// Every kernel that has variants. Kernel choice, tests, benchmarks and documentation read this list and no other.
  /// Within an operation the portable form is first, then each tuned one.
  public static let all: [KernelVariant] = [
    Portable.convolutionVariant, Neon.convolutionVariant, Avx2.convolutionVariant, Avx512.convolutionVariant,
    Portable.depthwiseConvolutionVariant, Neon.depthwiseConvolutionVariant, Avx2.depthwiseConvolutionVariant,
    Avx512.depthwiseConvolutionVariant,
    Portable.matmulVariant, Neon.matmulVariant, Avx2.matmulVariant, Avx512.matmulVariant,
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
