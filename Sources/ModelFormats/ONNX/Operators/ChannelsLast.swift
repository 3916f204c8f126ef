import Diagnostics
import ModelGraph

extension GraphImporter {
  /// Applies an operator that works on `[N, H, W, C]` to a value of ONNX's layout, `[N, C, H, W]` or `[N, C, W]`, and brings the
  /// result back into that layout: as two transpositions, which `normalizeLayout` cancels between neighbours. One-dimensional data
  /// become two-dimensional ones of height 1.
  /// - Returns: the node's result.
  mutating func appendChannelsLast(_ operation: Operator, _ input: ValueID, _ constants: [ValueID], for node: ImportNode) throws(Failure)
    -> ValueID
  {
    let shape = shape(of: input)
    let output = node.outputNames.first
    var image = input
    if shape.count == 3 {
      image = try append(.reshape(Reshape(shape: [1, shape[1], 1, shape[2]])), [image], for: node, step: "to-image")
    }
    let last = try append(.transpose(.toChannelsLast), [image], for: node, step: "to-channels-last")
    let result = try append(operation, [last] + constants, for: node)
    let isOneDimensional = shape.count == 3
    let first = try append(
      .transpose(.toChannelsFirst), [result], for: node, step: "to-channels-first", output: isOneDimensional ? nil : output)
    guard isOneDimensional else { return first }
    let size = self.shape(of: first)
    return try append(.reshape(Reshape(shape: [1, size[1], size[3]])), [first], for: node, step: "from-image", output: output)
  }

  /// The spatial sizes of an input in ONNX's layout, `[H, W]` or `[W]`.
  /// - Throws: `unsupported-attribute` for other than one or two spatial axes.
  func spatialSizes(of input: ValueID, for node: ImportNode) throws(Failure) -> [Int] {
    let shape = shape(of: input)
    guard shape.count == 3 || shape.count == 4 else {
      throw node.unsupported("works on \(type(of: input).description); one or two spatial axes are supported")
    }
    return Array(shape.dropFirst(2))
  }
}
