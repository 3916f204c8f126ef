import Diagnostics
import ModelGraph

/// One node made ready to run: shapes resolved, weights laid out. It computes any number of samples, each by itself.
protocol FloatKernel: Sendable {
  /// Floats of work space that a call needs, whatever the number of samples.
  var scratchCount: Int { get }

  /// - Parameters:
  ///   - operands: one an operand of the node, constants included.
  ///   - result: `samples` results, one behind the other.
  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>)
}

extension FloatKernel {
  var scratchCount: Int { 0 }
}

/// Where an operand's samples lie.
struct Operand {
  var pointer: UnsafePointer<Float>
  /// Floats from one sample to the next; 0 for a constant, which all samples share.
  var stride: Int
}

/// A node with what kernels are made from.
struct Layer {
  var node: Node
  /// Types for batch 1.
  var inputs: [TensorType]
  var output: TensorType
  var constants: [Tensor?]

  init(_ node: Node, in graph: Graph) {
    self.node = node
    inputs = node.inputs.map(graph.type(of:))
    output = graph.type(of: node.output)
    constants = node.inputs.map(graph.constant)
  }

  /// The floats of an operand that must be known.
  /// - Throws: `invalid-graph` if it is computed.
  func weights(_ position: Int) throws(Failure) -> [Float] {
    guard constants.indices.contains(position), let values = constants[position]?.floats else {
      throw Failure(.invalidGraph, "\(node.name) has an operand \(position) that is no float32 constant")
    }
    return values
  }
}

/// The list of kernels: one line an operator.
func makeKernel(_ layer: Layer) throws(Failure) -> any FloatKernel {
  switch layer.node.operation {
  case .convolution(let operation): try makeConvolution(operation, layer)
  case .gemm(let operation): try GemmKernel(operation, layer)
  case .batchNormalization(let operation): try BatchNormalizationKernel(operation, layer)
  case .pooling(let operation): PoolingKernel(operation, layer)
  case .elementwiseUnary(let operation): ElementwiseUnaryKernel(operation, layer)
  case .elementwiseBinary(let operation): try ElementwiseBinaryKernel(operation, layer)
  case .softmax: SoftmaxKernel(layer)
  case .concatenation(let operation): ConcatenationKernel(operation, layer)
  case .padding(let operation): try PaddingKernel(operation, layer)
  case .reshape: ReshapeKernel(layer)
  case .transpose(let operation): TransposeKernel(operation, layer)
  }
}
