import DeviceCompiler
import Diagnostics
import ModelGraph
import Targets

/// A network whose layers are there to be timed: shallow and deep, wide and narrow, of every kind that a program may have. The layers
/// hang on a trunk that changes shape; what they compute means nothing.
struct ProbeNetwork: Sendable {
  var name: String
  var graph: Graph

  /// One network each for images (few and many channels), for signals (one channel) and for vectors.
  static func all() throws(Failure) -> [ProbeNetwork] { [try images(), try signals(), try vectors()] }

  static func images() throws(Failure) -> ProbeNetwork {
    var probe = ProbeBuilder("images", input: [1, 48, 48, 3])
    let a = try probe.convolution(probe.input, 8, kernel: (3, 3), stride: 2)
    _ = try probe.convolution(probe.input, 16, kernel: (3, 3), stride: 2)
    try probe.shallowLayers(on: a)
    let b = try probe.convolution(a, 16, kernel: (3, 3))
    try probe.middleLayers(on: b, channels: 16)
    let c = try probe.convolution(b, 32, kernel: (3, 3), stride: 2)
    try probe.middleLayers(on: c, channels: 32)
    let d = try probe.pointwise(try probe.depthwise(c, stride: 2), 64)
    try probe.middleLayers(on: d, channels: 64)
    let e = try probe.pointwise(try probe.depthwise(d, stride: 2), 128)
    try probe.deepLayers(on: e)
    return try probe.finish(try probe.pool(e, average: true, kernel: (3, 3), stride: 3))
  }

  static func signals() throws(Failure) -> ProbeNetwork {
    var probe = ProbeBuilder("signals", input: [1, 49, 10, 1])
    let a = try probe.convolution(probe.input, 64, kernel: (10, 4), stride: 2)
    let b = try probe.convolution(probe.input, 24, kernel: (5, 3), stride: 1)
    _ = try probe.convolution(probe.input, 8, kernel: (1, 9), stride: 1)
    let c = try probe.depthwise(a)
    _ = try probe.pointwise(c, 64)
    _ = try probe.pointwise(c, 12)
    _ = try probe.depthwise(c, kernel: (5, 5))
    _ = try probe.depthwise(b, kernel: (5, 1))
    _ = try probe.depthwise(b, kernel: (1, 7))
    _ = try probe.depthwise(b, kernel: (3, 3), stride: 2)
    _ = try probe.depthwise(b, kernel: (5, 5), stride: 2)
    _ = try probe.add(c, a)
    _ = try probe.pool(b, average: false, kernel: (2, 2), stride: 2)
    _ = try probe.pool(c, average: true, kernel: (25, 5), stride: 1)
    _ = try probe.convolution(c, 32, kernel: (3, 1))
    _ = try probe.convolution(b, 40, kernel: (3, 3), stride: 2)
    return try probe.finish(c)
  }

  static func vectors() throws(Failure) -> ProbeNetwork {
    var probe = ProbeBuilder("vectors", input: [1, 1024])
    let a = try probe.dense(probe.input, 640)
    let b = try probe.dense(a, 128)
    let c = try probe.dense(b, 8)
    let d = try probe.dense(c, 256)
    for width in [4, 10, 64, 512] { _ = try probe.dense(d, width) }
    for width in [128, 640] { _ = try probe.dense(b, width) }
    for width in [16, 100, 1000] { _ = try probe.dense(c, width) }
    for width in [2, 32] { _ = try probe.dense(a, width) }
    let wide = try probe.dense(c, 1000)
    for value in [a, b, wide] {
      _ = try probe.softmax(value)
      _ = try probe.sigmoid(value)
    }
    _ = try probe.softmax(try probe.dense(b, 10))
    _ = try probe.add(a, a)
    return try probe.finish(try probe.dense(d, 12))
  }

  /// The int8 program, its scales chosen so that they change nothing.
  func lowered(for profile: TargetProfile) throws(Failure) -> LoweredProgram { try sizedProgram(graph, named: name, for: profile) }
}

/// Builds a probe network layer by layer; weights are pseudo-random bytes.
private struct ProbeBuilder {
  private var graph: Graph
  let input: ValueID
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  init(_ name: String, input shape: [Int]) {
    graph = Graph(name: name)
    input = graph.addInput("input", TensorType(.float32, shape))
  }

  func shape(_ value: ValueID) -> [Int] { graph.type(of: value).shape }

  // MARK: Groups of layers

  /// Fewer channels than a tile has.
  mutating func shallowLayers(on value: ValueID) throws(Failure) {
    _ = try depthwise(value)
    _ = try depthwise(value, stride: 2)
    _ = try depthwise(value, kernel: (5, 5))
    _ = try pointwise(value, 16)
    _ = try pointwise(value, 4)
    _ = try convolution(value, 8, kernel: (3, 3))
    _ = try convolution(value, 24, kernel: (5, 5), stride: 2)
    _ = try pool(value, average: true, kernel: (2, 2), stride: 2)
    _ = try transpose(value)
  }

