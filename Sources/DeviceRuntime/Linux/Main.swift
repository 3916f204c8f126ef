import CIntrinsics

@_silgen_name("edgepack_missing_processor_feature")
private func missingProcessorFeature(_ hardwareCapabilities: UInt) -> CText?

/// The entry, called by `_start` with the initial stack: argc, argv, nil, environment, nil, auxiliary vector.
@c(device_main) public func deviceMain(_ stack: UnsafeRawPointer) -> Never {
  let argumentCount = stack.load(as: Int.self)
  let words = (stack + 8).assumingMemoryBound(to: CText?.self)
  if let feature = missingProcessorFeature(hardwareCapabilities(behind: words + (argumentCount + 1))) {
    fail("this processor lacks a feature that the program was built for:", feature)
  }
  if argumentCount < 1 { fail("no program name") }
  run(words)
}

/// AT_HWCAP of the auxiliary vector, which follows the environment.
private func hardwareCapabilities(behind words: UnsafePointer<CText?>) -> UInt {
  var word = words
  while word[0] != nil { word += 1 }
  var entry = UnsafeRawPointer(word + 1).assumingMemoryBound(to: UInt.self)
  while entry[0] != 0 {
    if entry[0] == 16 { return entry[1] }
    entry += 2
  }
  return 0
}

/// Everything behind the processor check. Not inlined, so that no instruction of a newer processor is executed before it.
@inline(never)
private func run(_ words: UnsafePointer<CText?>) -> Never {
  let arguments = Arguments(words)
  let arena = edgepack_arena().assumingMemoryBound(to: Int8.self)
  switch arguments.action {
  case .answer(let input):
    answer(input, arguments, openWeights(arguments, words), arena)
    Kernel.exit(0)
  case .selfTest:
    var test = SelfTest(arena: arena, weights: openWeights(arguments, words))
    Kernel.exit(test.run(showsOutputs: arguments.showsOutputs, asJSON: arguments.asJSON))
  case .benchmark(let runs):
    var benchmark = Benchmark(arena: arena, weights: openWeights(arguments, words))
    benchmark.run(count: runs, asJSON: arguments.asJSON)
    Kernel.exit(0)
  }
}

/// The weights named on the command line, or `argv[0]` with `.epk` appended.
private func openWeights(_ arguments: Arguments, _ words: UnsafePointer<CText?>) -> WeightStore {
  if let path = arguments.weights { return WeightStore(WeightsPath(stem: path, suffix: "")) }
  guard let program = words[0] else { fail("no program name") }
  return WeightStore(WeightsPath(stem: program, suffix: ".epk"))
}
