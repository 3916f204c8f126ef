/// One kernel call with all its arguments, as the host twin hands it to the compiled kernels: the same structure on both sides of the
/// border, since both are compiled by one compiler from this file.
public struct KernelCall {
  public var instructionSet: InstructionSet
  public var tile: WeightTile
  public var input: UnsafePointer<Int8>
  /// Second operand of a sum; unused otherwise.
  public var secondInput: UnsafePointer<Int8>
  /// Sections of the weight block; unused ones point anywhere.
  public var weights: UnsafeRawPointer
  public var biases: UnsafePointer<Int32>
  public var multipliers: UnsafePointer<Float>
  public var output: UnsafeMutablePointer<Int8>
  public var scratch: UnsafeMutablePointer<Int8>

  public init(
    instructionSet: InstructionSet, tile: WeightTile, input: UnsafePointer<Int8>, secondInput: UnsafePointer<Int8>,
    weights: UnsafeRawPointer, biases: UnsafePointer<Int32>, multipliers: UnsafePointer<Float>, output: UnsafeMutablePointer<Int8>,
    scratch: UnsafeMutablePointer<Int8>
  ) {
    self.instructionSet = instructionSet
    self.tile = tile
    self.input = input
    self.secondInput = secondInput
    self.weights = weights
    self.biases = biases
    self.multipliers = multipliers
    self.output = output
    self.scratch = scratch
  }
}