  mutating func middleLayers(on value: ValueID, channels: Int) throws(Failure) {
    _ = try depthwise(value)
    _ = try depthwise(value, stride: 2)
    _ = try depthwise(value, kernel: (5, 5))
    _ = try pointwise(value, channels)
    _ = try pointwise(value, 2 * channels)
    _ = try convolution(value, channels, kernel: (3, 3))
    _ = try convolution(value, 2 * channels, kernel: (1, 1), stride: 2)
    _ = try convolution(value, 2 * channels, kernel: (3, 3), stride: 2)
    _ = try add(value, value)
    _ = try pool(value, average: false, kernel: (2, 2), stride: 2)
    _ = try pool(value, average: false, kernel: (3, 3), stride: 2)
    _ = try pool(value, average: true, kernel: (shape(value)[1], shape(value)[2]), stride: 1)
    _ = try concatenate(value, value)
    _ = try sigmoid(value)
  }

  /// More weights than activations.
  mutating func deepLayers(on value: ValueID) throws(Failure) {
    _ = try depthwise(value)
    _ = try pointwise(value, 128)
    let wide = try pointwise(value, 256)
    _ = try depthwise(wide)
    _ = try pointwise(wide, 256)
    _ = try convolution(value, 32, kernel: (3, 3))
    _ = try pool(wide, average: true, kernel: (3, 3), stride: 1)
    _ = try add(wide, wide)
  }

  // MARK: Layers

  mutating func convolution(
    _ value: ValueID, _ channels: Int, kernel: (Int, Int), stride: Int = 1
  ) throws(Failure) -> ValueID {
    try append(
      .convolution(Convolution(window: window(kernel, stride), activation: .relu)),
      [value, weights([channels, kernel.0, kernel.1, shape(value)[3]])])
  }

  mutating func depthwise(_ value: ValueID, kernel: (Int, Int) = (3, 3), stride: Int = 1) throws(Failure) -> ValueID {
    let channels = shape(value)[3]
    return try append(
      .convolution(Convolution(window: window(kernel, stride), groups: channels, activation: .relu)),
      [value, weights([channels, kernel.0, kernel.1, 1])])
  }

  mutating func pointwise(_ value: ValueID, _ channels: Int) throws(Failure) -> ValueID {
    try convolution(value, channels, kernel: (1, 1))
  }

  mutating func dense(_ value: ValueID, _ width: Int) throws(Failure) -> ValueID {
    try append(.gemm(Gemm(activation: .relu)), [value, weights([width, shape(value)[1]])])
  }

  mutating func add(_ a: ValueID, _ b: ValueID) throws(Failure) -> ValueID {
    try append(.elementwiseBinary(ElementwiseBinary(kind: .add, activation: .relu)), [a, b])
  }

  mutating func pool(_ value: ValueID, average: Bool, kernel: (Int, Int), stride: Int) throws(Failure) -> ValueID {
    try append(
      .pooling(
        Pooling(
          kind: average ? .average(countsPadding: false) : .maximum, window: Window2D(kernel: kernel, stride: (stride, stride)))), [value])
  }

  mutating func softmax(_ value: ValueID) throws(Failure) -> ValueID { try append(.softmax(Softmax()), [value]) }

  mutating func sigmoid(_ value: ValueID) throws(Failure) -> ValueID {
    try append(.elementwiseUnary(ElementwiseUnary(kind: .sigmoid)), [value])
  }

  mutating func concatenate(_ a: ValueID, _ b: ValueID) throws(Failure) -> ValueID {
    try append(.concatenation(Concatenation(axis: 3)), [a, b])
  }

  mutating func transpose(_ value: ValueID) throws(Failure) -> ValueID {
    try append(.transpose(.toChannelsFirst), [value])
  }

  mutating func finish(_ output: ValueID) throws(Failure) -> ProbeNetwork {
    graph.outputs = [output]
    try graph.checkInvariants()
    return ProbeNetwork(name: graph.name, graph: graph)
  }

  private mutating func append(_ operation: Operator, _ inputs: [ValueID]) throws(Failure) -> ValueID {
    try graph.append(operation, inputs, name: "\(operation.name.lowercased())_\(graph.nodes.count)")
  }

  /// Keeps the size at stride 1.
  private func window(_ kernel: (Int, Int), _ stride: Int) -> Window2D {
    Window2D(
      kernel: kernel, stride: (stride, stride),
      pads: ((kernel.0 - 1) / 2, (kernel.1 - 1) / 2, kernel.0 / 2, kernel.1 / 2))
  }

  private mutating func weights(_ shape: [Int]) -> ValueID {
    let values = (0..<shape.reduce(1, *)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int(state >> 33) % 255 - 127)
    }
    return graph.addConstant("weights_\(graph.values.count)", Tensor(shape, values))
  }
}
