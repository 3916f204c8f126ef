import DeviceKernels
import Foundation

/// The numeric contract written down a second time, in 64-bit integers and doubles, straight from the definitions. Slow and independent
/// of the kernels: no code is shared with them.
enum Reference {
  /// `clamp(roundHalfEven(float32(accumulator) · multiplier) + zeroPoint)`. The product of two float32 is exact in a double, so one
  /// conversion rounds it to float32.
  static func requantize(_ accumulator: Int64, _ multiplier: Float, _ range: OutputRange) -> Int8 {
    let wrapped = Int32(truncatingIfNeeded: accumulator)
    let product = Float(Double(Float(Double(wrapped))) * Double(multiplier))
    let rounded = Double(product).rounded(.toNearestOrEven) + Double(range.zeroPoint)
    return Int8(min(max(rounded, Double(range.minimum)), Double(range.maximum)))
  }

  /// Grouped convolution over `[H, W, C]`, weights `[O][Kh][Kw][C / groups]`.
  static func convolution(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ s: ConvolutionShape
  ) -> [Int8] {
    let groupInputs = s.inputChannels / s.groups
    let groupOutputs = s.outputChannels / s.groups
    var output: [Int8] = []
    for y in 0..<s.outputHeight {
      for x in 0..<s.outputWidth {
        for o in 0..<s.outputChannels {
          var sum = Int64(biases[o])
          for ky in 0..<s.kernelHeight {
            for kx in 0..<s.kernelWidth {
              for i in 0..<groupInputs {
                let value = pixel(
                  input, s, y * s.strideY - s.padTop + ky * s.dilationY, x * s.strideX - s.padLeft + kx * s.dilationX,
                  o / groupOutputs * groupInputs + i)
                sum += value * Int64(weights[((o * s.kernelHeight + ky) * s.kernelWidth + kx) * groupInputs + i])
              }
            }
          }
          output.append(requantize(sum, multipliers[o], s.output))
        }
      }
    }
    return output
  }

  private static func pixel(_ input: UnsafePointer<Int8>, _ s: ConvolutionShape, _ y: Int, _ x: Int, _ channel: Int) -> Int64 {
    guard 0..<s.inputHeight ~= y, 0..<s.inputWidth ~= x else { return Int64(s.inputZeroPoint) }
    return Int64(input[(y * s.inputWidth + x) * s.inputChannels + channel])
  }

  static func matmul(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ s: MatmulShape
  ) -> [Int8] {
    var output: [Int8] = []
    for row in 0..<s.rows {
      for column in 0..<s.columns {
        var sum = Int64(biases[column])
        for k in 0..<s.depth { sum += Int64(input[row * s.depth + k]) * Int64(weights[column * s.depth + k]) }
        output.append(requantize(sum, multipliers[column], s.output))
      }
    }
    return output
  }

  /// Values under the window of each output, in the order of the output: `[H', W', C]` lists.
  static func windows(_ input: UnsafePointer<Int8>, _ s: PoolingShape) -> [[Int64]] {
    var result: [[Int64]] = []
    for y in 0..<s.outputHeight {
      for x in 0..<s.outputWidth {
        for channel in 0..<s.channels {
          var values: [Int64] = []
          for ky in 0..<s.kernelHeight {
            for kx in 0..<s.kernelWidth {
              let row = y * s.strideY - s.padTop + ky * s.dilationY
              let column = x * s.strideX - s.padLeft + kx * s.dilationX
              guard 0..<s.inputHeight ~= row, 0..<s.inputWidth ~= column else { continue }
              values.append(Int64(input[(row * s.inputWidth + column) * s.channels + channel]))
            }
          }
          result.append(values)
        }
      }
    }
    return result
  }
}
