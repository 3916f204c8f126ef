import COpenBLAS
import Diagnostics
import ModelGraph

/// `y = x · Wᵀ + b` as one matrix product over all samples.
struct GemmKernel: FloatKernel {
  let rowsPerSample: Int
  let depth: Int
  let outputs: Int
  let weights: FloatBuffer
  let finish: BiasAndBounds

  init(_ operation: Gemm, _ layer: Layer) throws(Failure) {
    weights = FloatBuffer(try layer.weights(1))
    outputs = layer.inputs[1].shape[0]
    depth = layer.inputs[1].shape[1]
    rowsPerSample = layer.inputs[0].count / max(1, depth)
    finish = BiasAndBounds(bias: layer.inputs.count == 3 ? try layer.weights(2) : nil, operation.activation)
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    let rows = rowsPerSample * samples
    multiply(
      operands[0].pointer, weights.readable, result, rows: rows, columns: outputs, depth: depth, resultStride: outputs)
    finish.apply(to: result, rows: rows, channels: outputs)
  }
}

/// `C = A · Bᵀ`: A is `[rows, depth]`, B `[columns, depth]`, C `[rows, columns]` with `resultStride` floats from row to row.
func multiply(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int,
  resultStride: Int
) {
  cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(columns), blasint(depth), 1, a, blasint(depth), b, blasint(depth), 0, c,
    blasint(resultStride))
}

/// What follows the sum of products: the bias of each channel, then the bounds.
struct BiasAndBounds: Sendable {
  let bias: FloatBuffer?
  let bounds: ActivationBounds

  init(bias: [Float]?, _ bounds: ActivationBounds) {
    self.bias = bias.map(FloatBuffer.init)
    self.bounds = bounds
  }

  func apply(to result: UnsafeMutablePointer<Float>, rows: Int, channels: Int) {
    let (minimum, maximum) = (bounds.minimum, bounds.maximum)
    if let bias = bias?.readable {
      for row in 0..<rows {
        let values = result + row * channels
        for channel in 0..<channels {
          let value = values[channel] + bias[channel]
          let raised = value < minimum ? minimum : value
          values[channel] = raised > maximum ? maximum : raised
        }
      }
    } else if bounds != .none {
      clip(result, result, count: rows * channels, bounds)
    }
  }
}
