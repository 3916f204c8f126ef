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
  let verbose: Bool
  /// Of standard output and standard error.
  let style: TerminalStyle
  private let errorStyle: TerminalStyle
  private let mode: ProgressRenderer.Mode
  /// Where stages report to.
  let progress: ProgressSink

  init(
    json: Bool, quiet: Bool, verbose: Bool = false, progress: ProgressRenderer.Mode, color: TerminalStyle.ColorMode, stages: [String]
  ) {
    let environment = ProcessInfo.processInfo.environment
    let errorIsTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    self.json = json
    self.quiet = quiet
    self.verbose = verbose
    style = TerminalStyle(color, isTerminal: isatty(FileHandle.standardOutput.fileDescriptor) == 1, environment: environment)
    errorStyle = TerminalStyle(color, isTerminal: errorIsTerminal, environment: environment)
    mode = progress.resolved(isTerminal: errorIsTerminal, columns: terminalColumns(), environment: environment)
    let start = ContinuousClock.now
    let renderer = ProgressRenderer(
      mode: mode, style: errorStyle, stages: stages, now: { (ContinuousClock.now - start).seconds },
      write: { FileHandle.standardError.write(Data($0.utf8)) })
    self.progress = renderer.makeSink()
  }

  /// A result.
  func print(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// A line between the stages of several runs; programs and the quiet do not want it.
  func note(_ text: String) {
    switch mode {
    case .tty, .plain, .auto: FileHandle.standardError.write(Data((text + "\n").utf8))
    case .json, .none: break
    }
  }

  /// Faults: the JSON document on standard output with `--json`, lines of the log with `--progress json`, else text on standard error.
  func print(_ failure: Failure) {
    if mode == .json { for diagnostic in failure.diagnostics { progress(.diagnostic(diagnostic)) } }
    if json, let document = try? DiagnosticRenderer.json(failure.diagnostics) {
      print(document)
    } else if mode != .json {
      let text = DiagnosticRenderer(style: errorStyle).text(failure.diagnostics)
      FileHandle.standardError.write(Data((text + "\n").utf8))
    }
  }
}

/// Width of the terminal that standard error is; nil if it is none or does not say.
private func terminalColumns() -> Int? {
  var size = winsize()
  guard ioctl(FileHandle.standardError.fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
