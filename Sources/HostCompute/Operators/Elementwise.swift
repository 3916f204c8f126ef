import Diagnostics
import ModelGraph

/// A function of one number, applied to each element.
struct ElementwiseUnaryKernel: FloatKernel {
  let kind: ElementwiseUnary.Kind
  let count: Int

  init(_ operation: ElementwiseUnary, _ layer: Layer) {
    kind = operation.kind
    count = layer.output.count
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    for sample in 0..<samples {
      let (input, target) = (operands[0].pointer + sample * operands[0].stride, result + sample * count)
      switch kind {
      case .clip(let bounds): clip(input, target, count: count, bounds)
      case .leakyRelu, .sigmoid, .hyperbolicTangent, .hardSigmoid, .hardSwish:
        for index in 0..<count { target[index] = kind.apply(input[index]) }
      }
    }
  }
}

/// Bounds `count` numbers; `result` may be `input`.
func clip(_ input: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, count: Int, _ bounds: ActivationBounds) {
  let (minimum, maximum) = (bounds.minimum, bounds.maximum)
  for index in 0..<count {
    let raised = input[index] < minimum ? minimum : input[index]
    result[index] = raised > maximum ? maximum : raised
  }
}

/// Sum, difference or product of two tensors.
struct ElementwiseBinaryKernel: FloatKernel {
  let operation: ElementwiseBinary
  let count: Int
  /// A constant operand, spread to the size of a sample.
  let constants: [FloatBuffer?]
  /// Which element of the second operand each element meets, if it is computed and smaller.
  let secondIndices: [Int]?

  init(_ operation: ElementwiseBinary, _ layer: Layer) throws(Failure) {
    self.operation = operation
    let shape = layer.output.shape
    count = layer.output.count
    constants = layer.constants.map { $0?.broadcast(to: shape)?.floats.map(FloatBuffer.init) }
    let second = layer.inputs[1]
    if layer.constants[1] == nil, second.count != count {
      let order = Tensor(second.shape, integers: (0..<second.count).map(Int64.init)).broadcast(to: shape)
      secondIndices = order?.integers?.map(Int.init)
    } else {
      secondIndices = nil
    }
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    let first = constants[0].map { Operand(pointer: $0.readable, stride: 0) } ?? operands[0]
    let second = constants[1].map { Operand(pointer: $0.readable, stride: 0) } ?? operands[1]
    for sample in 0..<samples {
      let (a, b, target) = (first.pointer + sample * first.stride, second.pointer + sample * second.stride, result + sample * count)
      if let secondIndices {
        for index in 0..<count { target[index] = operation.kind.apply(a[index], b[secondIndices[index]]) }
      } else {
        switch operation.kind {
        case .add: for index in 0..<count { target[index] = a[index] + b[index] }
        case .subtract: for index in 0..<count { target[index] = a[index] - b[index] }
        case .multiply: for index in 0..<count { target[index] = a[index] * b[index] }
        }
      }
      if operation.activation != .none { clip(target, target, count: count, operation.activation) }
    }
  }
}

/// `y = scale·x + shift`, with one scale and shift a channel, from the four parameters in double precision.
struct BatchNormalizationKernel: FloatKernel {
  let scale: FloatBuffer
  let shift: FloatBuffer
  let count: Int

  init(_ operation: BatchNormalization, _ layer: Layer) throws(Failure) {
    let (gamma, beta, mean, variance) = (try layer.weights(1), try layer.weights(2), try layer.weights(3), try layer.weights(4))
    let factors = gamma.indices.map { Double(gamma[$0]) / (Double(variance[$0]) + Double(operation.epsilon)).squareRoot() }
    scale = FloatBuffer(factors.map(Float.init))
    shift = FloatBuffer(factors.indices.map { Float(Double(beta[$0]) - Double(mean[$0]) * factors[$0]) })
    count = layer.output.count
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    let (scale, shift, channels) = (scale.readable, shift.readable, scale.count)
    for sample in 0..<samples {
      for start in stride(from: 0, to: count, by: channels) {
        let (input, target) = (operands[0].pointer + sample * operands[0].stride + start, result + sample * count + start)
        for channel in 0..<channels { target[channel] = input[channel] * scale[channel] + shift[channel] }
      }
    }
  }
}
