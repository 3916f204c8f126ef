import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import Targets

/// What `edgepack targets measure` shall do.
public struct MeasureRequest: Sendable {
  /// Name of the new profile.
  public var name: String
  /// How often each probe program is timed; medians count.
  public var rounds: Int

  public init(name: String, rounds: Int = 7) {
    self.name = name
    self.rounds = rounds
  }
}

/// A machine's profile with what it rests on.
public struct MeasuredTarget: Sendable {
  public var profile: TargetProfile
  /// The profile as a file.
  public var yaml: String
  public var results: [CostFit.Result]
  /// What could not be measured, and why.
  public var notes: [String]
}

/// The steps of a measurement, for whoever shows progress.
public enum MeasureStage: String, CaseIterable, Sendable { case describe, compile, time, fit }

/// Times a machine by running small networks there, packed as any model would be, and writes down what each kind of work costs.
/// - Throws: what compilers and the place throw. Whatever was installed at the place is removed in any case.
public func measureTarget(
  at place: any MeasuringPlace, _ request: MeasureRequest, progress: @escaping ProgressSink
) async throws(Failure) -> MeasuredTarget {
  try await measureTarget(at: place, request, compile: compileProbes, progress: progress)
}

/// Makes the probe programs for a machine. A parameter, so that tests need no compiler.
typealias ProbeCompiler = @Sendable (TargetProfile, @escaping ProgressSink) async throws(Failure) -> [ProbeProgram]

func measureTarget(
  at place: any MeasuringPlace, _ request: MeasureRequest, compile: @escaping ProbeCompiler, progress: @escaping ProgressSink
) async throws(Failure) -> MeasuredTarget {
  let measurement = Measurement(place: place, request: request, compile: compile, progress: progress)
  do throws(Failure) {
    let result = try await measurement.run()
    await place.remove()
    return result
  } catch {
    await place.remove()
    throw error
  }
}

private struct Measurement {
  let place: any MeasuringPlace
  let request: MeasureRequest
  let compile: ProbeCompiler
  let progress: ProgressSink

  func run() async throws(Failure) -> MeasuredTarget {
    let machine = try await stage(.describe) { () async throws(Failure) in
      let machine = try await NativeProfile.Machine.described { (path) async throws(Failure) in try await place.text(of: path) }
      return (machine, "\(machine.architecture.rawValue), \(machine.cores) \(machine.cores == 1 ? "core" : "cores")")
    }
    var profile = NativeProfile.profile(of: machine)
    profile.name = request.name
    profile.summary = "measured: \(profile.cpu.core)"
    let programs = try await stage(.compile) { () async throws(Failure) in
      let programs = try await compile(profile, progress)
      return (programs, "\(programs.count) probe programs, \(programs.reduce(0) { $0 + $1.workload.steps.count }) steps")
    }
    let (times, power) = try await stage(.time) { () async throws(Failure) in
      let times = try await time(programs)
      let power = try await PowerMeter(place: place)?.measure(running: programs[0].timed)
      return ((times, power), "\(request.rounds) rounds on \(place.title)")
    }
    return try await stage(.fit) { () async throws(Failure) in
      let measured = try await fit(programs, times, power, profile)
      let worst = measured.results.map(\.row.spread).max() ?? 0
      return (measured, "\(measured.results.count) kinds of work, spread up to \(Int((worst * 100).rounded())) %")
    }
  }

  private func stage<Result>(
    _ name: MeasureStage, _ body: () async throws(Failure) -> (Result, summary: String)
  ) async throws(Failure) -> Result {
    try throwIfCancelled()
    progress(.stageStarted(name: name.rawValue))
    let start = ContinuousClock.now
    let (result, summary) = try await body()
    progress(.stageEnded(name: name.rawValue, summary: summary, seconds: (ContinuousClock.now - start).seconds, reused: false))
    return result
  }

  // MARK: Times

  /// Times the programs in turn, round by round, so that a busy moment of the machine strikes all of them alike.
  private func time(_ programs: [ProbeProgram]) async throws(Failure) -> [ProbeTimes] {
    var times = [ProbeTimes](repeating: ProbeTimes(), count: programs.count)
    var runs = [Int](repeating: 1, count: programs.count)
    for (index, program) in programs.enumerated() {
      try await place.install(program.timed)
      // The first runs only tell how many runs take a fifth of a second.
      var trial = ProbeTimes()
      try trial.addWhole(try await place.run(program.timed, arguments: ["--bench", "5", "--stats", "json"]), of: program)
      runs[index] = max(5, min(500, Int(2e8 / max(1, trial.wholeRuns[0]))))
    }
    for round in 0..<request.rounds {
      for (index, program) in programs.enumerated() {
        try throwIfCancelled()
        let count = String(runs[index])
        try times[index].addSteps(try await place.run(program.timed, arguments: ["--bench", count, "--steps"]), of: program)
        try times[index].addWhole(try await place.run(program.timed, arguments: ["--bench", count, "--stats", "json"]), of: program)
      }
      progress(.advanced(stage: MeasureStage.time.rawValue, done: round + 1, total: request.rounds, detail: "rounds"))
    }
    return times
  }

