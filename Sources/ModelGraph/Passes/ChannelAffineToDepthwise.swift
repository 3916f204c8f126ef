import Diagnostics

extension Pass {
  /// Turns batch normalization, and sums and products with one constant a channel, that no layer took up into a depthwise 1×1
  /// convolution, which every back end has.
  ///     BatchNorm(x: [1, H, W, C])   becomes   Conv(x, w[C, 1, 1, 1], b[C], groups: C)
  ///     BatchNorm(x: [1, C])         becomes   the same between Reshape[1, 1, 1, C] and Reshape[1, C]
  public static let channelAffineToDepthwise = Pass(
    "channel-affine-to-depthwise", after: [.foldChannelAffineForwards], because: "folding costs nothing at run time", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for output in graph.nodes.map(\.output) {
    guard let index = graph.producerIndex(of: output), let (affine, operand) = graph.channelAffine(graph.nodes[index]) else { continue }
    graph.replaceByDepthwise(index, affine, operand)
    changes += 1
  }
  return changes
}

extension Graph {
  fileprivate mutating func replaceByDepthwise(_ index: Int, _ affine: ChannelAffine, _ operand: ValueID) {
    let (name, channels, shape) = (nodes[index].name, affine.scale.count, type(of: operand).shape)
    let weights = addConstant(name + ".weight", Tensor([channels, 1, 1, 1], affine.scale.map(Float.init)))
    let bias = addConstant(name + ".bias", Tensor([channels], affine.shift.map(Float.init)))
    let operation = Convolution(window: Window2D(kernel: (1, 1)), groups: channels, activation: affine.activation)
    nodes[index].operation = .convolution(operation)
    nodes[index].inputs = [operand, weights, bias]
    guard shape.count != 4 else { return }
    let image = [1, 1, shape.dropFirst().dropLast().reduce(1, *), channels]
    let back = Operator.reshape(Reshape(shape: shape))
    split(at: index, into: .convolution(operation), nodes[index].inputs, then: back, type: TensorType(.float32, image))
    let enlarged = addValue(self[operand].name + ".image", TensorType(.float32, image))
    let reshape = Node(name: name + ".image", operation: .reshape(Reshape(shape: image)), inputs: [operand], output: enlarged)
    nodes[index].inputs[0] = enlarged
    nodes.insert(reshape, at: index)
  }
}
