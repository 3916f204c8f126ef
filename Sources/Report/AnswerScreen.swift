import Foundation

/// FITS or DOES NOT FIT with one line per axis of the budget: what `edgepack pack` prints on standard output.
public struct AnswerScreen: Sendable {
  public var answer: Answer
  /// The build folder as the user named it, for the commands that come next.
  public var folder: String
  public var style: TerminalStyle

  public init(_ answer: Answer, folder: String, style: TerminalStyle = .plain) {
    self.answer = answer
    self.folder = folder
    self.style = style
  }

  /// The first line: all that `-q` prints.
  public var headline: String {
    let verdict = answer.answer == .fits ? style.paint("FITS", .green) : style.paint("DOES NOT FIT", .red)
    let verdictWidth = answer.answer == .fits ? 4 : 12
    let target = answer.target
    let clock = target.clock.map { " \(Formatting.fixed($0 / 1e9, decimals: 1)) GHz" } ?? ""
    let threads = target.threads > 1 ? ", \(target.threads) threads" : ""
    let device = "\(Self.display(core: target.core))\(clock), \(target.os == "linux" ? "Linux" : "no system")\(threads)"
    let program = "program \(answer.program.prefix(8))"
    let room = TextLayout.width - verdictWidth - 3 - 2 - program.count
    // The device in brackets gives way before names do.
    let long = "\(answer.model.file) on \(target.name) (\(device))"
    let subject = long.count <= room ? long : TextLayout.shortened("\(answer.model.file) on \(target.name)", to: room)
    return "\(verdict)   \(TextLayout.left(subject, room))  \(program)"
  }

  /// All lines, each at most 80 columns wide where names allow it.
  public func text() -> String {
    var lines = [headline, ""]
    lines += BudgetTable(answer, style: style).lines()
    lines.append("")
    lines += sums()
    lines += proof()
    lines += TextLayout.wrapped(answer.recipe.joined(separator: "; "), first: " done    ", indent: 9)
    if answer.answer == .doesNotFit { lines += reasons() }
    lines += footnotes()
    lines.append("")
    lines += next()
    return lines.map { style.legible(TextLayout.withoutTrailingSpaces($0)) }.joined(separator: "\n")
  }

  /// Every layer: `-v`.
  public func layers() -> String {
    var table = TextTable([
      .left("layer"), .right("step"), .left("operator"), .left("output"), .right("MACs"), .right("weights"), .right("noise"),
    ])
    for layer in answer.layers {
      table.add(
        layer.name, layer.step.map { String($0 + 1) } ?? Formatting.absent, layer.operator,
        layer.shape.map(String.init).joined(separator: "×"), Formatting.count(layer.macs), Formatting.bytes(layer.weightBytes),
        layer.sqnrDb.map { "\(Formatting.fixed($0, decimals: 1)) dB" } ?? Formatting.absent)
    }
    return table.lines().map(style.legible).joined(separator: "\n")
  }

  /// `cortex-a53` is written Cortex-A53; names of more than one word stay as they are.
  static func display(core: String) -> String {
    guard core == core.lowercased(), !core.contains(" ") else { return core }
    return core.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
  }
}

// What the figures are made of.
extension AnswerScreen {
  private func sums() -> [String] {
    let ram = answer.ram
    let parts = [
      ("arena", ram.arena), ("stack", ram.stack), ("input and output", ram.io), ("data", ram.data), ("weights resident", ram.weights),
      ("code", ram.code), ("threads", ram.threads), ("page rounding", ram.rounding),
    ]
    return sum("RAM", parts.filter { $0.1 > 0 }) + sum("flash", answer.flash.map { ($0.name, $0.bytes) })
  }

  private func sum(_ title: String, _ parts: [(name: String, bytes: Int)]) -> [String] {
    guard !parts.isEmpty else { return [] }
    let printed = PrintedSum(parts.map(\.bytes))
    let terms = zip(parts, printed.parts).map { "\($0.name) \($1)" }.joined(separator: " + ")
    return TextLayout.wrapped("= \(terms)", first: " \(title) \(printed.total) \(printed.unit.symbol) ", indent: 9)
  }

