extension Explanation {
  /// What an axis' figure is made of.
  public init(_ axis: Answer.Axis.Name, of answer: Answer) {
    switch axis {
    case .ram: self = Self.memory(answer)
    case .flash: self = Self.storage(answer)
    case .accuracy: self = Self.accuracy(answer)
    case .latency, .coldLatency, .energy, .power: self = Self.work(axis, answer)
    }
  }

  /// The buffers that are alive where the arena is fullest.
  private static func memory(_ answer: Answer) -> Explanation {
    let arena = answer.arena
    let steps = arena.stepCount
    let peak = arena.peakStep
    let alive = arena.buffers.filter { $0.isAlive(at: peak) && $0.bytes > 0 }.sorted { ($0.bytes, $1.name) > ($1.bytes, $0.name) }
    var parts = alive.map { buffer in
      Part(
        name: buffer.name, detail: buffer.shape.map { "\($0) int8" } ?? "scratch", figure: Double(buffer.bytes),
        shown: Formatting.bytes(buffer.bytes), remark: buffer.stepRange(of: steps))
    }
    let difference = arena.bytes - alive.reduce(0) { $0 + $1.bytes }
    if difference < 0 {
      parts.append(
        Part(
          name: "rows that input and output share", figure: Double(difference), shown: Formatting.minus + Formatting.bytes(-difference)))
    } else if difference > 0 {
      parts.append(Part(name: "between buffers", figure: Double(difference), shown: Formatting.bytes(difference)))
    }
    let layer = answer.layers.first { $0.step == peak }.map { " (\($0.name))" } ?? ""
    let bound =
      arena.lowerBound == arena.bytes
      ? "no plan below that exists" : "no plan below \(Formatting.bytes(arena.lowerBound)) exists"
    let ram = answer.ram
    let sum = [
      ("arena", ram.arena), ("stack", ram.stack), ("input and output", ram.io), ("data", ram.data), ("weights resident", ram.weights),
      ("code", ram.code), ("page rounding", ram.rounding),
    ].filter { $0.1 > 0 }
    let printed = PrintedSum(sum.map(\.1))
    let terms = zip(sum, printed.parts).map { "\($0.0) \($1)" }.joined(separator: " + ")
    return Explanation(
      subject: "ram",
      headline: "arena \(Formatting.bytes(arena.bytes)), reached in step \(peak + 1) of \(steps)\(layer); \(bound)",
      parts: parts, remarks: ["RAM \(printed.total) \(printed.unit.symbol) = \(terms)"] + limit(.ram, answer))
  }

  /// Files, then the weights of each layer.
  private static func storage(_ answer: Answer) -> Explanation {
    let total = answer.flash.reduce(0) { $0 + $1.bytes }
    let share = { (bytes: Int) in Formatting.percent(Double(bytes) / Double(max(1, total))) }
    let files = answer.flash.map {
      Part(name: $0.name, detail: "file", figure: Double($0.bytes), shown: Formatting.bytes($0.bytes), remark: share($0.bytes))
    }
    let layers = answer.layers.filter { $0.weightBytes > 0 }.sorted { ($0.weightBytes, $1.name) > ($1.weightBytes, $0.name) }
    let weights = layers.map {
      Part(
        name: "  weights of \($0.name)", detail: $0.operator, figure: Double($0.weightBytes), shown: Formatting.bytes($0.weightBytes),
        remark: share($0.weightBytes))
    }
    let sum = layers.reduce(0) { $0 + $1.weightBytes }
    return Explanation(
      subject: "flash", headline: "flash \(Formatting.bytes(total)), of which weights of \(layers.count) layers \(Formatting.bytes(sum))",
      parts: files
        + largest(weights) { count, sum in
          Part(name: "  and \(count) smaller", figure: sum, shown: Formatting.bytes(Int(sum)), remark: share(Int(sum)))
        },
      remarks: limit(.flash, answer))
  }

