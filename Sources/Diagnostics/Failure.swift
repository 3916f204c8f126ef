/// The one error type of edgepack's modules: everything that is wrong with an input, never only the first fault.
public struct Failure: Error, Sendable, Hashable {
  /// Never empty.
  public let diagnostics: [Diagnostic]

  public init(_ diagnostics: [Diagnostic]) {
    precondition(!diagnostics.isEmpty, "a failure names at least one fault")
    guard diagnostics.count > Self.mostDiagnostics else {
      self.diagnostics = diagnostics
      return
    }
    // A file that is wrong in hundreds of places is told so, not shown all of them.
    var shown = Array(diagnostics.prefix(Self.mostDiagnostics))
    shown[shown.count - 1].details.append("and \(diagnostics.count - shown.count) more faults like these")
    self.diagnostics = shown
  }

  public init(
    _ code: DiagnosticCode, _ message: String, details: [String] = [], at location: Location? = nil, hint: String? = nil
  ) {
    self.init([Diagnostic(code, message, details: details, at: location, hint: hint)])
  }
}

extension Failure {
  private static let mostDiagnostics = 100

  /// The same faults, with a place for those that have none.
  public func placed(at location: Location) -> Failure {
    Failure(
      diagnostics.map { diagnostic in
        var placed = diagnostic
        placed.location = placed.location ?? location
        return placed
      })
  }
}

/// Runs `body` and gives the faults without a place this one.
public func placingFaults<Result>(at location: Location, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  do throws(Failure) { return try body() } catch { throw error.placed(at: location) }
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