  private func proof() -> [String] {
    guard let smoke = answer.smoke else { return [" proof   none: the program was not run"] }
    let place =
      switch smoke.on {
      case "machine": "in an emulated machine"
      case "user": "in QEMU's user mode"
      case "firmware": "on an emulated board"
      case "native": "on this machine"
      default: "on \(smoke.on)"
      }
    var claims: [String] = []
    if smoke.byteEqual {
      claims.append("\(smoke.casesEqual) of \(smoke.cases) outputs equal byte for byte \(place)\(smoke.withThreads)")
    } else {
      let place = place + smoke.withThreads
      claims.append("\(smoke.casesEqual) of \(smoke.cases) outputs equal \(place), largest difference \(smoke.maxDifference)")
    }
    if let highWater = smoke.arenaHighWater {
      claims.append("arena \(Formatting.grouped(highWater)) of \(Formatting.grouped(answer.arena.bytes)) bytes used")
    }
    if let limit = smoke.memoryLimit, let peak = smoke.memoryPeak {
      claims.append("at most \(Formatting.bytes(peak)) in a control group of \(Formatting.bytes(limit))")
    }
    claims.append("no arena plan below \(Formatting.grouped(answer.arena.lowerBound)) bytes exists")
    if let faults = smoke.pageFaults {
      let count = faults.firstRunMinor - faults.beforeMinor + faults.firstRunMajor - faults.beforeMajor
      claims.append("\(count) page \(count == 1 ? "fault" : "faults") in the first run")
    }
    return TextLayout.wrapped(claims.joined(separator: "; "), first: " proof   ", indent: 9)
  }

  private func reasons() -> [String] {
    let over = answer.budget.filter { !$0.fits }
    let names = over.map { "\(BudgetTable.title($0.axis)) is over its limit" + ($0.binds.map { " (\($0))" } ?? "") }
    var lines = TextLayout.wrapped(names.joined(separator: "; "), first: " why     ", indent: 9)
    let flags = over.compactMap(flag)
    if !flags.isEmpty { lines += TextLayout.wrapped(flags.joined(separator: " "), first: " nearest ", indent: 9) }
    return lines
  }

  /// The option that moves the limit just far enough.
  private func flag(_ axis: Answer.Axis) -> String? {
    guard let figure = axis.decisive else { return nil }
    switch axis.axis {
    case .ram: return "--max-ram \(Self.kibibytes(figure))"
    case .flash: return "--max-flash \(Self.kibibytes(figure))"
    case .accuracy:
      let tenths = String(format: "%.1f", (figure * 1000).rounded(.up) / 10)
      return "--max-accuracy-drop \(tenths)\(axis.unit == .relative ? "%" : "pt")"
    case .latency: return "--max-latency \(Self.rounded(figure, axis.unit))"
    case .coldLatency: return "--max-cold-latency \(Self.rounded(figure, axis.unit))"
    case .energy: return "--max-energy \(Self.rounded(figure, axis.unit))"
    case .power: return "--max-power \(Self.rounded(figure, axis.unit))"
    }
  }

  /// Three digits, rounded up, so that the figure keeps within it: `11.5ms`.
  private static func rounded(_ value: Double, _ unit: Answer.Axis.Unit) -> String {
    guard let scaled = ScaledUnit.fitting(value, unit) else { return "" }
    let step = pow(10, Double(-Formatting.decimals(value / scaled.factor)))
    let up = (value / scaled.factor / step).rounded(.up) * step
    return "\(Formatting.threeDigits(up))\(scaled.symbol)"
  }

  private static func kibibytes(_ bytes: Double) -> String { "\(Int(clamping: Int64((bytes / 1024).rounded(.up))))KiB" }

