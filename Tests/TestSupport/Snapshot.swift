import Foundation

/// Text that a test compares with a file beside it, `Snapshots/NAME.txt`.
///
///     #expect(Snapshot("fits").difference(from: screen.text()) == nil)
///
/// With `RECORD_SNAPSHOTS=1` in the environment the file is rewritten and the test fails once, so that nobody records by accident.
public struct Snapshot {
  public let path: String

  /// - Parameters:
  ///   - name: the file's name without its extension.
  ///   - testFile: leave it out; the folder of the calling test.
  public init(_ name: String, testFile: String = #filePath) {
    let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appendingPathComponent("Snapshots")
    path = folder.appendingPathComponent("\(name).txt").path
  }

  /// Nil if the text is the recorded one; else what differs, for the test's message.
  public func difference(from text: String) -> String? {
    let text = text + "\n"
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" { return record(text) }
    guard let recorded = try? String(contentsOfFile: path, encoding: .utf8) else {
      return "there is no snapshot \(path); record it with RECORD_SNAPSHOTS=1"
    }
    if recorded == text { return nil }
    let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
    let at = { (lines: [Substring]) in line < lines.count ? String(lines[line]) : "(end)" }
    return "\(path) differs in line \(line + 1):\n  recorded: \(at(old))\n  now:      \(at(new))\nall of it now:\n\(text)"
  }

  private func record(_ text: String) -> String {
    do {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return "recorded \(path); run again without RECORD_SNAPSHOTS"
    } catch {
      return "\(path) cannot be written: \(error)"
    }
  }
}