  /// Layers by what int8 did to them, the noisiest first.
  private static func accuracy(_ answer: Answer) -> Explanation {
    let accuracy = answer.accuracy
    let before = accuracy.before.map { "\(Formatting.quality($0, accuracy.metric)) as float, " } ?? ""
    let after = Formatting.quality(accuracy.after, accuracy.metric)
    let measured = answer.layers.filter { $0.sqnrDb != nil }.sorted { ($0.sqnrDb ?? 0, $0.name) < ($1.sqnrDb ?? 0, $1.name) }
    let parts = measured.map { layer in
      Part(
        name: layer.name, detail: layer.operator, figure: layer.sqnrDb,
        shown: layer.sqnrDb.map { "\(Formatting.fixed($0, decimals: 1)) dB" } ?? Formatting.absent,
        remark: weightsRemark(layer))
    }
    return Explanation(
      subject: "accuracy",
      headline: "\(before)\(after) packed, \(Formatting.grouped(accuracy.samples)) samples of \(accuracy.data)",
      parts: Array(parts.prefix(shownParts)),
      remarks: [
        "dB: signal to quantization noise of a layer's output against float; 6 dB are one bit. The noisiest layers come first"
          + (parts.count > shownParts ? "; \(parts.count - shownParts) more have less noise." : ".")
      ] + limit(.accuracy, answer))
  }

  /// `int8 weights; in float +0.4 dB at the output`.
  private static func weightsRemark(_ layer: Answer.Layer) -> String {
    guard let bits = layer.bits else { return "" }
    let weights = bits == 32 ? "float32 weights" : "int\(bits) weights"
    return weights + (layer.floatGainDb.map { "; in float \(Formatting.signed($0, decimals: 1)) dB at the output" } ?? "")
  }

  /// Layers by their work, where time or energy would come from.
  private static func work(_ axis: Answer.Axis.Name, _ answer: Answer) -> Explanation {
    let total = answer.layers.reduce(0) { $0 + $1.macs }
    let layers = answer.layers.filter { $0.macs > 0 }.sorted { ($0.macs, $1.name) > ($1.macs, $0.name) }
    let share = { (macs: Double) in Formatting.percent(macs / Double(max(1, total))) }
    let parts = layers.map { layer in
      Part(
        name: layer.name, detail: layer.operator, figure: Double(layer.macs), shown: "\(Formatting.count(layer.macs)) MAC",
        remark: share(Double(layer.macs)))
    }
    let figure = answer.budget.first { $0.axis == axis }
    let headline: String
    if let decisive = figure?.decisive, let unit = figure?.unit {
      let kind = figure?.measured == nil ? "predicted, at most" : "measured"
      headline =
        "\(axis.rawValue) \(BudgetTable.figure(decisive, unit)), \(kind)"
        + (figure?.binds.map { "; what binds: \($0)" } ?? "")
    } else {
      headline = "\(axis.rawValue) was neither predicted nor measured; multiplications by layer, \(Formatting.count(total)) in all:"
    }
    return Explanation(
      subject: axis.rawValue, headline: headline,
      parts: largest(parts) { count, sum in
        Part(name: "and \(count) smaller", figure: sum, shown: "\(Formatting.count(Int(sum))) MAC", remark: share(sum))
      }, remarks: limit(axis, answer))
  }

  /// Limit and slack, where the axis is limited.
  private static func limit(_ axis: Answer.Axis.Name, _ answer: Answer) -> [String] {
    guard let line = answer.budget.first(where: { $0.axis == axis }), let limit = line.limit, let slack = line.slack else { return [] }
    let room = Formatting.percent(abs(slack), decimals: 0)
    return ["limit \(BudgetTable.figure(limit, line.unit)): \(slack < 0 ? "exceeded by \(room)" : "\(room) of it left")"]
  }
}

extension Answer.Arena {
  /// The output is read after the last step, so its last step is the number of steps.
  var stepCount: Int { max(1, buffers.map(\.lastStep).max() ?? 1) }

  /// The step at which the arena is used up to its end; of several the one that needs most.
  var peakStep: Int {
    let uses = (0..<stepCount).map { step in
      let alive = buffers.filter { $0.isAlive(at: step) }
      return (end: alive.map { $0.offset + $0.bytes }.max() ?? 0, sum: alive.reduce(0) { $0 + $1.bytes })
    }
    return uses.indices.max { (uses[$0].end, uses[$0].sum, $1) < (uses[$1].end, uses[$1].sum, $0) } ?? 0
  }
}

extension Answer.Arena.Buffer {
  func isAlive(at step: Int) -> Bool { firstStep <= step && step <= lastStep }

  /// `steps 8–9`, counted from 1; the input is there before the first step and the output after the last.
  func stepRange(of steps: Int) -> String {
    let (first, last) = (max(0, firstStep) + 1, min(lastStep, steps - 1) + 1)
    return first == last ? "step \(first)" : "steps \(first)–\(last)"
  }
}
