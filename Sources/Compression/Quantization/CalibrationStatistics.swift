import Diagnostics
import HostCompute
import ModelFormats
import ModelGraph

/// What calibration sees of one activation tensor.
public struct ActivationStatistics: Sendable {
  public var minimum: Float = .infinity
  public var maximum: Float = -.infinity
  /// Mean of each channel (last axis), for bias correction.
  public var channelMeans: [Double] = []
  /// Counts of values in equal bins from `minimum` to `maximum`.
  public var histogram: [Int] = []
  fileprivate var samplesInMeans = 0

  /// The middle of a bin.
  func center(ofBin bin: Int) -> Double {
    Double(minimum) + (Double(bin) + 0.5) * (Double(maximum) - Double(minimum)) / Double(histogram.count)
  }
}

/// Statistics of all activations of a graph over calibration data, by value.
public struct CalibrationStatistics: Sendable {
  public internal(set) var activations: [ValueID: ActivationStatistics] = [:]
  public internal(set) var samples = 0

  /// Bins of a histogram: a few per int8 step over the widest sensible range.
  static let binCount = 2048
  /// Samples in one run of the executor; bounds the memory that activations take.
  static let batch = 64

  /// Runs the float graph over `data` twice: first for ranges and means, then for histograms within them.
  /// - Parameter progress: called with the share done, 0 … 1.
  /// - Throws: what the executor throws; `not-finite` if an activation overflows.
  public static func collect(
    _ graph: Graph, _ data: DataSet, progress: (Double) -> Void = { _ in }
  ) throws(Failure) -> CalibrationStatistics {
    var statistics = CalibrationStatistics()
    statistics.samples = data.count
    let executor = try FloatExecutor(graph)
    for pass in 0..<2 {
      for start in stride(from: 0, to: data.count, by: batch) {
        let range = start..<min(start + batch, data.count)
        let input = try shaped(data.floats(range), like: graph.type(of: graph.inputs[0]))
        let record = { (value: ValueID, tensor: Tensor) in
          guard let floats = tensor.floats else { return }
          let channels = tensor.shape.last ?? 1
          if pass == 0 {
            statistics.activations[value, default: ActivationStatistics()].addRange(floats, channels: channels)
          } else {
            statistics.activations[value]?.addCounts(floats)
          }
        }
        record(graph.inputs[0], input)
        _ = try executor.run([input], observe: record)
        progress((Double(pass) + Double(range.upperBound) / Double(data.count)) / 2)
      }
      if pass == 0 { try statistics.checkFinite(graph) }
    }
    return statistics
  }

  private func checkFinite(_ graph: Graph) throws(Failure) {
    for (value, seen) in activations.sorted(by: { $0.key < $1.key }) where !(seen.minimum.isFinite && seen.maximum.isFinite) {
      throw Failure(
        .notFinite, "the float model computes a value that is not finite in \(graph[value].name)",
        hint: "check the data's scale: --input-scale, --input-offset")
    }
  }
}

/// The batch of samples in the shape that the graph's input has, which may differ by axes of size 1.
public func shaped(_ batch: Tensor, like type: TensorType) throws(Failure) -> Tensor {
  let shape = [batch.shape.first ?? 0] + type.shape.dropFirst()
  guard let floats = batch.floats, floats.count == shape.reduce(1, *) else {
    throw Failure(.shapeMismatch, "a sample has \(batch.shape.dropFirst().reduce(1, *)) values, the model takes \(type.count)")
  }
  return Tensor(shape, floats)
}

extension ActivationStatistics {
  fileprivate mutating func addRange(_ values: [Float], channels: Int) {
    if channelMeans.isEmpty { channelMeans = Array(repeating: 0, count: channels) }
    var (low, high) = (minimum, maximum)
    var sums = Array(repeating: 0.0, count: channels)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        var index = 0
        while index < values.count {
          for channel in 0..<channels {
            let value = values[index + channel]
            if value < low { low = value }
            // No comparison with NaN holds; it must not be forgotten with the next value, so it counts as infinite.
            if !(value <= high) { high = value.isNaN ? .infinity : value }
            sums[channel] += Double(value)
          }
          index += channels
        }
      }
    }
    (minimum, maximum) = (low, high)
    let rows = values.count / max(1, channels)
    let total = samplesInMeans + rows
    for channel in 0..<channels where total > 0 {
      channelMeans[channel] += (sums[channel] - Double(rows) * channelMeans[channel]) / Double(total)
    }
    samplesInMeans = total
  }

  fileprivate mutating func addCounts(_ values: [Float]) {
    if histogram.isEmpty { histogram = Array(repeating: 0, count: CalibrationStatistics.binCount) }
    // In double: the width of a range of floats may be no float.
    let (low, width) = (Double(minimum), Double(maximum) - Double(minimum))
    guard width > 0 else {
      histogram[0] += values.count
      return
    }
    let factor = Double(CalibrationStatistics.binCount) / width
    let last = CalibrationStatistics.binCount - 1
    values.withUnsafeBufferPointer { values in
      histogram.withUnsafeMutableBufferPointer { histogram in
        for value in values {
          histogram[max(0, min(last, Int((Double(value) - low) * factor)))] += 1
        }
      }
    }
  }
}
