import Diagnostics

extension Explanation {
  /// All that is known about one layer.
  /// - Throws: `usage` naming the nearest layer.
  public init(layer name: String, of answer: Answer) throws(Failure) {
    guard let layer = answer.layers.first(where: { $0.name == name }) else {
      let axes = Answer.Axis.Name.allCases.map(\.rawValue)
      let near = nearestMatch(to: name, among: answer.layers.map(\.name) + axes + DiagnosticCode.allCases.map(\.rawValue))
      throw Failure(
        .usage, "`\(name)` is no axis, no error code and no layer of \(answer.model.file)",
        details: ["axes: \(axes.joined(separator: ", "))", "layers: `edgepack explain BUILD accuracy` lists them"],
        hint: near.map { "did you mean `\($0)`?" })
    }
    let total = answer.layers.reduce(0) { $0 + $1.macs }
    let share = total > 0 && layer.macs > 0 ? Formatting.percent(Double(layer.macs) / Double(total)) + " of all" : ""
    let output = Double(layer.shape.reduce(1, *))
    var parts = [
      Part(name: "operator", detail: layer.operator),
      Part(name: "output", detail: "\(layer.shape) int8", figure: output, shown: Formatting.bytes(Int(output))),
      Part(name: "multiplications", figure: Double(layer.macs), shown: Formatting.count(layer.macs), remark: share),
    ]
    if layer.parameters > 0 {
      parts.append(
        Part(
          name: "weights", detail: layer.bits.map { "int\($0), \(Formatting.grouped(layer.parameters)) parameters" } ?? "",
          figure: Double(layer.weightBytes), shown: Formatting.bytes(layer.weightBytes), remark: "as packed"))
    }
    if let noise = layer.sqnrDb {
      let rank = answer.layers.filter { ($0.sqnrDb ?? .infinity) < noise }.count + 1
      let measured = answer.layers.filter { $0.sqnrDb != nil }.count
      parts.append(
        Part(
          name: "signal to noise", figure: noise, shown: "\(Formatting.fixed(noise, decimals: 1)) dB",
          remark: "rank \(rank) of \(measured)"))
    }
    let place: String
    if let step = layer.step {
      let steps = answer.arena.stepCount
      place = "step \(step + 1) of \(steps)"
      let alive = answer.arena.buffers.filter { $0.isAlive(at: step) && $0.bytes > 0 }
      for buffer in alive.sorted(by: { ($0.bytes, $1.name) > ($1.bytes, $0.name) }) {
        parts.append(
          Part(
            name: "alive: \(buffer.name)", detail: "offset \(Formatting.grouped(buffer.offset))", figure: Double(buffer.bytes),
            shown: Formatting.bytes(buffer.bytes), remark: buffer.stepRange(of: steps)))
      }
    } else {
      place = "no step of its own: folded into a neighbour"
    }
    self.init(subject: name, headline: "\(name) in \(answer.model.file), \(place)", parts: parts)
  }
}