  private func footnotes() -> [String] {
    var lines: [String] = []
    let notes = BudgetTable.notes(answer)
    for note in notes where note != .accuracy {
      lines += TextLayout.wrapped(text(note), first: " \(mark(note)) ", indent: mark(note).count + 2)
    }
    if notes.contains(.accuracy) {
      lines += TextLayout.wrapped(accuracyNote(), first: " \(mark(.accuracy)) ", indent: mark(.accuracy).count + 2)
    }
    return lines
  }

  private func text(_ note: BudgetTable.Note) -> String {
    switch note {
    case .unknown:
      let limited = answer.budget.contains { $0.decisive == nil && $0.limit != nil }
      return "the profile has no figures to predict it by" + (limited ? "; its limit is not judged" : "")
    case .predicted:
      return answer.smoke?.on == "native"
        ? "not measured; the upper end of the prediction decides"
        : "an emulator has no clock; the upper end of the prediction decides"
    case .percentile:
      let figures = answer.budget.compactMap { axis in
        axis.measuredP95.map { "\(BudgetTable.title(axis.axis)) \(Formatting.scaled($0, axis.unit))" }
      }
      let runs = answer.smoke?.latency.map { " of \(Formatting.grouped($0.runs)) runs" } ?? ""
      return "median\(runs); the 95th percentile decides: \(figures.joined(separator: ", "))"
    case .accuracy: return accuracyNote()
    }
  }

  private func mark(_ note: BudgetTable.Note) -> String { BudgetTable.mark(note, among: BudgetTable.notes(answer), style) }

  private func accuracyNote() -> String {
    let accuracy = answer.accuracy
    let figures = { (value: Double) in Formatting.figure(value, accuracy.metric, decimals: 1) }
    let subject: String
    if let before = accuracy.before {
      subject = "\(accuracy.metric.rawValue) \(figures(before)) → \(figures(accuracy.after))"
    } else {
      subject = "agrees with the float model on \(figures(accuracy.after))"
    }
    var text = "\(subject), \(Formatting.grouped(accuracy.samples)) samples of \(accuracy.data)"
    guard let interval = accuracy.interval, interval.count == 2 else { return text }
    let isRelative = accuracy.metric.isError
    let ends = interval.map { Formatting.signed($0 * 100, decimals: 1) }
    text += ", 95 % interval \(ends[0]) … \(ends[1]) \(isRelative ? "%" : "pt")"
    if let limit = answer.budget.first(where: { $0.axis == .accuracy })?.limit {
      let worst = isRelative ? interval[1] : -interval[0]
      let best = isRelative ? interval[0] : -interval[1]
      if best <= limit, limit < worst { text += ": the limit lies inside it, more samples would tell" }
    }
    return text
  }

  private func next() -> [String] {
    let program = answer.files.first { $0.kind == .program || $0.kind == .firmware }
    guard let program else { return [] }
    let base = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let files = [program] + answer.files.filter { $0.kind == .weights }
    let paths = files.map { "\(base)/\($0.path)" }.joined(separator: " ")
    var commands: [(String, String)] = []
    // A program that does not fit is worth a look, not a delivery.
    if answer.answer == .fits, answer.target.os == "linux" {
      commands.append(
        answer.smoke?.on == "native"
          ? ("\(base)/\(program.path) --self-test", "the proof, without edgepack")
          : ("scp \(paths) BOARD: && ssh BOARD ./\(program.path) --self-test", ""))
    }
    commands.append(("edgepack smoke \(base)/", "repeat the proof"))
    commands.append(("edgepack evaluate \(base)/ --data test.npz", "accuracy on further data"))
    let commandWidth = max(40, commands.filter { !$0.1.isEmpty }.map(\.0.count).max() ?? 0)
    return commands.enumerated().map { index, command in
      let line = (index == 0 ? " next    " : TextLayout.spaces(9)) + TextLayout.left(command.0, commandWidth)
      return command.1.isEmpty ? line : "\(line)  \(command.1)"
    }
  }
}

extension Answer.Smoke {
  /// ` with 1 and 4 threads`, or nothing where there was only one run.
  var withThreads: String { threads.count > 1 ? " with \(threads.map(String.init).joined(separator: " and ")) threads" : "" }
}
