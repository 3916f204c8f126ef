import Diagnostics
import ModelGraph

/// One node of a model file while it is imported: its unique name, its operands, and typed access to its attributes.
struct ImportNode {
  /// Unique in the model: the node's own name, or its output's.
  let name: String
  /// `Conv`; with its domain if that is not ONNX's own.
  let kind: String
  let opset: Int
  /// What each input stands for; trailing absent ones are cut off.
  let operands: [Operand]
  /// Names of the operands and results in the model.
  let inputNames: [String]
  let outputNames: [String]
  private let attributes: [ONNXAttributeProto]
  private let path: String

  init(_ proto: ONNXNodeProto, name: String, operands: [Operand], in file: ModelFile) {
    self.name = name
    kind = isStandard(proto.domain) ? proto.opType : "\(proto.domain).\(proto.opType)"
    opset = file.opset
    self.operands = operands
    inputNames = proto.input
    outputNames = proto.output
    attributes = proto.attribute
    path = file.path
  }

  // MARK: Faults

  var location: Location { Location(file: path, element: "node \(name)") }

  /// The node is valid, but edgepack cannot do what it asks for.
  func unsupported(_ reason: String, hint: String? = nil) -> Failure {
    Failure(.unsupportedAttribute, "\(kind) \(name) \(reason)", at: location, hint: hint)
  }

  /// The node contradicts the ONNX specification or its operands.
  func invalid(_ reason: String) -> Failure { Failure(.invalidGraph, "\(kind) \(name) \(reason)", at: location) }

  // MARK: Attributes

  func integer(_ name: String, default value: Int) throws(Failure) -> Int {
    guard let attribute = try attribute(name, .int) else { return value }
    return Int(attribute.i)
  }

  func flag(_ name: String, default value: Bool) throws(Failure) -> Bool { try integer(name, default: value ? 1 : 0) != 0 }

  func integers(_ name: String) throws(Failure) -> [Int]? {
    try attribute(name, .ints)?.ints.map { Int($0) }
  }

  /// - Throws: `not-finite` for NaN; infinities are legal bounds of a Clip.
  func float(_ name: String, default value: Float) throws(Failure) -> Float {
    guard let attribute = try attribute(name, .float) else { return value }
    guard !attribute.f.isNaN else { throw Failure(.notFinite, "attribute `\(name)` of \(self.name) is NaN", at: location) }
    return attribute.f
  }

  /// - Throws: `not-finite` for NaN and infinities.
  func finite(_ name: String, default value: Float) throws(Failure) -> Float {
    let number = try float(name, default: value)
    guard number.isFinite else { throw Failure(.notFinite, "attribute `\(name)` of \(self.name) is infinite", at: location) }
    return number
  }

  func string(_ name: String, default value: String) throws(Failure) -> String {
    guard let attribute = try attribute(name, .string) else { return value }
    return String(decoding: attribute.s, as: UTF8.self)
  }

  /// A tensor that stands in an attribute.
  func decode(_ tensor: ONNXTensorProto) throws(Failure) -> Tensor {
    try TensorDecoder(path: path).decode(tensor, element: "node \(name)")
  }

  /// The attribute if it is present. Files older than IR version 3 leave its type out.
  func attribute(_ name: String, _ type: ONNXAttributeProto.AttributeType) throws(Failure) -> ONNXAttributeProto? {
    guard let attribute = attributes.first(where: { $0.name == name }) else { return nil }
    guard attribute.type == type || attribute.type == .undefined else {
      throw Failure(.corruptModel, "attribute `\(name)` of \(self.name) is of type \(attribute.type), not \(type)", at: location)
    }
    return attribute
  }

  // MARK: Operands

  func operand(_ index: Int) -> Operand { operands.indices.contains(index) ? operands[index] : .absent }

  func has(_ index: Int) -> Bool {
    if case .absent = operand(index) { false } else { true }
  }

  /// Name of an operand for constants that come from it.
  func inputName(_ index: Int) -> String { inputNames.indices.contains(index) ? inputNames[index] : "\(name)/\(index)" }

  /// A tensor that the network computes.
  func activation(_ index: Int = 0) throws(Failure) -> ValueID {
    switch operand(index) {
    case .activation(let id): return id
    case .constant: throw unsupported("computes from the constant \(inputName(index)) only")
    case .absent: throw invalid("lacks operand \(index)")
    case .unknown: throw internalFault(index)
    }
  }

  /// A tensor that is known at import; nil if the operand is absent.
  func optionalConstant(_ index: Int) throws(Failure) -> Tensor? {
    switch operand(index) {
    case .constant(let tensor): return tensor
    case .absent: return nil
    case .activation: throw unsupported("takes operand \(inputName(index)) from the network; it must be a constant")
    case .unknown: throw internalFault(index)
    }
  }

  func constant(_ index: Int) throws(Failure) -> Tensor {
    guard let tensor = try optionalConstant(index) else { throw invalid("lacks operand \(index)") }
    return tensor
  }

  /// Constant float operand whose values are all finite: weights, biases, factors.
  /// - Throws: `not-finite`.
  func weights(_ index: Int) throws(Failure) -> Tensor {
    let tensor = try constant(index)
    guard let floats = tensor.floats else { throw invalid("has integers as operand \(inputName(index)), where it needs floats") }
    if let fault = NonFiniteCount(floats) {
      throw Failure(
        .notFinite, "weights of \(name) contain \(fault.description(shape: tensor.shape))",
        at: Location(file: path, element: "initializer \(inputName(index))"),
        hint: "the training diverged or the export broke; export an earlier checkpoint")
    }
    return tensor
  }

  /// A constant with one element, as Clip's bounds are.
  func optionalScalar(_ index: Int) throws(Failure) -> Float? {
    guard let tensor = try optionalConstant(index) else { return nil }
    guard let floats = tensor.floats, floats.count == 1, !floats[0].isNaN else {
      throw invalid("has an operand \(index) that is not one number")
    }
    return floats[0]
  }

  /// Constant integers, as axes and shapes are; nil if the operand is absent.
  func optionalIntegers(_ index: Int) throws(Failure) -> [Int]? {
    guard let tensor = try optionalConstant(index) else { return nil }
    guard let integers = tensor.integers else { throw invalid("has an operand \(index) that holds no integers") }
    return integers.map { Int($0) }
  }

  /// Axes counted from 0, in ascending order.
  func normalized(_ axes: [Int], rank: Int) throws(Failure) -> [Int] {
    var result: Set<Int> = []
    for axis in axes {
      guard axis >= -rank, axis < rank else { throw invalid("has axis \(axis) for \(rank) axes") }
      guard result.insert(axis < 0 ? axis + rank : axis).inserted else { throw invalid("names axis \(axis) twice") }
    }
    return result.sorted()
  }

  func normalized(_ axis: Int, rank: Int) throws(Failure) -> Int { try normalized([axis], rank: rank)[0] }

  /// Refuses a second result, such as MaxPool's indices or Dropout's mask, that something reads.
  func requireSingleOutput() throws(Failure) {
    guard outputNames.dropFirst().allSatisfy(\.isEmpty) else { throw unsupported("has a second result `\(outputNames[1])`") }
  }

  private func internalFault(_ index: Int) -> Failure {
    Failure(.internalError, "\(name) was imported although operand \(index) is unknown", at: location)
  }
}

/// What a name of the model stands for.
enum Operand {
  case activation(ValueID)
  case constant(Tensor)
  /// An optional operand that is left out.
  case absent
  /// Not known because of a fault that is already recorded; `isShape` if it can only be shape arithmetic.
  case unknown(isShape: Bool)
}
