import Diagnostics
import ModelGraph

/// The same elements under another shape.
struct ReshapeKernel: FloatKernel {
  let count: Int

  init(_ layer: Layer) { count = layer.output.count }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    for sample in 0..<samples { (result + sample * count).update(from: operands[0].pointer + sample * operands[0].stride, count: count) }
  }
}

/// Axes reordered, within each sample.
struct TransposeKernel: FloatKernel {
  /// The input element that stands at each place of the result.
  let order: [Int32]

  init(_ operation: Transpose, _ layer: Layer) {
    let input = layer.inputs[0]
    let places = Tensor(input.shape, integers: (0..<input.count).map(Int64.init))
    order = (places.transposed(by: operation.permutation).integers ?? []).map(Int32.init)
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    order.withUnsafeBufferPointer { order in
      for sample in 0..<samples {
        let (input, target) = (operands[0].pointer + sample * operands[0].stride, result + sample * order.count)
        for index in 0..<order.count { target[index] = input[Int(order[index])] }
      }
    }
  }
}

/// Tensors joined along one axis: pieces of each in turn.
struct ConcatenationKernel: FloatKernel {
  /// Pieces of each operand in a sample, and their lengths.
  let pieces: Int
  let lengths: [Int]

  init(_ operation: Concatenation, _ layer: Layer) {
    let pieces = layer.output.shape[..<operation.axis].reduce(1, *)
    self.pieces = pieces
    lengths = layer.inputs.map { $0.count / max(1, pieces) }
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    var target = result
    for sample in 0..<samples {
      for piece in 0..<pieces {
        for (operand, length) in zip(operands, lengths) {
          target.update(from: operand.pointer + sample * operand.stride + piece * length, count: length)
          target += length
        }
      }
    }
  }
}

/// A tensor surrounded by a constant.
struct PaddingKernel: FloatKernel {
  let value: Float
  let count: Int
  /// Length of the input's last axis, and where each such row starts in the result.
  let rowLength: Int
  let rowStarts: [Int]

  init(_ operation: Padding, _ layer: Layer) throws(Failure) {
    guard operation.before[0] == 0, operation.after[0] == 0 else {
      throw Failure(.invalidGraph, "\(layer.node.name) pads the batch")
    }
    value = operation.value
    count = layer.output.count
    let (input, output) = (layer.inputs[0].shape, layer.output.shape)
    rowLength = input[input.count - 1]
    rowStarts = (0..<layer.inputs[0].count / max(1, rowLength)).map { row in
      var (rest, start, step) = (row, operation.before[input.count - 1], output[input.count - 1])
      for axis in input.indices.dropLast().reversed() {
        start += (rest % input[axis] + operation.before[axis]) * step
        rest /= input[axis]
        step *= output[axis]
      }
      return start
    }
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    result.update(repeating: value, count: samples * count)
    for sample in 0..<samples {
      let input = operands[0].pointer + sample * operands[0].stride
      for (row, start) in rowStarts.enumerated() {
        (result + sample * count + start).update(from: input + row * rowLength, count: rowLength)
      }
    }
  }
}
