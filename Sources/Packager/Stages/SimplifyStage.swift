import Diagnostics
import Foundation
import ModelGraph

/// Folds and fuses the graph.
func simplify(
  _ imported: ImportedInputs, _ request: PackRequest, _ report: StageRunner.Report
) throws(Failure) -> (SimplifiedModel, summary: String) {
  var graph = imported.graph
  let nodesBefore = graph.nodes.count
  var dumps: [(name: String, text: String)] = []
  let changes = try Pipeline.simplify.run(&graph) { pass, graph in
    if request.passDumps != nil { dumps.append((pass.name, graph.dump())) }
  }
  if let folder = request.passDumps { try write(dumps, to: folder) }
  let folded = changes.filter { $0.changes > 0 }.map { "\($0.pass) \($0.changes)" }.joined(separator: ", ")
  return (
    SimplifiedModel(inputs: imported, graph: graph),
    "\(nodesBefore) → \(graph.nodes.count) nodes" + (folded.isEmpty ? "" : ": \(folded)")
  )
}

private func write(_ dumps: [(name: String, text: String)], to folder: String) throws(Failure) {
  do {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (index, dump) in dumps.enumerated() {
      try dump.text.write(toFile: "\(folder)/\(index)-\(dump.name).txt", atomically: true, encoding: .utf8)
    }
  } catch {
    throw Failure(.folderUnwritable, "the passes cannot be written to \(folder): \(error.localizedDescription)", at: Location(file: folder))
  }
}
