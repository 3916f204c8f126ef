import Diagnostics
import Foundation
import Synchronization

/// Ctrl-C, SIGTERM, and a terminal that is closed.
///
/// Work in steps (`finishingSteps`) finishes the running one after the first signal and is cancelled by the second; other work is cancelled
/// by the first. Cancelling ends the children. The signal after that, or two seconds without an end, ends the process at once.
enum Interruption {
  private static let count = Atomic<Int>(0)
  private static let isCancelled = Atomic<Bool>(false)
  private static let hasSteps = Atomic<Bool>(false)
  /// The end of a pipe that the handler writes to; reading waits for signals in a thread, where everything is allowed.
  private static let wakeUp = Atomic<Int32>(-1)
  private static let patience: Duration = .seconds(2)

  /// Whether work was broken off, rather than asked to end.
  static var hasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

  static var hasHappened: Bool { count.load(ordering: .relaxed) > 0 }

  /// Work that looks at `hasHappened` between its steps and ends there.
  static func finishingSteps<Result>(_ work: () async throws -> Result) async rethrows -> Result {
    hasSteps.store(true, ordering: .relaxed)
    defer { hasSteps.store(false, ordering: .relaxed) }
    return try await work()
  }

  /// Runs `work` so that signals stop its steps or cancel its task.
  static func cancelling(_ work: @escaping @Sendable () async throws -> Void) async throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return try await work() }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // The handler must never wait.
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    wakeUp.store(ends[1], ordering: .relaxed)
    let task = Task { try await work() }
    let readingEnd = ends[0]
    Thread.detachNewThread { watch(readingEnd) { task.cancel() } }

    // A handler, not SIG_IGN: programs that are started meanwhile get the default back.
    for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.note() } }
    // Under nohup it stays ignored.
    if unsafeBitCast(signal(SIGHUP) { _ in Interruption.note() }, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
      signal(SIGHUP, SIG_IGN)
    }
    try await task.value
  }

  /// Called in a signal handler: nothing but atomics and system calls.
  private static func note() {
    count.add(1, ordering: .relaxed)
    var byte: UInt8 = 0
    _ = write(wakeUp.load(ordering: .relaxed), &byte, 1)
  }

  private static func watch(_ descriptor: Int32, cancel: @escaping @Sendable () -> Void) {
    var byte: UInt8 = 0
    while true {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { return }
      if hasCancelled { _exit(Outcome.interrupted.rawValue) }
      if hasSteps.load(ordering: .relaxed), Self.count.load(ordering: .relaxed) == 1 {
        say("stopping after this step, press again to stop now")
        continue
      }
      isCancelled.store(true, ordering: .relaxed)
      cancel()
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: Double(patience.components.seconds))
        _exit(Outcome.interrupted.rawValue)
      }
    }
  }

  private static func say(_ text: String) {
    if let console = Console.current.withLock({ $0 }) {
      console.progress(.note(text))
    } else {
      FileHandle.standardError.write(Data((text + "\n").utf8))
    }
  }
}
