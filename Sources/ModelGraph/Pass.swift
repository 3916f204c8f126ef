import Diagnostics

/// One rewrite of the graph, as a value. A pass is one file in Passes/; its name, its file and its static member agree.
public struct Pass: Sendable {
  public var name: String
  /// Passes that must have run before, by name, and why.
  public var after: [String]
  public var because: String
  /// Rewrites in place; the result is how many places changed.
  public var run: @Sendable (inout Graph) throws(Failure) -> Int

  public init(
    _ name: String, after: [Pass] = [], because: String = "", run: @escaping @Sendable (inout Graph) throws(Failure) -> Int
  ) {
    self.name = name
    self.after = after.map(\.name)
    self.because = because
    self.run = run
  }
}

/// A list of passes that reads as a sentence.
public struct Pipeline: Sendable {
  public var passes: [Pass]

  public init(_ passes: Pass...) { self.passes = passes }

  /// Runs the passes in order, checks the graph after each, and says how many places each changed.
  /// - Parameter observe: called after each pass, for dumps.
  /// - Throws: what a pass throws, or `invalid-graph` naming the pass that broke an invariant.
  public func run(_ graph: inout Graph, observe: (Pass, Graph) -> Void = { _, _ in }) throws(Failure) -> [(pass: String, changes: Int)] {
    var changes: [(pass: String, changes: Int)] = []
    for pass in passes {
      changes.append((pass.name, try pass.run(&graph)))
      do throws(Failure) { try graph.checkInvariants() } catch {
        throw Failure(error.diagnostics.map { Diagnostic($0.code, "after \(pass.name): \($0.message)") })
      }
      observe(pass, graph)
    }
    return changes
  }
}
