import Diagnostics
import Foundation

/// Starts a program and waits for it as plainly as the system allows, since what is timed may take less than a millisecond.
enum TimedSpawn {
  /// From the call that starts the program to its end. What it prints is thrown away.
  /// - Throws: `tool-failed` if it cannot be started, `program-failed` if it ends with another code than 0.
  static func milliseconds(_ program: URL, arguments: [String]) throws(Failure) -> Double {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
    }
    let words = ([program.path] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    let start = ContinuousClock.now
    guard posix_spawn(&process, program.path, &actions, nil, words, environ) == 0 else {
      throw Failure(.toolFailed, "\(program.path) cannot be run")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR { continue }
    let seconds = (ContinuousClock.now - start).seconds
    guard status == 0 else { throw Failure(.programFailed, "\(program.lastPathComponent) gave no answer to its golden input") }
    return seconds * 1000
  }
}
