import Diagnostics
import ModelGraph

/// Reads the declaration of one model input and fixes its dynamic dimensions.
struct InputReader {
  private let proto: ONNXValueInfoProto
  private let path: String
  /// Axes that the file leaves open, with their names.
  let dynamicAxes: [Int: String]

  init(_ proto: ONNXValueInfoProto, path: String) {
    self.proto = proto
    self.path = path
    var axes: [Int: String] = [:]
    for (axis, dimension) in proto.type.tensorType.shape.dim.enumerated() {
      switch dimension.value {
      case .dimValue(let size): if size == 0 || size == -1 { axes[axis] = "" }
      case .dimParam(let name): axes[axis] = name
      case nil: axes[axis] = ""
      }
    }
    dynamicAxes = axes
  }

  private var location: Location { Location(file: path, element: "input \(proto.name)") }

  /// The type for batch 1.
  /// - Parameter given: the user's `--shape` for this input.
  /// - Throws: `dynamic-shape`, `shape-mismatch`, `unsupported-attribute` or `corrupt-model`.
  func type(given: [Int]?) throws(Failure) -> TensorType {
    try checkElementType()
    let tensor = proto.type.tensorType
    guard tensor.hasShape || given != nil else {
      throw Failure(
        .dynamicShape, "input \(proto.name) of \(fileName(path)) has no shape", at: location,
        hint: "`--shape \(proto.name)=1,3,96,96` fixes it")
    }
    let declared = tensor.shape.dim.map { Int($0.dimValue) }
    let shape = if let given { try checked(given, against: tensor.hasShape ? declared : nil) } else { try fixed(declared) }
    guard let batch = shape.first else { throw unsupported("is a scalar; inputs have a batch axis") }
    guard batch == 1 else {
      throw unsupported(
        "has a fixed batch of \(batch); programs work on one sample", hint: "`--shape \(example(shape))` imports it for batch 1")
    }
    guard CheckedInt.elements(of: shape).within(1...GraphImporter.mostElements) != nil else {
      throw Failure(.corruptModel, "input \(proto.name) has an impossible shape \(shape)", at: location)
    }
    return TensorType(.float32, shape)
  }

  private func checkElementType() throws(Failure) {
    guard case .tensorType(let tensor) = proto.type.value else { throw unsupported("is no tensor") }
    switch tensor.elemType {
    case .float, .float16, .double, .bfloat16: return
    case .undefined: throw Failure(.corruptModel, "input \(proto.name) has no element type", at: location)
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .bool, .string, .complex64, .complex128, .UNRECOGNIZED:
      throw unsupported("takes elements of type \(tensor.elemType); networks take floats")
    }
  }

  /// The declared shape, with the batch set to 1.
  private func fixed(_ declared: [Int]) throws(Failure) -> [Int] {
    let open = dynamicAxes.keys.filter { $0 > 0 }.sorted()
    guard open.isEmpty else {
      let axes = open.map { axis in dynamicAxes[axis].flatMap { $0.isEmpty ? nil : "axis \(axis) (`\($0)`)" } ?? "axis \(axis)" }
      throw Failure(
        .dynamicShape, "input \(proto.name) of \(fileName(path)) is of unknown size along \(axes.joined(separator: ", "))", at: location,
        hint: "`--shape \(example(declared))` fixes it")
    }
    return declared.enumerated().map { $0.offset == 0 && dynamicAxes[0] != nil ? 1 : $0.element }
  }

  private func checked(_ given: [Int], against declared: [Int]?) throws(Failure) -> [Int] {
    guard let declared else { return given }
    let fits =
      given.count == declared.count
      && given.indices.allSatisfy { $0 == 0 || dynamicAxes[$0] != nil || given[$0] == declared[$0] }
    guard fits else {
      let sizes = declared.indices.map { dynamicAxes[$0] == nil ? String(declared[$0]) : "any" }
      throw Failure(
        .shapeMismatch, "the shape given for input \(proto.name) is \(given), the model takes [\(sizes.joined(separator: ", "))]",
        at: location)
    }
    return given
  }

  /// An argument for `--shape`, with 96 where the size is open.
  private func example(_ shape: [Int]) -> String {
    let sizes = shape.indices.map { $0 == 0 ? "1" : dynamicAxes[$0] != nil ? "96" : String(shape[$0]) }
    return "\(proto.name)=\(sizes.joined(separator: ","))"
  }

  private func unsupported(_ reason: String, hint: String? = nil) -> Failure {
    Failure(.unsupportedAttribute, "input \(proto.name) of \(fileName(path)) \(reason)", at: location, hint: hint)
  }
}
