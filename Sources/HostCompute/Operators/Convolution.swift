import Diagnostics
import ModelGraph

func makeConvolution(_ operation: Convolution, _ layer: Layer) throws(Failure) -> any FloatKernel {
  let geometry = WindowGeometry(operation.window, input: layer.inputs[0], output: layer.output)
  let weights = try layer.weights(1)
  let finish = BiasAndBounds(bias: layer.inputs.count == 3 ? try layer.weights(2) : nil, operation.activation)
  if operation.groups == geometry.channels, geometry.outputChannels == geometry.channels {
    return DepthwiseConvolutionKernel(geometry: geometry, weights: weights, finish: finish)
  }
  return MatrixConvolutionKernel(geometry: geometry, groups: operation.groups, weights: FloatBuffer(weights), finish: finish)
}

/// A window with the sizes it slides over.
struct WindowGeometry: Sendable {
  let window: Window2D
  let height, width, channels: Int
  let outputHeight, outputWidth, outputChannels: Int

  init(_ window: Window2D, input: TensorType, output: TensorType) {
    self.window = window
    (height, width, channels) = (input.shape[1], input.shape[2], input.shape[3])
    (outputHeight, outputWidth, outputChannels) = (output.shape[1], output.shape[2], output.shape[3])
  }

  var inputCount: Int { height * width * channels }
  var outputCount: Int { outputHeight * outputWidth * outputChannels }

  /// Kernel rows that lie on the input at output row `y`, and the input row of kernel row 0.
  func rows(at y: Int) -> (origin: Int, inside: Range<Int>) {
    let origin = y * window.strideY - window.padTop
    return (origin, inside(origin, window.kernelHeight, window.dilationY, height))
  }

  func columns(at x: Int) -> (origin: Int, inside: Range<Int>) {
    let origin = x * window.strideX - window.padLeft
    return (origin, inside(origin, window.kernelWidth, window.dilationX, width))
  }

  private func inside(_ origin: Int, _ kernel: Int, _ dilation: Int, _ length: Int) -> Range<Int> {
    let first = min(kernel, origin < 0 ? (-origin + dilation - 1) / dilation : 0)
    let end = origin >= length ? 0 : min(kernel, (length - 1 - origin) / dilation + 1)
    return first..<max(first, end)
  }
}

/// Convolution as a matrix product: the windows of some output rows are laid side by side (im2col), then multiplied with the weights.
struct MatrixConvolutionKernel: FloatKernel {
  let geometry: WindowGeometry
  let groups: Int
  let weights: FloatBuffer
  let finish: BiasAndBounds

  private var groupChannels: Int { geometry.channels / groups }
  private var depth: Int { geometry.window.kernelHeight * geometry.window.kernelWidth * groupChannels }
  private var isDirect: Bool { geometry.window.isPointwise && groups == 1 }

  /// Output rows that are gathered at once: as many as keep the windows within half a mebibyte, which a second-level cache holds.
  private var rowsAtOnce: Int { max(1, 131_072 / max(1, geometry.outputWidth * depth)) }

  var scratchCount: Int { isDirect ? 0 : rowsAtOnce * geometry.outputWidth * depth }

  func run(_ operands: [Operand], _ result: UnsafeMutablePointer<Float>, samples: Int, scratch: UnsafeMutablePointer<Float>) {
    let (channels, positions) = (geometry.outputChannels, geometry.outputHeight * geometry.outputWidth)
    let input = operands[0]
    if isDirect, input.stride == geometry.inputCount {
      multiply(
        input.pointer, weights.readable, result, rows: samples * positions, columns: channels, depth: depth, resultStride: channels)
      finish.apply(to: result, rows: samples * positions, channels: channels)
      return
    }
    for sample in 0..<samples {
      for first in stride(from: 0, to: geometry.outputHeight, by: rowsAtOnce) {
        let rows = first..<min(geometry.outputHeight, first + rowsAtOnce)
        let target = result + sample * geometry.outputCount + first * geometry.outputWidth * channels
        convolve(input.pointer + sample * input.stride, target, rows: rows, scratch)
        finish.apply(to: target, rows: rows.count * geometry.outputWidth, channels: channels)
      }
    }
  }

