/// The one error type of edgepack's modules: everything that is wrong with an input, never only the first fault.
public struct Failure: Error, Sendable, Hashable {
  /// Never empty.
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) {
    precondition(!diagnostics.isEmpty, "a failure names at least one fault")
    self.diagnostics = diagnostics
  }

  public init(
    _ code: DiagnosticCode, _ message: String, details: [String] = [], at location: Location? = nil, hint: String? = nil
  ) {
    self.init([Diagnostic(code, message, details: details, at: location, hint: hint)])
  }
}

/// Collects faults while a file is read, then throws them all at once.
public struct FaultCollector: Sendable {
  public private(set) var diagnostics: [Diagnostic] = []

  public init() {}

  public mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  public mutating func add(_ failure: Failure) { diagnostics.append(contentsOf: failure.diagnostics) }

  /// Runs `body` and keeps its faults instead of throwing them; nil if it failed.
  public mutating func collect<T>(_ body: () throws(Failure) -> T) -> T? {
    do throws(Failure) { return try body() } catch {
      add(error)
      return nil
    }
  }

  /// - Throws: a `Failure` with everything collected so far that is an error.
  public func throwIfAny() throws(Failure) {
    if diagnostics.contains(where: { $0.severity == .error }) { throw Failure(diagnostics) }
  }
}
