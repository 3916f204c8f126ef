import Diagnostics
import Testing

@testable import ModelGraph

struct PipelineTests {
  @Test func everyPassOfSimplifyComesAfterThoseItNeeds() {
    var done: Set<String> = []
    for pass in Pipeline.simplify.passes {
      for needed in pass.after { #expect(done.contains(needed), "\(pass.name) needs \(needed) before it: \(pass.because)") }
      #expect(pass.after.isEmpty == pass.because.isEmpty, "\(pass.name) says why it comes after others")
      done.insert(pass.name)
    }
  }

  @Test func aPassThatBreaksTheGraphIsNamed() throws {
    let breaking = Pass("break", run: breakOrder)
    var graph = try Graph.with([1, 4]) { graph, x in try graph.relu(try graph.relu(x)) }
    #expect {
      try Pipeline(breaking).run(&graph)
    } throws: { error in
      let fault = (error as? Failure)?.diagnostics.first
      return fault?.code == .invalidGraph && fault?.message.hasPrefix("after break: ") == true
    }
  }

  @Test func observersSeeTheGraphAfterEachPass() throws {
    var graph = try Graph.with([1, 2, 2, 2]) { graph, x in try graph.toLast(try graph.toFirst(x)) }
    graph.outputs = [try graph.relu(graph.outputs[0])]
    var names: [String] = []
    let changes = try Pipeline(.removeIdentities, .cancelMovement).run(&graph) { names.append("\($0.name): \($1.nodes.count)") }
    #expect(names == ["remove-identities: 3", "cancel-movement: 1"])
    #expect(changes.map(\.changes) == [0, 1])
  }

  @Test func theDumpHasOneLineForEveryNode() throws {
    let graph = try Graph.with([1, 2]) { graph, x in try graph.dense(x, 3) }
    let lines = graph.dump().split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[1] == "input  x: float32[1, 2]")
    #expect(lines[2].hasPrefix("dense: float32[1, 3] = Gemm(x, w[3, 2])  # dense; Gemm("))
    #expect(lines[3] == "output dense")
  }
}

private func breakOrder(_ graph: inout Graph) throws(Failure) -> Int {
  graph.nodes.reverse()
  return 1
}