  private func convolve(
    _ input: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, rows: Range<Int>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let groupOutputs = geometry.outputChannels / groups
    let positions = rows.count * geometry.outputWidth
    if isDirect {
      let windows = input + rows.lowerBound * geometry.width * geometry.channels
      multiply(windows, weights.readable, result, rows: positions, columns: groupOutputs, depth: depth, resultStride: groupOutputs)
      return
    }
    for group in 0..<groups {
      gatherWindows(input + group * groupChannels, rows, into: scratch)
      multiply(
        scratch, weights.readable + group * groupOutputs * depth, result + group * groupOutputs, rows: positions, columns: groupOutputs,
        depth: depth, resultStride: geometry.outputChannels)
    }
  }

  /// Writes `[rows · W', Kh · Kw · C/groups]`, zeros where a window hangs over the edge. `input` points at the group's first channel.
  private func gatherWindows(_ input: UnsafePointer<Float>, _ rows: Range<Int>, into windows: UnsafeMutablePointer<Float>) {
    let (window, channels) = (geometry.window, groupChannels)
    let rowLength = window.kernelWidth * channels
    // Neighbouring taps are neighbours in memory too: a window's row is one piece.
    let isContiguous = window.dilationX == 1 && groups == 1
    var target = windows
    for y in rows {
      let (top, insideRows) = geometry.rows(at: y)
      for x in 0..<geometry.outputWidth {
        let (left, insideColumns) = geometry.columns(at: x)
        for ky in 0..<window.kernelHeight {
          guard insideRows.contains(ky), !insideColumns.isEmpty else {
            target.update(repeating: 0, count: rowLength)
            target += rowLength
            continue
          }
          let row = input + (top + ky * window.dilationY) * geometry.width * geometry.channels
          target.update(repeating: 0, count: insideColumns.lowerBound * channels)
          (target + insideColumns.upperBound * channels).update(repeating: 0, count: rowLength - insideColumns.upperBound * channels)
          if isContiguous {
            let start = row + (left + insideColumns.lowerBound) * channels
            (target + insideColumns.lowerBound * channels).update(from: start, count: insideColumns.count * channels)
          } else {
            for kx in insideColumns {
              (target + kx * channels).update(from: row + (left + kx * window.dilationX) * geometry.channels, count: channels)
            }
          }
          target += rowLength
        }
      }
    }
  }
}

/// Depthwise convolution: each channel has its own window. Channels lie side by side and are computed eight at a time.
struct DepthwiseConvolutionKernel: FloatKernel {
  let geometry: WindowGeometry
  /// `[Kh, Kw, C]`, so that the weights of neighbouring channels are neighbours.
  let weights: FloatBuffer
  let finish: BiasAndBounds

  /// - Parameter weights: `[C, Kh, Kw, 1]`.
  init(geometry: WindowGeometry, weights: [Float], finish: BiasAndBounds) {
    self.geometry = geometry
    self.finish = finish
    let taps = geometry.window.kernelHeight * geometry.window.kernelWidth
    var reordered = weights
    for channel in 0..<geometry.channels {
      for tap in 0..<taps { reordered[tap * geometry.channels + channel] = weights[channel * taps + tap] }
    }
    self.weights = FloatBuffer(reordered)
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
    finish.apply(to: result, rows: samples * geometry.outputHeight * geometry.outputWidth, channels: geometry.channels)
  }

  @inline(__always)
  private func computePosition(_ input: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ y: Int, _ x: Int) {
    let (window, channels) = (geometry.window, geometry.channels)
    let (top, rows) = geometry.rows(at: y)
    let (left, columns) = geometry.columns(at: x)
    var channel = 0
    while channel + 8 <= channels {
      var sum = SIMD8<Float>.zero
      for ky in rows {
        let row = input + (top + ky * window.dilationY) * geometry.width * channels + channel
        for kx in columns {
          let values = UnsafeRawPointer(row + (left + kx * window.dilationX) * channels).loadUnaligned(as: SIMD8<Float>.self)
          let tap = weights.readable + (ky * window.kernelWidth + kx) * channels + channel
          sum += values * UnsafeRawPointer(tap).loadUnaligned(as: SIMD8<Float>.self)
        }
      }
      UnsafeMutableRawPointer(target + channel).storeBytes(of: sum, as: SIMD8<Float>.self)
      channel += 8
    }
    while channel < channels {
      var sum: Float = 0
      for ky in rows {
        for kx in columns {
          let position = (top + ky * window.dilationY) * geometry.width + left + kx * window.dilationX
          sum += input[position * channels + channel] * weights.readable[(ky * window.kernelWidth + kx) * channels + channel]
        }
      }
      target[channel] = sum
      channel += 1
    }
  }
}
