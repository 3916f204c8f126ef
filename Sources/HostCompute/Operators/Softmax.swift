import Foundation
import ModelGraph

/// Softmax over the last axis, with the row's maximum subtracted first.
struct SoftmaxKernel: FloatKernel {
  let count: Int
  let columns: Int

  init(_ layer: Layer) {
    count = layer.output.count
    columns = layer.output.shape.last ?? 1
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    for sample in 0..<samples {
      for start in stride(from: 0, to: count, by: columns) {
        let (input, target) = (operands[0].pointer + sample * operands[0].stride + start, result + sample * count + start)
        var greatest = -Float.infinity
        for column in 0..<columns { greatest = max(greatest, input[column]) }
        var sum: Float = 0
        for column in 0..<columns {
          target[column] = exp(input[column] - greatest)
          sum += target[column]
        }
        for column in 0..<columns { target[column] /= sum }
      }
    }
  }
}
