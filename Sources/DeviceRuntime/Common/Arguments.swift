/// The command line (docs/program-interface.md).
struct Arguments {
  enum Action {
    case answer(CText)
    case selfTest
    case benchmark(runs: Int)
    case stepTimes(runs: Int)
  }

  var action: Action
  var weights: CText?
  var output: CText?
  var isRawOutput = false
  var asJSON = false
  var showsOutputs = false
  var threads = 1

  /// - Parameter words: `argv`, ended by nil. Ends the program with a message if they make no sense.
  init(_ words: UnsafePointer<CText?>) {
    var input: CText?
    var isSelfTest = false
    var runs: Int?
    var timesSteps = false
    var index = 1
    while let word = words[index] {
      index += 1
      if word.equals("--weights") {
        weights = Self.value(words, &index, of: word)
      } else if word.equals("-o") {
        output = Self.value(words, &index, of: word)
      } else if word.equals("--raw-output") {
        isRawOutput = true
      } else if word.equals("--text") {
        continue
      } else if word.equals("--self-test") {
        isSelfTest = true
      } else if word.equals("--show-outputs") {
        showsOutputs = true
      } else if word.equals("--stats") {
        if !Self.value(words, &index, of: word).equals("json") { fail("--stats knows only json") }
        asJSON = true
      } else if word.equals("--bench") {
        runs = Self.runs(Self.value(words, &index, of: word))
      } else if word.equals("--threads") {
        threads = Self.threads(Self.value(words, &index, of: word))
      } else if word.equals("--steps") {
        timesSteps = true
      } else if word[0] == UInt8(ascii: "-") && word[1] != 0 {
        fail("unknown option", word)
      } else if input == nil {
        input = word
      } else {
        fail("more than one input:", word)
      }
    }
    if isRawOutput && output == nil { fail("--raw-output needs -o OUT.npy") }
    if (isSelfTest ? 1 : 0) + (runs == nil ? 0 : 1) + (input == nil ? 0 : 1) != 1 { fail(Self.usage) }
    if timesSteps && runs == nil { fail("--steps needs --bench N") }
    if let input {
      action = .answer(input)
    } else if let runs {
      action = timesSteps ? .stepTimes(runs: runs) : .benchmark(runs: runs)
    } else {
      action = .selfTest
    }
  }

  /// As many times as the stream buffer of a Linux program holds.
  static var maximumRuns: Int { 1024 }

  private static var usage: StaticString {
    """
    usage: [--weights FILE] [--threads N] [--text] [-o OUT.npy [--raw-output]] INPUT \
    | --self-test [--stats json] [--show-outputs] | --bench N [--stats json | --steps]
    """
  }

  private static func value(_ words: UnsafePointer<CText?>, _ index: inout Int, of option: CText) -> CText {
    guard let value = words[index] else { fail("a value is missing behind", option) }
    index += 1
    return value
  }

  private static func runs(_ text: CText) -> Int {
    guard let runs = number(text, atMost: maximumRuns) else { fail("--bench takes a number of runs from 1 to 1024, not", text) }
    return runs
  }

  private static func threads(_ text: CText) -> Int {
    guard let threads = number(text, atMost: Network.maximumThreads) else {
      failProgram {
        $0.put("--threads takes a number from 1 to ")
        $0.put(Network.maximumThreads)
        $0.put(" (edgepack pack --threads N allows more), not ")
        $0.put(word: text)
      }
    }
    return threads
  }

  /// A decimal number from 1 on, or nil.
  private static func number(_ text: CText, atMost limit: Int) -> Int? {
    var value = 0
    var index = 0
    while text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9"), value <= limit {
      value = value * 10 + Int(text[index] - UInt8(ascii: "0"))
      index += 1
    }
    return text[index] == 0 && value >= 1 && value <= limit ? value : nil
  }
}

extension CText {
  func equals(_ text: StaticString) -> Bool {
    var index = 0
    while index < text.utf8CodeUnitCount {
      if self[index] != text.utf8Start[index] { return false }
      index += 1
    }
    return self[index] == 0
  }
}
