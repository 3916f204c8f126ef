import Diagnostics
import Foundation
import Report
import Synchronization

/// The one printer: results on standard output, everything else on standard error.
final class Console: Sendable {
  /// What the error path prints with: set as soon as a command has read its output options.
  static let current = Mutex<Console?>(nil)

  let json: Bool
  let quiet: Bool
  /// Of standard output and standard error.
  let style: TerminalStyle
  private let errorStyle: TerminalStyle
  private let renderer: Mutex<ProgressRenderer>

  init(json: Bool, quiet: Bool, progress: ProgressRenderer.Mode, color: TerminalStyle.ColorMode, stages: [String]) {
    let environment = ProcessInfo.processInfo.environment
    let errorIsTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    self.json = json
    self.quiet = quiet
    style = TerminalStyle(color, isTerminal: isatty(FileHandle.standardOutput.fileDescriptor) == 1, environment: environment)
    errorStyle = TerminalStyle(color, isTerminal: errorIsTerminal, environment: environment)
    let start = ContinuousClock.now
    renderer = Mutex(
      ProgressRenderer(
        mode: progress.resolved(isTerminal: errorIsTerminal, environment: environment), style: errorStyle, stages: stages,
        now: {
          let elapsed = (ContinuousClock.now - start).components
          return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        },
        write: { FileHandle.standardError.write(Data($0.utf8)) }))
  }

  /// Where stages report to.
  var progress: ProgressSink { { event in self.renderer.withLock { $0.handle(event) } } }

  /// A result.
  func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// Faults: text on standard error, or the JSON document on standard output.
  func print(_ failure: Failure) {
    if json, let document = try? DiagnosticRenderer.json(failure.diagnostics) {
      print(document)
    } else {
      let text = DiagnosticRenderer(style: errorStyle).text(failure.diagnostics)
      FileHandle.standardError.write(Data((text + "\n").utf8))
    }
  }
}
