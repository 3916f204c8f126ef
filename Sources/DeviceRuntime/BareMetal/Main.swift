import CIntrinsics

/// The entry, called by the board's reset. The debugger's command line holds the program's name and its words; without words, the program
/// tests itself and shows everything.
@c(device_main) public func deviceMain() -> Never {
  let arguments = Arguments(commandWords())
  if arguments.weights != nil { fail("the weights are inside the image") }
  let arena = edgepack_arena().assumingMemoryBound(to: Int8.self)
  switch arguments.action {
  case .answer(let input):
    answer(input, arguments, WeightStore(), arena)
    Kernel.exit(0)
  case .selfTest:
    var test = SelfTest(arena: arena, weights: WeightStore())
    Kernel.exit(test.run(showsOutputs: arguments.showsOutputs, asJSON: arguments.asJSON))
  case .benchmark, .stepTimes:
    fail("an emulated core has no time of its own; --bench needs an operating system")
  }
}

/// The command line cut at its blanks, in the form of `argv`.
private func commandWords() -> UnsafePointer<CText?> {
  let line = edgepack_command_line().assumingMemoryBound(to: UInt8.self)
  let words = edgepack_command_words().assumingMemoryBound(to: CText?.self)
  if !Kernel.readCommandLine(line, count: Int(EDGEPACK_COMMAND_LINE_BYTES)) { fail("the command line is missing or too long") }
  var count = cut(line, into: words)
  if count <= 1 {
    let defaults: (StaticString, StaticString, StaticString, StaticString) = ("--self-test", "--show-outputs", "--stats", "json")
    words[0] = Network.name.utf8Start
    words[1] = defaults.0.utf8Start
    words[2] = defaults.1.utf8Start
    words[3] = defaults.2.utf8Start
    words[4] = defaults.3.utf8Start
    count = 5
  }
  words[count] = nil
  return UnsafePointer(words)
}

/// Ends each word of `line` with NUL. - Returns: how many there are.
private func cut(_ line: UnsafeMutablePointer<UInt8>, into words: UnsafeMutablePointer<CText?>) -> Int {
  var count = 0
  var isInWord = false
  var position = 0
  while line[position] != 0 {
    if line[position] == UInt8(ascii: " ") {
      line[position] = 0
      isInWord = false
    } else if !isInWord {
      if count == Int(EDGEPACK_COMMAND_WORDS) { fail("too many words on the command line") }
      words[count] = UnsafePointer(line + position)
      count += 1
      isInWord = true
    }
    position += 1
  }
  return count
}
