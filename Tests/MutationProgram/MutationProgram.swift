import Foundation
import MutationSupport
import TestSupport

/// Reads damaged files in a child process, so that a crash, a hang or a huge allocation ends the child and is told with its case.
///
///     edgepack-mutate onnx --seed 1 --cases 20000
///     edgepack-mutate onnx --seed 1 --first 4711 --cases 1 --show damaged.onnx
@main
enum MutationProgram {
  static func main() {
    guard let run = RunArguments(CommandLine.arguments) else {
      print(
        "usage: edgepack-mutate onnx|npz|yaml|plan|epk [--seed N] [--first N] [--cases N]",
        "[--show FILE] [--rehearse crash|hang|memory]",
        to: &standardError)
      exit(2)
    }
    do {
      if let file = run.show { return try show(run, in: file) }
      if run.isWorker { return try Worker(run).work() }
      exit(try Supervisor(run).supervise() ? 0 : 1)
    } catch {
      print("\(error)", to: &standardError)
      exit(2)
    }
  }
}

/// The words of the command line.
struct RunArguments {
  var format: FileFormat
  var seed: UInt64 = 1
  var first = 0
  var cases = 1000
  /// Writes the damaged file instead of reading it.
  var show: String?
  /// Lets the second case end the reader in this way.
  var rehearsal: Rehearsal?
  var isWorker = false

  init?(_ words: [String]) {
    guard words.count > 1, let format = FileFormat(rawValue: words[1]) else { return nil }
    self.format = format
    var rest = words.dropFirst(2)
    while let word = rest.popFirst() {
      if word == "--worker" {
        isWorker = true
        continue
      }
      guard let value = rest.popFirst() else { return nil }
      switch (word, Int(value)) {
      case ("--seed", let number?) where number >= 0: seed = UInt64(number)
      case ("--first", let number?) where number >= 0: first = number
      case ("--cases", let number?) where number > 0: cases = number
      case ("--show", _): show = value
      case ("--rehearse", _): rehearsal = Rehearsal(rawValue: value)
      default: return nil
      }
    }
  }
}

/// Endings that the watching itself is tested with.
enum Rehearsal: String {
  case crash, hang, memory

  func end() {
    switch self {
    case .crash: UnsafeMutablePointer<UInt8>(bitPattern: 64)?.pointee = 0
    case .hang: raise(SIGALRM)
    case .memory: _ = [UInt8](repeating: 1, count: Worker.freeBytes + (64 << 20))
    }
  }
}

private func show(_ run: RunArguments, in file: String) throws {
  let folder = TemporaryFolder()
  let mutator = FileMutator(run.format, specimens: try Specimens.files(of: run.format, in: folder))
  let damaged = mutator.damaged(seed: run.seed, number: run.first)
  try Data(damaged.bytes).write(to: URL(fileURLWithPath: file))
  print("\(file): \(damaged.damages.joined(separator: ", "))")
}

/// For messages beside the results.
struct StandardError: TextOutputStream {
  mutating func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

nonisolated(unsafe) var standardError = StandardError()
