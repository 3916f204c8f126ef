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
  let changes = try placingFaults(at: Location(file: request.model)) { () throws(Failure) in
    try Pipeline.simplify.run(&graph) { pass, graph in
      if request.passDumps != nil { dumps.append((pass.name, graph.dump())) }
    }
  }
  if let folder = request.passDumps { try write(dumps, to: folder) }
  try requireIntegerForms(graph, imported, request)
  // What people look for; the other passes only tidy up.
  let folded = [(Pass.foldBatchNormalization, "batch norm"), (Pass.fuseActivations, "activation")].compactMap { pass, thing in
    let count = changes.filter { $0.pass == pass.name }.reduce(0) { $0 + $1.changes }
    return count > 0 ? "\(count) \(thing)\(count == 1 ? "" : "s")" : nil
  }
  return (
    SimplifiedModel(inputs: imported, graph: graph),
    "\(nodesBefore) → \(graph.nodes.count) nodes" + (folded.isEmpty ? "" : ": \(folded.joined(separator: ", ")) folded")
  )
}

/// Refuses operators without an integer kernel here, within seconds, rather than after calibration.
/// - Throws: `unsupported-operator` for each of them.
private func requireIntegerForms(_ graph: Graph, _ imported: ImportedInputs, _ request: PackRequest) throws(Failure) {
  do throws(Failure) { _ = try sizedProgram(graph, for: imported.profile) } catch {
    // The scales are only made up, so faults that depend on them mean nothing yet.
    let faults = error.diagnostics.filter { $0.code == .unsupportedOperator }
    guard !faults.isEmpty else { return }
    throw Failure(faults).placed(at: Location(file: request.model))
  }
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
