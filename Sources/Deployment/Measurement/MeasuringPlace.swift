import Diagnostics
import Foundation

/// A machine that can be timed: it runs packed programs, and shows the files in which Linux describes it.
public protocol MeasuringPlace: Sendable {
  /// As sources and screens name it: `this computer`, `pi@board`.
  var title: String { get }

  /// The text of one of the machine's files, such as `/proc/cpuinfo`; nil if it cannot be read there.
  func text(of path: String) async throws(Failure) -> String?

  /// Brings a program and its weights there. What is installed is removed by `remove`.
  func install(_ program: TimedProgram) async throws(Failure)

  /// Runs an installed program and returns what it wrote to standard output.
  /// - Throws: `program-failed` if it does not end with 0, and what the way there throws.
  func run(_ program: TimedProgram, arguments: [String]) async throws(Failure) -> String

  /// How fast one core reads `bytes` of memory again and again, in bytes a second; nil where the place cannot tell.
  func readBandwidth(bytes: Int) async throws(Failure) -> Double?

  /// Removes everything that was installed. Called once, also after a failure.
  func remove() async
}

extension MeasuringPlace {
  public func readBandwidth(bytes: Int) async throws(Failure) -> Double? { nil }
}

/// A packed program to be timed.
public struct TimedProgram: Sendable {
  /// Names its files at the place.
  public var name: String
  /// A static ELF.
  public var program: [UInt8]
  public var weights: [UInt8]

  public init(name: String, program: [UInt8], weights: [UInt8]) {
    self.name = name
    self.program = program
    self.weights = weights
  }
}

/// This computer.
public struct NativeMeasuringPlace: MeasuringPlace {
  private let folder: TemporaryFolder
  private let timeLimit: Duration
  public let title = "this computer"

  /// - Throws: `folder-unwritable` without a place for temporary files.
  public init(timeLimit: Duration = .seconds(60)) throws(Failure) {
    folder = try TemporaryFolder(purpose: "measure")
    self.timeLimit = timeLimit
  }

  public func text(of path: String) -> String? {
    // Files under /proc and /sys have no size, so they are read to their end rather than mapped.
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    guard let data = try? handle.readToEnd() else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  public func install(_ program: TimedProgram) throws(Failure) {
    let file = try folder.write(program.program, to: program.name)
    _ = try folder.write(program.weights, to: program.name + ".epk")
    do {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    } catch {
      throw Failure(.folderUnwritable, "\(file.path) cannot be made executable: \(error.localizedDescription)")
    }
  }

  public func run(_ program: TimedProgram, arguments: [String]) async throws(Failure) -> String {
    let file = folder.url.appendingPathComponent(program.name)
    let result = RunResult(try await ChildProcess(executable: file, arguments: arguments, timeLimit: timeLimit).run())
    guard result.exitCode == 0 else {
      throw Failure(.programFailed, "\(program.name) ended with \(result.exitCode) on \(title)", details: result.lastLines)
    }
    return result.standardOutput
  }

  public func readBandwidth(bytes: Int) -> Double? {
    let words = bytes / MemoryLayout<SIMD8<UInt64>>.stride
    guard words > 0 else { return nil }
    let memory = UnsafeMutablePointer<SIMD8<UInt64>>.allocate(capacity: words)
    defer { memory.deallocate() }
    memory.initialize(repeating: SIMD8(repeating: 1), count: words)
    var sums = (SIMD8<UInt64>(repeating: 0), SIMD8<UInt64>(repeating: 0), SIMD8<UInt64>(repeating: 0), SIMD8<UInt64>(repeating: 0))
    var best = 0.0
    // The fastest of several passes of at least 16 MiB: disturbances only ever slow a pass down.
    let repeats = max(1, (16 << 20) / bytes)
    for _ in 0..<8 {
      let start = ContinuousClock.now
      for _ in 0..<repeats {
        var index = 0
        while index + 4 <= words {
          sums.0 &+= memory[index]
          sums.1 &+= memory[index + 1]
          sums.2 &+= memory[index + 2]
          sums.3 &+= memory[index + 3]
          index += 4
        }
      }
      best = max(best, Double(repeats * words * 64) / max(1e-9, (ContinuousClock.now - start).seconds))
    }
    // The sums must be used, or nothing need be read.
    return sums.0 &+ sums.1 &+ sums.2 &+ sums.3 == SIMD8(repeating: 0) ? nil : best
  }

  public func remove() { folder.remove() }
}