  // MARK: Costs

  private func fit(
    _ programs: [ProbeProgram], _ times: [ProbeTimes], _ power: TargetProfile.Power?, _ skeleton: TargetProfile
  ) async throws(Failure) -> MeasuredTarget {
    var profile = skeleton
    let source = "measured on \(profile.cpu.core), edgepack \(Version.current)"
    profile.cpu.source = "\(profile.cpu.source ?? "") and /sys of the machine"
    let samples = zip(programs, times).flatMap { $1.samples(of: $0) }
    let results = CostFit.rows(from: samples)
    var cost = CostTable(
      run: Interval(times.map(\.runTime).min() ?? 0), noise: max(0.03, times.map(\.noise).max() ?? 0), rows: results.map(\.row),
      source: source)
    var notes: [String] = []
    cost.bandwidths = try await bandwidths(profile)
    if cost.bandwidths.isEmpty {
      notes.append("no bandwidths: \(place.title) does not tell; networks larger than the caches are priced too low")
    }
    profile.cost = cost
    profile.power = power.map { measured in
      var measured = measured
      measured.source = source + " (RAPL, the package)"
      return measured
    }
    if power == nil { notes.append("no power: the machine shows no energy counter that may be read (RAPL)") }
    notes.append("no storage_bandwidth: without it the first answer from cold storage is not predicted")
    let comment =
      ["Written by `edgepack targets measure`; times are of one thread. docs/cost-model.md says what the terms mean."]
      + notes.map { "Note: \($0)." }
    return MeasuredTarget(profile: profile, yaml: ProfileWriter.yaml(profile, comment: comment), results: results, notes: notes)
  }

  /// What reading from the levels behind L2 brings, at most; kernels that do something with the bytes may get three fifths of it. The
  /// probes' own bytes come from L1 and L2, so the costs of the kernels already hold what those take.
  private func bandwidths(_ profile: TargetProfile) async throws(Failure) -> [CostTable.Bandwidth] {
    let cache = profile.cpu.cache
    let last = [cache?.l1d, cache?.l2, cache?.l3].compactMap { $0 }.max()
    let sizes: [(CostTable.MemoryLevel, Int?)] = [
      (.l3, cache?.l3.map { min($0 / 2, 8 << 20) }),
      (.dram, last.map { min(max(4 * $0, 16 << 20), 256 << 20) }),
    ]
    var found: [CostTable.Bandwidth] = []
    for (level, bytes) in sizes {
      guard let bytes, let rate = try await place.readBandwidth(bytes: bytes) else { continue }
      found.append(CostTable.Bandwidth(level, Interval(0.6 * rate, rate)))
    }
    return found
  }
}

/// Compiles side by side what has to be compiled.
private func compileProbes(for profile: TargetProfile, progress: @escaping ProgressSink) async throws(Failure) -> [ProbeProgram] {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("edgepack-probes-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let networks = try ProbeNetwork.all()
  let results = await withTaskGroup(of: (Int, Result<ProbeProgram, Failure>).self) { group in
    for (index, network) in networks.enumerated() {
      group.addTask {
        do throws(Failure) {
          return (index, .success(try await ProbeProgram(network, for: profile, in: "\(folder)/\(network.name)")))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    var results: [(Int, Result<ProbeProgram, Failure>)] = []
    for await result in group {
      results.append(result)
      progress(.advanced(stage: MeasureStage.compile.rawValue, done: results.count, total: networks.count, detail: "probe programs"))
    }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
  return try results.map { result throws(Failure) in try result.get() }
}

extension ProbeTimes {
  /// The median time of each step, in ms, without what looking at the clock takes.
  func samples(of program: ProbeProgram) -> [CostFit.Sample] {
    let medians = stepMedians
    let overhead = max(0, medians.reduce(0, +) - wholeRun) / Double(max(1, medians.count))
    return zip(program.workload.steps, medians).map { CostFit.Sample($0, time: max(0, $1 - overhead) * 1e-6) }
  }

  /// What a run takes besides its steps, in ms.
  var runTime: Double { max(0, wholeRun - stepMedians.reduce(0, +)) * 1e-6 }

  /// How far the middle half of the rounds lies apart, as a fraction of their median.
  var noise: Double {
    let sorted = wholeRuns.sorted()
    guard !sorted.isEmpty, wholeRun > 0 else { return 0 }
    return (sorted[sorted.count * 3 / 4] - sorted[sorted.count / 4]) / wholeRun
  }

  private var stepMedians: [Double] { steps.map(median) }
  private var wholeRun: Double { median(wholeRuns) }

  private func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
}
