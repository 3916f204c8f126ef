import Diagnostics

/// What every operator knows about itself. Operators are values: equality, hashing and printing come for free.
public protocol OperatorAttributes: Hashable, Sendable {
  /// The name in reports, as ONNX has it where ONNX has one.
  static var name: String { get }
  /// - Parameter inputs: the types of all operands, constants included, in the order that the operator's documentation gives.
  /// - Throws: `invalid-graph` naming `node` if the operands do not fit.
  func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType
  /// Multiply-accumulates for the given operand types; 0 for operators that only move or compare.
  func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int
}

extension OperatorAttributes {
  public func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int { 0 }
}

/// The registry: one line an operator. Every stage has one exhaustive `switch` over it, never `default:`, so that the compiler leads
/// whoever adds a case to each stage that lacks it (docs/adding-an-operator.md).
public enum Operator: Hashable, Sendable {
  case convolution(Convolution)
  case gemm(Gemm)
  case batchNormalization(BatchNormalization)
  case pooling(Pooling)
  case elementwiseUnary(ElementwiseUnary)
  case elementwiseBinary(ElementwiseBinary)
  case softmax(Softmax)
  case concatenation(Concatenation)
  case padding(Padding)
  case reshape(Reshape)
  case transpose(Transpose)

  /// The operator without its type, for what all operators share.
  public var attributes: any OperatorAttributes {
    switch self {
    case .convolution(let operation): operation
    case .gemm(let operation): operation
    case .batchNormalization(let operation): operation
    case .pooling(let operation): operation
    case .elementwiseUnary(let operation): operation
    case .elementwiseBinary(let operation): operation
    case .softmax(let operation): operation
    case .concatenation(let operation): operation
    case .padding(let operation): operation
    case .reshape(let operation): operation
    case .transpose(let operation): operation
    }
  }

  public var name: String { type(of: attributes).name }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    try attributes.outputType(for: inputs, node: node)
  }

  public func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int {
    attributes.multiplyAccumulates(inputs: inputs, output: output)
  }
}

/// Bounds applied to an operator's result: ReLU is `[0, ∞)`, ReLU6 `[0, 6]`, none `(−∞, ∞)`.
public struct ActivationBounds: Hashable, Sendable, Codable {
  public var minimum: Float
  public var maximum: Float

  public init(minimum: Float = -.infinity, maximum: Float = .infinity) {
    self.minimum = minimum
    self.maximum = maximum
  }

  public static let none = ActivationBounds()
  public static let relu = ActivationBounds(minimum: 0)

  public func apply(_ value: Float) -> Float { value < minimum ? minimum : (value > maximum ? maximum : value) }
}

/// A failure of an operator's checks.
func refuse(_ node: String, _ reason: String) -> Failure {
  Failure(.invalidGraph, "\(node) \(reason)", at: nil)
}
