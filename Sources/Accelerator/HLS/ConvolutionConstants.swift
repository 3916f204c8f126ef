import DeviceCompiler
import DeviceKernels
import Diagnostics

/// The constants of one convolution, taken out of the order that a processor's kernel reads them in.
struct ConvolutionConstants {
  /// `[O]`, zero point of the input folded in.
  var biases: [Int32]
  /// `[O]`.
  var multipliers: [Float]
  /// `[O, Kh, Kw, I]`, `I = C / groups`.
  var weights: [Int8]
  /// Weights of one output channel, `Kh · Kw · I`.
  var depth: Int

  init(_ block: WeightBlock, _ shape: ConvolutionShape, variant: KernelVariant, sections: ConvolutionSections) {
    let channels = shape.outputChannels
    let depth = shape.patchDepth
    let tile = variant.tile(shape)
    multipliers = (0..<channels).map { Float(bitPattern: block.bytes.word(at: sections.multipliers + 4 * $0)) }
    weights = (0..<channels * depth).map { index in
      let position = tile.offset(channel: index / depth, input: index % depth, depthCount: depth)
      return Int8(bitPattern: block.bytes[sections.weights + position])
    }
    self.depth = depth
    // The circuit reads signed inputs, so what the kernel folded in for its own offset is taken out again.
    biases = []
    for channel in 0..<channels {
      let sum = weights[channel * depth..<(channel + 1) * depth].reduce(0) { $0 + Int32($1) }
      biases.append(Int32(bitPattern: block.bytes.word(at: sections.biases + 4 * channel)) &+ variant.inputOffset &* sum)
    }
  }

  /// The smallest and largest accumulator that any int8 input can give in channel `o`. Every partial sum lies between them too, because
  /// it is the full sum for an input whose remaining elements are 0.
  func accumulatorRange(channel o: Int) -> ClosedRange<Int> {
    var low = Int(biases[o])
    var high = low
    for weight in weights[o * depth..<(o + 1) * depth] {
      let ends = (Int(weight) * Int(Int8.min), Int(weight) * Int(Int8.max))
      low += min(ends.0, ends.1)
      high += max(ends.0, ends.1)
    }
    return low...high
  }

  /// The multipliers in integer form, if every channel is inside what the requantizer computes exactly.
  /// - Throws: `multiplier-range` and `accumulator-overflow`, each with the channels that are outside.
  func integerMultipliers(layer: String) throws(Failure) -> [IntegerMultiplier] {
    let limit = IntegerMultiplier.accumulatorLimit
    var exact: [IntegerMultiplier] = []
    var outOfRange: [String] = []
    var overflowing: [String] = []
    for (o, multiplier) in multipliers.enumerated() {
      if let integer = IntegerMultiplier(multiplier) {
        exact.append(integer)
      } else {
        outOfRange.append("channel \(o): multiplier \(multiplier)")
      }
      let range = accumulatorRange(channel: o)
      if range.lowerBound <= -limit || range.upperBound >= limit {
        overflowing.append("channel \(o): accumulators from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    var faults = FaultCollector()
    if !outOfRange.isEmpty {
      faults.add(
        Diagnostic(
          .multiplierRange, "layer \(layer) cannot be offloaded: the accelerator's requantizer needs multipliers from 2^-34 to below 2^-2",
          details: outOfRange.abridged, hint: "leave this layer on the processor"))
    }
    if !overflowing.isEmpty {
      faults.add(
        Diagnostic(
          .accumulatorOverflow, "layer \(layer) cannot be offloaded: its accumulators can reach 2^24, where float32 is no longer exact",
          details: overflowing.abridged, hint: "leave this layer on the processor"))
    }
    try faults.throwIfAny()
    return exact
  }
}

extension [UInt8] {
  /// Four bytes at `offset`, little-endian.
  fileprivate func word(at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << (8 * UInt32($1)) }
  }
}

extension [String] {
  /// The first eight lines, and how many were left out.
  fileprivate var abridged: [String] {
    count <= 8 ? self : prefix(8) + ["and \(count - 8) more"]
  }
}
