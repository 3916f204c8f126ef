import Deployment
import DeviceKernels
import Diagnostics
import Foundation
import Synchronization
import Targets
import Testing

@testable import Packager

/// A machine that does nothing, and reports the times that the costs it is made with would give.
private final class ImaginaryMachine: MeasuringPlace {
  let title = "an imaginary machine"
  let costs: [WorkUnit: Double]
  let workloads: [String: Workload]
  /// Names of what is installed, and whether it was removed.
  let state = Mutex<(installed: Set<String>, isRemoved: Bool)>(([], false))
  let answer: @Sendable (String) -> String?

  init(costs: [WorkUnit: Double], workloads: [String: Workload], answer: @escaping @Sendable (String) -> String? = { _ in nil }) {
    self.costs = costs
    self.workloads = workloads
    self.answer = answer
  }

  func text(of path: String) -> String? {
    [
      "/proc/cpuinfo": "flags\t: sse2\nmodel name\t: Imaginary 9\n", "/proc/meminfo": "MemTotal: 1048576 kB\n",
      "/sys/devices/system/cpu/online": "0-1\n",
    ][path]
  }

  func install(_ program: TimedProgram) { state.withLock { _ = $0.installed.insert(program.name) } }

  func remove() { state.withLock { $0.isRemoved = true } }

  func run(_ program: TimedProgram, arguments: [String]) throws(Failure) -> String {
    guard state.withLock({ $0.installed.contains(program.name) }), let workload = workloads[program.name] else {
      throw Failure(.programFailed, "\(program.name) is not there")
    }
    if let answer = answer(program.name) { return answer }
    let times = workload.steps.map { step in step.counts.reduce(0) { $0 + (costs[$1.key] ?? 0) * $1.value } }
    // Looking at the clock takes 20 ns a step.
    if arguments.contains("--steps") {
      let line = "[" + times.map { String(Int(($0 + 20).rounded())) }.joined(separator: ", ") + "]\n"
      return String(repeating: line, count: 3)
    }
    return "{\"runs\": 5, \"median_ns\": \(Int(times.reduce(0, +))), \"minimum_ns\": 1, \"p95_ns\": 1}\n"
  }

  func readBandwidth(bytes: Int) -> Double? { nil }
}

struct MeasureTargetTests {
  /// In nanoseconds, as of a slow processor, so that whole nanoseconds are fine enough.
  private static let costs: [WorkUnit: Double] = [.step: 500, .mac: 2, .output: 30, .block: 100, .element: 12, .edge: 9, .patchByte: 1]

  private func programs() throws -> [ProbeProgram] {
    let machine = NativeProfile.Machine(
      architecture: .x86_64, processorText: "", memoryText: "", cores: 1, page: 4096, physicalMemory: 1 << 30)
    let profile = NativeProfile.profile(of: machine)
    return try ProbeNetwork.all().map { network in
      ProbeProgram(
        timed: TimedProgram(name: network.name, program: [], weights: []),
        workload: try network.lowered(for: profile).workload(storedBytes: 0))
    }
  }

  @Test func theCostsOfAMachineAreFoundAgain() async throws {
    let programs = try programs()
    let place = ImaginaryMachine(
      costs: Self.costs, workloads: Dictionary(uniqueKeysWithValues: programs.map { ($0.timed.name, $0.workload) }))
    let measured = try await measureTarget(
      at: place, MeasureRequest(name: "imaginary", rounds: 3), compile: { (_, _) in programs }, progress: { _ in })

    #expect(measured.profile.cpu.core == "Imaginary 9" && measured.profile.power == nil && measured.notes.count == 3)
    let cost = try #require(measured.profile.cost)
    // Layers that stay float are not probed.
    #expect(cost.rows.map(\.kind) == WorkKind.allCases.filter { $0 != .float })
    #expect(cost.source == "measured on Imaginary 9, edgepack \(Version.current)")
    // Where windows are always 3 × 3, nine MACs go with each output, and the two cannot be told apart.
    for kind in [WorkKind.convolution, .matmul, .dense] {
      let row = try #require(cost.rows.first { $0.kind == kind })
      let mac = try #require(row.terms.first { $0.unit == .mac }?.cost.center, "\(kind) has no cost of a MAC")
      #expect(abs(mac - 2e-6) < 0.05 * 2e-6 && row.spread < 0.05, "\(kind): \(mac), \(row.spread)")
    }
    for program in programs {
      let truth = program.workload.steps.reduce(0) { $0 + $1.counts.reduce(0) { $0 + (Self.costs[$1.key] ?? 0) * $1.value } } * 1e-6
      let predicted = try #require(measured.profile.latency(of: program.workload)).total
      #expect(predicted.low < truth && truth < predicted.high && abs(predicted.center / truth - 1) < 0.03)
    }
    #expect(place.state.withLock { $0.isRemoved && $0.installed.count == 3 })
  }

  @Test func theProfileIsReadBackAsItWasMeasured() async throws {
    let programs = try programs()
    let place = ImaginaryMachine(
      costs: Self.costs, workloads: Dictionary(uniqueKeysWithValues: programs.map { ($0.timed.name, $0.workload) }))
    let measured = try await measureTarget(
      at: place, MeasureRequest(name: "imaginary", rounds: 1), compile: { (_, _) in programs }, progress: { _ in })
    let read = try ProfileReader.parse(measured.yaml, file: "imaginary.yaml")
    #expect(read.warnings == [] && read.profile.name == "imaginary" && measured.yaml.hasPrefix("# Written by `edgepack targets measure`"))
    for program in programs {
      let written = try #require(measured.profile.latency(of: program.workload)).total
      let readBack = try #require(read.profile.latency(of: program.workload)).total
      #expect(abs(written.high / readBack.high - 1) < 1e-3 && abs(written.low / readBack.low - 1) < 1e-3)
    }
  }

  @Test(arguments: ["", "[1, 2]\n", "[1, 2", "{}\n", "nonsense"])
  func aProgramThatPrintsNoTimesIsNamedAndRemoved(_ output: String) async throws {
    let programs = try programs()
    let place = ImaginaryMachine(
      costs: Self.costs, workloads: Dictionary(uniqueKeysWithValues: programs.map { ($0.timed.name, $0.workload) }),
      answer: { $0 == "signals" ? output : nil })
    do throws(Failure) {
      _ = try await measureTarget(
        at: place, MeasureRequest(name: "a", rounds: 1), compile: { (_, _) in programs }, progress: { _ in })
      Issue.record("\(output) was taken")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.programFailed])
      #expect(error.diagnostics.first?.message == "signals printed no times")
    }
    #expect(place.state.withLock { $0.isRemoved })
  }

  @Test func probesHaveShapesOfEveryKindAndSeveralOfEach() throws {
    let steps = try programs().flatMap(\.workload.steps)
    for kind in WorkKind.allCases where kind != .float {
      let shapes = Set(steps.filter { $0.kind == kind }.map(\.counts))
      #expect(shapes.count >= (kind.units.count > 2 ? 6 : 3), "\(kind): \(shapes.count) shapes")
    }
  }
}
