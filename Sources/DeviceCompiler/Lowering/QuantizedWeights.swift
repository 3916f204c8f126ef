import DeviceKernels
import Diagnostics
import ModelGraph

/// A layer's weights as integers, `[O, K]`, with everything its kernel needs.
struct QuantizedWeights {
  var channels: Int
  /// Inputs of one output: the product of all axes but the first.
  var depth: Int
  var weights: [Int8]
  /// At scale `s_x · s_w`, with the input's zero point and the kernel's offset folded in: `b − (z_x + offset) · Σw`, modulo 2³².
  var foldedBiases: [Int32]
  /// `s_x · s_w / s_y`, rounded once to float32.
  var multipliers: [Float]
}

extension Lowering {
  /// Quantizes a layer's weights, the node's second operand, by its plan. docs/numeric-contract.md §1 to §3.
  /// - Parameter inputOffset: what the kernel adds to each input (`KernelVariant.inputOffset`).
  /// - Throws: `plan-mismatch` and `corrupt-plan`, `accumulator-overflow` where a 32-bit sum could overflow, `multiplier-range`.
  func quantizedWeights(_ node: Node, inputOffset: Int32) throws(Failure) -> QuantizedWeights {
    guard let tensor = graph.constant(node.inputs[1]), let floats = tensor.floats, let channels = tensor.shape.first, tensor.count > 0
    else {
      throw unsupported(node, "its weights are not constant")
    }
    guard let layer = plan.layers[node.name], layer.weightScales.count == channels, layer.biases.count == channels else {
      throw Failure(
        .planMismatch, "the plan has no scales for the \(channels) channels of \(node.name)", hint: "make a new plan: run without --plan")
    }
    guard layer.weightBits == 8 else {
      throw Failure(.planMismatch, "\(node.name) is planned with \(layer.weightBits) bits; this version packs 8")
    }
    let inputQuantization = try quantization(of: node.inputs[0])
    let outputQuantization = try quantization(of: node.output)
    let depth = floats.count / channels
    var result = QuantizedWeights(channels: channels, depth: depth, weights: [], foldedBiases: [], multipliers: [])
    result.weights.reserveCapacity(floats.count)
    // The largest magnitude that an input minus its zero point can have.
    let inputReach = Int64(max(127 - inputQuantization.zeroPoint, inputQuantization.zeroPoint + 128))
    for channel in 0..<channels {
      let scale = layer.weightScales[channel]
      guard scale.isFinite, scale > 0 else {
        throw Failure(.corruptPlan, "the plan's scale of channel \(channel) of \(node.name) is not positive")
      }
      var (sum, magnitude): (Int64, Int64) = (0, 0)
      for position in channel * depth..<(channel + 1) * depth {
        let quantized = max(-127, min(127, (Double(floats[position]) / Double(scale)).rounded(.toNearestOrEven)))
        let weight = Int8(quantized)
        result.weights.append(weight)
        sum += Int64(weight)
        magnitude += Int64(abs(Int32(weight)))
      }
      let bias = layer.biases[channel]
      guard Int64(bias.magnitude) + magnitude * inputReach < 1 << 31 else {
        throw Failure(
          .accumulatorOverflow, "\(node.name) could overflow a 32-bit accumulator in channel \(channel): \(depth) inputs an output",
          hint: "split the layer")
      }
      result.foldedBiases.append(bias &- Int32(truncatingIfNeeded: (Int64(inputQuantization.zeroPoint) + Int64(inputOffset)) * sum))
      result.multipliers.append(
        try multiplier(
          Double(inputQuantization.scale) * Double(scale) / Double(outputQuantization.scale), of: node, channel: channel))
    }
    return result
  }

  /// A requantization factor, rounded once to float32.
  /// - Throws: `multiplier-range` outside of `2^−40 ≤ m < 8`.
  func multiplier(_ exact: Double, of node: Node, channel: Int? = nil) throws(Failure) -> Float {
    let rounded = Float(exact)
    guard rounded >= 0x1p-40, rounded < 8 else {
      let place = channel.map { " in channel \($0)" } ?? ""
      throw Failure(.multiplierRange, "\(node.name) needs a requantization factor of \(rounded)\(place), outside of 2^-40 … 8")
    }
    return rounded
  }

  /// The bounds of an int8 result under an activation.
  func outputRange(_ quantization: AffineQuantization, _ activation: ActivationBounds = .none) -> OutputRange {
    let minimum = activation.minimum > -.infinity ? quantization.quantize(Double(activation.minimum)) : -128
    let maximum = activation.maximum < .infinity ? quantization.quantize(Double(activation.maximum)) : 127
    return OutputRange(zeroPoint: Int32(quantization.zeroPoint), minimum: Int32(min(minimum, maximum)), maximum: Int32(maximum))
  }
}

extension AffineQuantization {
  /// `clamp(roundHalfEven(real / scale) + zeroPoint)`, in float64.
  public func quantize(_ real: Double) -> Int {
    let rounded = (real / Double(scale)).rounded(.toNearestOrEven) + Double(zeroPoint)
    return Int(max(-128, min(127, rounded)))
  }

  public func dequantize(_ stored: Int) -> Double { Double(scale) * Double(stored - zeroPoint) }
}
