import ModelGraph

/// Maximum or average over a sliding window, all channels of a position side by side.
struct PoolingKernel: FloatKernel {
  let kind: Pooling.Kind
  let geometry: WindowGeometry

  init(_ operation: Pooling, _ layer: Layer) {
    kind = operation.kind
    geometry = WindowGeometry(operation.window, input: layer.inputs[0], output: layer.output)
  }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    for sample in 0..<samples {
      let input = operands[0].pointer + sample * operands[0].stride
      var target = result + sample * geometry.outputCount
      for y in 0..<geometry.outputHeight {
        for x in 0..<geometry.outputWidth {
          computePosition(input, target, y, x)
          target += geometry.channels
        }
      }
    }
  }

  private func computePosition(_ input: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ y: Int, _ x: Int) {
    let (window, channels) = (geometry.window, geometry.channels)
    let (top, rows) = geometry.rows(at: y)
    let (left, columns) = geometry.columns(at: x)
    let isMaximum = kind == .maximum
    target.update(repeating: isMaximum ? -.infinity : 0, count: channels)
    for ky in rows {
      for kx in columns {
        let values = input + ((top + ky * window.dilationY) * geometry.width + left + kx * window.dilationX) * channels
        if isMaximum {
          for channel in 0..<channels { target[channel] = values[channel] > target[channel] ? values[channel] : target[channel] }
        } else {
          for channel in 0..<channels { target[channel] += values[channel] }
        }
      }
    }
    guard case .average(let countsPadding) = kind else { return }
    let count = countsPadding ? tapsOnPaddedInput(top, left) : rows.count * columns.count
    let divisor = Float(max(1, count))
    for channel in 0..<channels { target[channel] /= divisor }
  }

  /// Taps that lie on the input or its padding; what hangs over behind that does not count.
  private func tapsOnPaddedInput(_ top: Int, _ left: Int) -> Int {
    let window = geometry.window
    let rows = (geometry.height + window.padBottom - 1 - top) / window.dilationY + 1
    let columns = (geometry.width + window.padRight - 1 - left) / window.dilationX + 1
    return min(window.kernelHeight, rows) * min(window.kernelWidth, columns)
  }
}
