import Foundation
import MutationSupport
import TestSupport

/// Reads one case after the other in this process. Each has ten seconds, and four times its size plus 256 MiB of memory.
struct Worker {
  static let seconds: UInt32 = 10
  static let freeBytes = 256 << 20
  /// What the program exits with when a case has ended it.
  static let crashed: Int32 = 70

  let run: RunArguments

  init(_ run: RunArguments) { self.run = run }

  func work() throws {
    let folder = TemporaryFolder()
    let mutator = FileMutator(run.format, specimens: try Specimens.files(of: run.format, in: folder))
    let reading = try FileReading(run.format, in: folder)
    var summary = RunSummary()
    for specimen in mutator.specimens {
      guard case .accepted = reading.verdict(on: specimen) else {
        throw CocoaError(
          .fileReadCorruptFile, userInfo: [NSDebugDescriptionErrorKey: "a sound file is refused: \(reading.verdict(on: specimen))"])
      }
    }
    // With SWIFT_BACKTRACE set, a crash is shown by Swift itself.
    if ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil { CrashReport.install() }
    let used = addressSpace()
    for number in run.first..<run.first + run.cases {
      let file = mutator.damaged(seed: run.seed, number: number)
      CrashReport.begin("\(run.format.rawValue) --seed \(run.seed) --first \(number)")
      limitAddressSpace(used + 4 * file.bytes.count + Self.freeBytes)
      alarm(Self.seconds)
      let start = ContinuousClock.now
      if number == run.first + 1 { run.rehearsal?.end() }
      let verdict = reading.verdict(on: file.bytes)
      alarm(0)
      summary.add(verdict, of: number, file.damages, after: ContinuousClock.now - start)
    }
    summary.peakBytes = residentPeak()
    print(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
  }

  /// Bytes of address space in use: `VmSize`, the first number of `/proc/self/statm` in pages.
  private func addressSpace() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").first.flatMap { Int($0) } ?? 1 << 24) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Allocations beyond it fail, and a failed allocation ends a Swift program.
  private func limitAddressSpace(_ bytes: Int) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    limit.rlim_cur = rlim_t(bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  }

  private func residentPeak() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

/// What a range of cases came to.
struct RunSummary: Codable {
  var accepted = 0
  var refused = 0
  /// How often each code was given as the first.
  var codes: [String: Int] = [:]
  /// How often each damage was done.
  var damages: [String: Int] = [:]
  /// Cases whose error is not as it should be.
  var unclear: [String] = []
  var slowestMilliseconds = 0.0
  var slowestCase = 0
  var peakBytes = 0

  mutating func add(_ verdict: Verdict, of number: Int, _ done: [String], after time: Duration) {
    for damage in done { damages[damage, default: 0] += 1 }
    switch verdict {
    case .accepted: accepted += 1
    case .refused(let found):
      refused += 1
      if let first = found.first { codes[first.rawValue, default: 0] += 1 }
    case .unclear(let why): unclear.append("case \(number) (\(done.joined(separator: ", "))): \(why)")
    }
    let milliseconds = Double(time.components.attoseconds) * 1e-15 + Double(time.components.seconds) * 1e3
    if milliseconds > slowestMilliseconds { (slowestMilliseconds, slowestCase) = (milliseconds, number) }
  }

  mutating func add(_ other: RunSummary) {
    accepted += other.accepted
    refused += other.refused
    codes.merge(other.codes, uniquingKeysWith: +)
    damages.merge(other.damages, uniquingKeysWith: +)
    unclear += other.unclear
    if other.slowestMilliseconds > slowestMilliseconds {
      (slowestMilliseconds, slowestCase) = (other.slowestMilliseconds, other.slowestCase)
    }
    peakBytes = max(peakBytes, other.peakBytes)
  }
}

/// Says which case was being read when a signal ends the program: only what a signal handler may do.
enum CrashReport {
  nonisolated(unsafe) private static let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  nonisolated(unsafe) private static var length = 0

  static func begin(_ name: String) {
    length = 0
    for byte in name.utf8.prefix(250) {
      text[length] = byte
      length += 1
    }
    text[length] = UInt8(ascii: "\n")
    length += 1
  }

  static func install() {
    // A stack of its own, for the case that the other one is full.
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
    stack.ss_size = 1 << 16
    sigaltstack(&stack, nil)
    var action = sigaction()
    action.sa_flags = Int32(SA_ONSTACK)
    action.__sigaction_handler.sa_handler = { signal in CrashReport.end(signal) }
    // Whoever started this process may have blocked some.
    var every = sigset_t()
    sigfillset(&every)
    sigprocmask(SIG_UNBLOCK, &every, nil)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGALRM] { sigaction(signal, &action, nil) }
  }

  private static func end(_ signal: Int32) {
    let reason: StaticString = signal == SIGALRM ? "hang: " : "crash: "
    _ = write(2, reason.utf8Start, reason.utf8CodeUnitCount)
    _ = write(2, text, length)
    _exit(Worker.crashed)
  }
}
