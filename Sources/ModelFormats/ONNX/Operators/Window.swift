import Diagnostics
import ModelGraph

/// No window, stride, dilation or padding is longer; keeps all arithmetic on them far from overflow.
private let longestExtent = 1 << 20

/// Reads the attributes that convolutions and pools share: `kernel_shape`, `strides`, `dilations`, `pads`, `auto_pad`, `ceil_mode`.
/// - Parameters:
///   - kernel: the window's size if weights determine it.
///   - sizes: spatial sizes of the input, `[H, W]` or `[W]`.
/// - Throws: `invalid-graph` or `unsupported-attribute` at the node.
func readWindow(_ node: ImportNode, kernel weightsKernel: [Int]? = nil, sizes: [Int], roundsUp: Bool = false) throws(Failure) -> Window2D {
  let axes = sizes.count
  guard let kernel = try node.integers("kernel_shape") ?? weightsKernel else { throw node.invalid("has no `kernel_shape`") }
  if let weightsKernel, weightsKernel != kernel { throw node.invalid("has weights of size \(weightsKernel) for a window \(kernel)") }
  let strides = try node.integers("strides") ?? Array(repeating: 1, count: axes)
  let dilations = try node.integers("dilations") ?? Array(repeating: 1, count: axes)
  for (name, values) in [("kernel_shape", kernel), ("strides", strides), ("dilations", dilations)] {
    guard values.count == axes, values.allSatisfy({ (1...longestExtent).contains($0) }) else {
      throw node.invalid("has `\(name)` \(values) for \(axes) spatial axes")
    }
  }
  let pads = try readPads(node, sizes: sizes, kernel: kernel, strides: strides, dilations: dilations)
  guard axes == 2 else {
    return Window2D(
      kernel: (1, kernel[0]), stride: (1, strides[0]), dilation: (1, dilations[0]), pads: (0, pads[0], 0, pads[1]), roundsUp: roundsUp)
  }
  return Window2D(
    kernel: (kernel[0], kernel[1]), stride: (strides[0], strides[1]), dilation: (dilations[0], dilations[1]),
    pads: (pads[0], pads[1], pads[2], pads[3]), roundsUp: roundsUp)
}

/// All leading pads, then all trailing ones, as ONNX orders them.
private func readPads(_ node: ImportNode, sizes: [Int], kernel: [Int], strides: [Int], dilations: [Int]) throws(Failure) -> [Int] {
  let mode = try node.string("auto_pad", default: "NOTSET")
  switch mode {
  case "NOTSET", "":
    let pads = try node.integers("pads") ?? Array(repeating: 0, count: 2 * sizes.count)
    guard pads.count == 2 * sizes.count, pads.allSatisfy({ $0 <= longestExtent }) else {
      throw node.invalid("has `pads` \(pads) for \(sizes.count) spatial axes")
    }
    guard pads.allSatisfy({ $0 >= 0 }) else { throw node.unsupported("has negative `pads` \(pads)") }
    return pads
  case "VALID": return Array(repeating: 0, count: 2 * sizes.count)
  case "SAME_UPPER", "SAME_LOWER":
    // The output is ceil(size / stride); an odd pad goes behind the data (upper) or before them (lower).
    let totals = sizes.indices.map { axis in
      let output = (sizes[axis] + strides[axis] - 1) / strides[axis]
      return max(0, (output - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - sizes[axis])
    }
    let small = totals.map { $0 / 2 }
    let large = totals.map { $0 - $0 / 2 }
    return mode == "SAME_UPPER" ? small + large : large + small
  default: throw node.invalid("has an unknown `auto_pad` \(mode)")
  }
}
