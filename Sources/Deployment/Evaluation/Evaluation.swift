import Diagnostics
import Foundation
import ModelFormats
import ModelGraph

/// Sends a whole data set through the packed program, in blocks that run side by side, and measures its answers.
public struct Evaluation: Sendable {
  public var folder: BuildFolder
  public var data: DataSet
  public var metric: Metric
  /// What outputs are multiplied with before they are compared with labels (rmse only).
  public var outputScale: Double
  /// Processes at a time.
  public var jobs: Int
  var environment: RunEnvironment

  public init(
    folder: BuildFolder, data: DataSet, metric: Metric, outputScale: Double = 1,
    jobs: Int = ProcessInfo.processInfo.activeProcessorCount, environment: RunEnvironment = RunEnvironment(timeLimit: .seconds(3600))
  ) {
    self.folder = folder
    self.data = data
    self.metric = metric
    self.outputScale = outputScale
    self.jobs = max(1, jobs)
    self.environment = environment
  }

  /// Natively where this computer runs the target's programs, else in QEMU.
  /// - Throws: `shape-mismatch`, `usage`, `missing-array`, `empty-data`, `program-failed`, and what runners throw.
  public func run(progress: ProgressSink? = nil) async throws(Failure) -> MetricValue {
    let manifest = folder.manifest
    try data.check(against: TensorType(.float32, manifest.input.shape), model: manifest.name)
    var accumulator = try MetricAccumulator(
      metric: metric, data: data, outputCount: manifest.output.count, outputScale: outputScale)
    let runner = try folder.runner(at: folder.placeWithFiles, environment: environment)
    let workspace = try TemporaryFolder(purpose: "evaluate")
    defer { workspace.remove() }

    var waiting = blocks[...]
    var done = 0
    var failure: Failure?
    await withTaskGroup(of: Result<Answer, Failure>.self) { group in
      func startNext() {
        guard let block = waiting.popFirst() else { return }
        group.addTask { await answer(block, runner, workspace) }
      }
      for _ in 0..<jobs { startNext() }
      while let result = await group.next() {
        switch result {
        case .success(let answer):
          accumulator.add(outputs: answer.outputs, samples: answer.samples)
          done += answer.samples.count
          progress?(.advanced(stage: "evaluate", done: done, total: data.count, detail: "\(done) of \(data.count) samples"))
          startNext()
        case .failure(let first):
          failure = failure ?? first
          waiting = []
          group.cancelAll()
        }
      }
    }
    if let failure { throw failure }
    return accumulator.value
  }

  private struct Answer: Sendable {
    var samples: Range<Int>
    /// `[samples.count, outputs]`.
    var outputs: [Float]
  }

  /// Small enough that processes end together and progress shows, large enough that starting them costs nothing.
  private var blocks: [Range<Int>] {
    let size = min(1024, max(16, data.count / (jobs * 8)))
    return stride(from: 0, to: data.count, by: size).map { $0..<min($0 + size, data.count) }
  }

  private func answer(_ samples: Range<Int>, _ runner: any Runner, _ workspace: TemporaryFolder) async -> Result<Answer, Failure> {
    do throws(Failure) {
      let (bytes, ending) = try input(samples)
      let input = try workspace.write(bytes, to: "input\(samples.lowerBound).\(ending)")
      let output = workspace.url.appendingPathComponent("output\(samples.lowerBound).npy")
      defer {
        try? FileManager.default.removeItem(at: input)
        try? FileManager.default.removeItem(at: output)
      }
      let result = try await runner.run(arguments: ["-o", output.path, input.path])
      guard result.exitCode == 0 else {
        throw Failure(
          .programFailed, "the program ended with \(result.exitCode) on samples \(samples.lowerBound) to \(samples.upperBound - 1)",
          details: result.lastLines)
      }
      return .success(Answer(samples: samples, outputs: try read(output, samples)))
    } catch { return .failure(error) }
  }

  /// The samples as the program takes them: their own bytes if they are stored as the program was packed for, else floats.
  private func input(_ samples: Range<Int>) throws(Failure) -> (bytes: [UInt8], ending: String) {
    let input = folder.manifest.input
    if data.elementType == input.elementType, data.scale == input.scale, data.offset == input.offset {
      return (samples.flatMap { data.sampleBytes($0) }, "raw")
    }
    let floats = StoredArray(Tensor([samples.count] + input.shape.dropFirst(), data.floats(samples).floats ?? []))
    return (NpyFile.encode(floats), "npy")
  }

  private func read(_ file: URL, _ samples: Range<Int>) throws(Failure) -> [Float] {
    let array: StoredArray
    do throws(Failure) { array = try NpyFile.read(path: file.path) } catch {
      throw Failure(.programFailed, "the program wrote no answers", details: error.diagnostics.map(\.message))
    }
    guard array.elementType == .float32, array.count == samples.count * folder.manifest.output.count else {
      throw Failure(
        .programFailed, "the program wrote \(array.description) for \(samples.count) samples of \(folder.manifest.output.count) outputs")
    }
    return array.bytes.withUnsafeBytes { raw in
      (0..<array.count).map { Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))) }
    }
  }
}
