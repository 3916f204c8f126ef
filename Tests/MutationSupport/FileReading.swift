import DeviceCompiler
import DeviceFormats
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Packager
import Targets
import TestSupport

/// What reading a damaged file came to.
public enum Verdict: Sendable, Equatable {
  /// The file is sound, in spite of its damage.
  case accepted
  /// The codes of one clear error.
  case refused([DiagnosticCode])
  /// The error is not as users may expect it: why, and its text.
  case unclear(String)
}

/// Reads files the way edgepack's commands do, as far as that is cheap.
public struct FileReading {
  let format: FileFormat
  private let folder: TemporaryFolder
  private let planned: Graph

  public init(_ format: FileFormat, in folder: TemporaryFolder) throws {
    self.format = format
    self.folder = folder
    planned = format == .plan ? try Specimens.planned(in: folder) : Graph(name: "")
  }

  public func verdict(on bytes: [UInt8]) -> Verdict {
    do throws(Failure) {
      try read(bytes)
      return .accepted
    } catch {
      return Self.verdict(on: error)
    }
  }

  private func read(_ bytes: [UInt8]) throws(Failure) {
    switch format {
    case .onnx: _ = try inspect(model: folder.write(bytes, to: "m.onnx"), shapes: [:], target: "arm64-512mb")
    case .npz: try readData(folder.write(bytes, to: "m.npz"))
    case .yaml: _ = try TargetLibrary(folders: []).profile(folder.write(bytes, to: "m.yaml"))
    case .plan:
      let path = folder.write(bytes, to: "plan.json")
      let plan = try Plan.load(path: path)
      _ = try placingFaults(at: Location(file: path)) { () throws(Failure) in
        try lower(planned, plan: plan, LoweringRequest(name: "m", instructionSets: [.portable]))
      }
    case .epk: try readWeights(bytes)
    }
  }

  private func readData(_ path: String) throws(Failure) {
    let data = try DataSet.load(path: path, input: nil, label: nil, scale: nil, offset: nil)
    _ = (data.floats(0..<1), data.sampleBytes(data.count - 1), data.integerLabels?.count, data.subset([0]).count)
    guard path.hasSuffix(".npz"), let archive = try? NpzFile(path: path) else { return }
    _ = archive.contents
  }

  private func readWeights(_ bytes: [UInt8]) throws(Failure) {
    let faults = GuardedBytes(bytes).withBytes { raw in
      var faults = PackedWeightsReader.faults(in: raw)
      if let base = raw.baseAddress, let reader = try? PackedWeightsReader(base, available: raw.count) {
        do throws(PackedWeightsFault) { try readTests(of: reader) } catch { faults.append(error) }
      }
      return faults
    }
    guard !faults.isEmpty else { return }
    // The program that reads these files words its errors from the same faults.
    throw Failure(
      faults.map {
        Diagnostic(.programFailed, "byte \($0.offset): \($0.message)", at: Location(file: "m.epk", element: "byte \($0.offset)"))
      })
  }

  private func readTests(of reader: PackedWeightsReader) throws(PackedWeightsFault) {
    let tests = try TestSegment(reader)
    for index in 0..<tests.generatedCount { _ = tests.generatedChecksum(index) }
    guard tests.goldenCount > 0, tests.outputBytes > 0 else { return }
    _ = (tests.goldenInput(0)[0], tests.goldenOutput(tests.goldenCount - 1)[tests.outputBytes - 1])
  }

  /// One error or several, each with a code, a place and a message of bearable length.
  private static func verdict(on failure: Failure) -> Verdict {
    for diagnostic in failure.diagnostics where diagnostic.severity == .error {
      let text = "[\(diagnostic.code.rawValue)] \(diagnostic.message.prefix(300))"
      if diagnostic.code == .internalError { return .unclear("internal: \(text)") }
      if diagnostic.message.isEmpty { return .unclear("no message: \(text)") }
      let length = diagnostic.message.utf8.count + diagnostic.details.reduce(0) { $0 + $1.utf8.count } + (diagnostic.hint?.utf8.count ?? 0)
      if length > 16_384 { return .unclear("\(length) bytes long: \(text)") }
      if diagnostic.location == nil { return .unclear("no place: \(text)") }
    }
    return .refused(failure.diagnostics.map(\.code))
  }
}

/// Bytes in memory of their own that ends where they end: reading one byte further is a fault that the system finds.
public final class GuardedBytes {
  private let pages: UnsafeMutableRawPointer
  private let mapped: Int
  private let bytes: UnsafeRawBufferPointer

  public init(_ content: [UInt8]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let room = (content.count + page - 1) / page * page
    mapped = room + page
    guard let pages = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), pages != MAP_FAILED else {
      preconditionFailure("no memory for a small file")
    }
    self.pages = pages
    mprotect(pages + room, page, PROT_NONE)
    let start = pages + (room - content.count)
    start.copyMemory(from: content, byteCount: content.count)
    bytes = UnsafeRawBufferPointer(start: start, count: content.count)
  }

  deinit { munmap(pages, mapped) }

  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(bytes) }
}
