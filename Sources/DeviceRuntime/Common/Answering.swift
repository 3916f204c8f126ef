/// Reads samples one after the other, runs the network on each and writes the answers.
func answer(_ input: CText, _ arguments: Arguments, _ weights: WeightStore, _ arena: UnsafeMutablePointer<Int8>) {
  var weights = weights
  var observer = StepObserver()
  var reader = InputReader(input)
  var hasSample = reader.read(into: arena)
  // The output file is only touched once there is something to write.
  var writer = AnswerWriter(arguments.output, form: arguments.output == nil ? .text : arguments.isRawOutput ? .int8 : .float32)
  while hasSample {
    Network.run(arena, &weights, &observer)
    writer.write(arena + Network.outputOffset)
    hasSample = reader.read(into: arena)
  }
  writer.finish()
}
