import Foundation
import Synchronization

/// Ctrl-C. The first one cancels the work, which ends its children and stops at the next step; the second one ends the process at once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  static var hasHappened: Bool { count.load(ordering: .relaxed) > 0 }

  /// Runs `work` so that an interrupt cancels its task.
  static func cancelling(_ work: @escaping @Sendable () async throws -> Void) async throws {
    // Touches the counter before a signal can, so that the handler does not initialize it.
    guard !hasHappened else { return }
    // A handler, not SIG_IGN: programs that are started meanwhile get the default back.
    signal(SIGINT) { _ in Interruption.note() }
    let task = Task { try await work() }
    let watch = Task {
      while !hasHappened { try await Task.sleep(for: .milliseconds(50)) }
      task.cancel()
    }
    defer { watch.cancel() }
    try await task.value
  }

  /// Called in a signal handler: nothing but atomics and system calls.
  private static func note() {
    guard count.add(1, ordering: .relaxed).oldValue == 0 else { _exit(Outcome.interrupted.rawValue) }
    let text: StaticString = "\nstopping after this step, press again to stop now\n"
    _ = write(2, text.utf8Start, text.utf8CodeUnitCount)
  }
}
