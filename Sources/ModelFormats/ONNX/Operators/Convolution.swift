import Diagnostics
import ModelGraph

/// Conv-1 to 22, with one or two spatial axes. Weights `[O, I, Kh, Kw]` become `[O, Kh, Kw, I]`.
func importConvolution(_ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let sizes = try importer.spatialSizes(of: input, for: node)
  let weights = try node.weights(1)
  guard weights.shape.count == sizes.count + 2 else {
    throw node.invalid("has weights \(weights.type.description) for an input \(importer.type(of: input).description)")
  }
  let window = try readWindow(node, kernel: Array(weights.shape.dropFirst(2)), sizes: sizes)
  let groups = try node.integer("group", default: 1)
  let channels = importer.shape(of: input)[1]
  guard groups > 0, channels % groups == 0, weights.shape[0] % groups == 0, weights.shape[1] == channels / groups else {
    throw node.invalid("has weights \(weights.shape) for \(channels) channels in \(groups) groups")
  }
  let image = sizes.count == 2 ? weights : weights.reshaped(to: [weights.shape[0], weights.shape[1], 1, weights.shape[2]])
  var constants = [try importer.addConstant(node.inputName(1), image.transposed(by: [0, 2, 3, 1]), for: node)]
  if node.has(2) {
    let bias = try node.weights(2)
    guard bias.shape == [weights.shape[0]] else { throw node.invalid("has a bias \(bias.shape) for \(weights.shape[0]) channels") }
    constants.append(try importer.addConstant(node.inputName(2), bias, for: node))
  }
  let convolution = Convolution(window: window, groups: groups)
  return .activation(try importer.appendChannelsLast(.convolution(convolution), input, constants, for: node))
}
