import Diagnostics
import ModelGraph

/// The registry of the importer: one line an operator of ONNX. The raw value is the name in model files.
enum ONNXOperator: String, CaseIterable {
  case add = "Add"
  case averagePool = "AveragePool"
  case batchNormalization = "BatchNormalization"
  case cast = "Cast"
  case clip = "Clip"
  case concat = "Concat"
  case constant = "Constant"
  case constantOfShape = "ConstantOfShape"
  case conv = "Conv"
  case div = "Div"
  case dropout = "Dropout"
  case flatten = "Flatten"
  case gather = "Gather"
  case gemm = "Gemm"
  case globalAveragePool = "GlobalAveragePool"
  case globalMaxPool = "GlobalMaxPool"
  case hardSigmoid = "HardSigmoid"
  case hardSwish = "HardSwish"
  case identity = "Identity"
  case leakyRelu = "LeakyRelu"
  case matMul = "MatMul"
  case maxPool = "MaxPool"
  case mul = "Mul"
  case pad = "Pad"
  case pRelu = "PRelu"
  case reduceMax = "ReduceMax"
  case reduceMean = "ReduceMean"
  case relu = "Relu"
  case reshape = "Reshape"
  case shape = "Shape"
  case sigmoid = "Sigmoid"
  case slice = "Slice"
  case softmax = "Softmax"
  case squeeze = "Squeeze"
  case sub = "Sub"
  case tanh = "Tanh"
  case transpose = "Transpose"
  case unsqueeze = "Unsqueeze"

  /// Operators that are supported only where their result is known at import: shape arithmetic around Reshape.
  var isForShapesOnly: Bool {
    switch self {
    case .shape, .gather, .slice, .constantOfShape: true
    case .add, .averagePool, .batchNormalization, .cast, .clip, .concat, .constant, .conv, .div, .dropout, .flatten, .gemm,
      .globalAveragePool, .globalMaxPool, .hardSigmoid, .hardSwish, .identity, .leakyRelu, .matMul, .maxPool, .mul, .pad, .pRelu,
      .reduceMax, .reduceMean, .relu, .reshape, .sigmoid, .softmax, .squeeze, .sub, .tanh, .transpose, .unsqueeze:
      false
    }
  }

  /// Imports a node with at least one operand that the network computes.
  /// - Returns: what the node's first output stands for.
  /// - Throws: `unsupported-attribute`, `invalid-graph`, `not-finite` or `corrupt-model`, at the node.
  func importNode(_ node: ImportNode, into importer: inout GraphImporter) throws(Failure) -> Operand {
    switch self {
    case .conv: try importConvolution(node, &importer)
    case .gemm: try importGemm(node, &importer)
    case .matMul: try importMatMul(node, &importer)
    case .batchNormalization: try importBatchNormalization(node, &importer)
    case .relu, .clip, .leakyRelu, .pRelu, .sigmoid, .tanh, .hardSigmoid, .hardSwish: try importElementwiseUnary(self, node, &importer)
    case .add: try importSum(node, isDifference: false, &importer)
    case .sub: try importSum(node, isDifference: true, &importer)
    case .mul: try importProduct(node, &importer)
    case .div: try importQuotient(node, &importer)
    case .maxPool, .averagePool: try importPooling(self, node, &importer)
    case .globalMaxPool, .globalAveragePool: try importGlobalPooling(self, node, &importer)
    case .reduceMax, .reduceMean: try importReduction(self, node, &importer)
    case .flatten, .reshape, .squeeze, .unsqueeze: try importReshape(self, node, &importer)
    case .transpose: try importTranspose(node, &importer)
    case .identity, .dropout, .cast: try importPassThrough(self, node)
    case .concat: try importConcatenation(node, &importer)
    case .pad: try importPadding(node, &importer)
    case .softmax: try importSoftmax(node, &importer)
    case .shape: try importShape(node, importer)
    case .constant, .constantOfShape, .gather, .slice: throw node.unsupported("depends on the network's data")
    }
  }

  /// Computes a node whose operands are all known at import.
  /// - Returns: nil if the operator is not one that is computed at import.
  func fold(_ node: ImportNode) throws(Failure) -> Tensor? {
    switch self {
    case .constant: try foldConstant(node)
    case .constantOfShape: try foldConstantOfShape(node)
    case .identity, .dropout: try node.constant(0)
    case .cast: try foldCast(node)
    case .shape: try shapeTensor(node, of: node.constant(0).shape)
    case .gather: try foldGather(node)
    case .slice: try foldSlice(node)
    case .concat: try foldConcatenation(node)
    case .transpose: try foldTranspose(node)
    case .flatten, .reshape, .squeeze, .unsqueeze: try foldReshape(self, node)
    case .add, .sub, .mul, .div: try foldArithmetic(self, node)
    case .averagePool, .batchNormalization, .clip, .conv, .gemm, .globalAveragePool, .globalMaxPool, .hardSigmoid, .hardSwish, .leakyRelu,
      .matMul, .maxPool, .pad, .pRelu, .reduceMax, .reduceMean, .relu, .sigmoid, .softmax, .tanh:
      nil
    }
  }
}
