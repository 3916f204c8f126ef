import Diagnostics
import ModelGraph

/// MaxPool-1 to 22 and AveragePool-7 to 22, with one or two spatial axes.
func importPooling(_ kind: ONNXOperator, _ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  try node.requireSingleOutput()
  let sizes = try importer.spatialSizes(of: input, for: node)
  let window = try readWindow(node, sizes: sizes, roundsUp: node.flag("ceil_mode", default: false))
  let pool: Pooling.Kind =
    kind == .maxPool ? .maximum : .average(countsPadding: try node.flag("count_include_pad", default: false))
  return .activation(try importer.appendChannelsLast(.pooling(Pooling(kind: pool, window: window)), input, [], for: node))
}

/// GlobalAveragePool-1 and GlobalMaxPool-1: a pool whose window is the whole image.
func importGlobalPooling(_ kind: ONNXOperator, _ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let sizes = try importer.spatialSizes(of: input, for: node)
  let window = sizes.count == 2 ? Window2D(kernel: (sizes[0], sizes[1])) : Window2D(kernel: (1, sizes[0]))
  let pool: Pooling.Kind = kind == .globalMaxPool ? .maximum : .average(countsPadding: false)
  return .activation(try importer.appendChannelsLast(.pooling(Pooling(kind: pool, window: window)), input, [], for: node))
}

/// ReduceMean-1 to 18 and ReduceMax-1 to 20 over spatial axes, as a pool over their whole length. Axes are an attribute before opset 18.
func importReduction(_ kind: ONNXOperator, _ node: ImportNode, _ importer: inout GraphImporter) throws(Failure) -> Operand {
  let input = try node.activation()
  let shape = importer.shape(of: input)
  let given = node.opset < 18 ? try node.integers("axes") : try node.optionalIntegers(1)
  let axes = try node.normalized(given ?? [], rank: shape.count)
  let keepsAxes = try node.flag("keepdims", default: true)
  let reduced = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
  let result = keepsAxes ? reduced : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
  // Axis 1 is spatial only in channels-last data; axes from 2 on are spatial in ONNX's own layout.
  let isChannelsLast = axes.contains(1)
  let lastSpatial = isChannelsLast ? shape.count - 2 : shape.count - 1
  guard (3...4).contains(shape.count), let first = axes.first, let last = axes.last, first >= 1, last <= lastSpatial else {
    throw node.unsupported("reduces \(importer.type(of: input).description) over axes \(axes); spatial axes are supported")
  }
  let extent = { (axis: Int) in axes.contains(axis) ? shape[axis] : 1 }
  let spatial = isChannelsLast ? 1 : 2
  let window = shape.count == 4 ? Window2D(kernel: (extent(spatial), extent(spatial + 1))) : Window2D(kernel: (1, extent(spatial)))
  let pool = Operator.pooling(Pooling(kind: kind == .reduceMax ? .maximum : .average(countsPadding: false), window: window))
  var inner = input
  if isChannelsLast {
    if shape.count == 3 {
      inner = try importer.append(.reshape(Reshape(shape: [1, 1, shape[1], shape[2]])), [inner], for: node, step: "to-image")
    }
    inner = try importer.append(pool, [inner], for: node)
  } else {
    if shape.count == 3 {
      inner = try importer.append(.reshape(Reshape(shape: [1, shape[1], 1, shape[2]])), [inner], for: node, step: "to-image")
    }
    inner = try importer.append(.transpose(.toChannelsLast), [inner], for: node, step: "to-channels-last")
    inner = try importer.append(pool, [inner], for: node)
    inner = try importer.append(.transpose(.toChannelsFirst), [inner], for: node, step: "to-channels-first")
  }
  return .activation(
    try importer.append(.reshape(Reshape(shape: result)), [inner], for: node, step: "to-result", output: node.outputNames.first))
}
