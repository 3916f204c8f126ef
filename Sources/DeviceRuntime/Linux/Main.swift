import CIntrinsics

/// In `Startup/processor.c`, which is compiled for the oldest processor.
@_silgen_name("edgepack_require_processor")
private func requireProcessor(_ stack: UnsafeRawPointer, _ name: UnsafePointer<UInt8>)

/// The entry, called by `_start` with the initial stack: argc, argv, nil, environment, nil, auxiliary vector.
@c(device_main) public func deviceMain(_ stack: UnsafeRawPointer) -> Never {
  requireProcessor(stack, Network.name.utf8Start)
  if stack.load(as: Int.self) < 1 { fail("no program name") }
  run((stack + 8).assumingMemoryBound(to: CText?.self))
}

/// Everything behind the processor check. Not inlined, so that no instruction of a newer processor is executed before it.
@inline(never)
private func run(_ words: UnsafePointer<CText?>) -> Never {
  let arguments = Arguments(words)
  let arena = edgepack_arena().assumingMemoryBound(to: Int8.self)
  let weights = openWeights(arguments, words)
  #if EDGEPACK_THREADS
  ThreadPool.start(threads: arguments.threads)
  #endif
  switch arguments.action {
  case .answer(let input):
    answer(input, arguments, weights, arena)
    Kernel.exit(0)
  case .selfTest:
    var test = SelfTest(arena: arena, weights: weights, threads: arguments.threads)
    Kernel.exit(test.run(showsOutputs: arguments.showsOutputs, asJSON: arguments.asJSON))
  case .benchmark(let runs):
    var benchmark = Benchmark(arena: arena, weights: weights)
    benchmark.run(count: runs, asJSON: arguments.asJSON)
    Kernel.exit(0)
  case .stepTimes(let runs):
    var benchmark = Benchmark(arena: arena, weights: openWeights(arguments, words))
    benchmark.timeSteps(runs: runs)
    Kernel.exit(0)
  }
}

/// The weights named on the command line, or `argv[0]` with `.epk` appended.
private func openWeights(_ arguments: Arguments, _ words: UnsafePointer<CText?>) -> WeightStore {
  if let path = arguments.weights { return WeightStore(WeightsPath(stem: path, suffix: "")) }
  guard let program = words[0] else { fail("no program name") }
  return WeightStore(WeightsPath(stem: program, suffix: ".epk"))
}
