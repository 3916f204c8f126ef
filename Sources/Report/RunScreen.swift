import Diagnostics

/// What `edgepack run` prints: the program's answers, or where they were written.
public struct RunScreen: Sendable {
  public enum Answers: Hashable, Sendable {
    /// As the program printed them: a line a sample, numbers between blanks.
    case printed(String)
    /// An npy file.
    case written(file: String)
  }
  public var answers: Answers

  public init(_ answers: Answers) { self.answers = answers }

  public func text() -> String {
    switch answers {
    case .printed(let lines): lines.hasSuffix("\n") ? String(lines.dropLast()) : lines
    case .written(let file): "wrote \(file)"
    }
  }

  /// `{"outputs": [[0.25, -1.5], …], "schema": "1.0"}` or `{"file": "out.npy", "schema": "1.0"}`
  public func json() throws(Failure) -> String {
    switch answers {
    case .printed(let lines):
      let outputs = lines.split(separator: "\n").map { line in line.split(separator: " ").map { Double($0) } }
      guard outputs.allSatisfy({ $0.allSatisfy { $0 != nil } }) else { throw Failure(.programFailed, "the program printed no numbers") }
      return try JSONText.encode(Document(outputs: outputs.map { $0.compactMap { $0 } }))
    case .written(let file): return try JSONText.encode(Document(file: file))
    }
  }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var outputs: [[Double]]?
    var file: String?
  }
}
