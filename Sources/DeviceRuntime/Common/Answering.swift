/// Reads samples one after the other, runs the network on each and writes the answers.
func answer(_ input: CText, _ arguments: Arguments, _ weights: WeightStore, _ arena: UnsafeMutablePointer<Int8>) {
  var weights = weights
  var observer = StepObserver()
  var reader = InputReader(input)
  var hasSample = reader.read(into: arena)
  let form: AnswerWriter.Form = arguments.output == nil ? .text : arguments.isRawOutput ? .int8 : .float32
  // The output file is only touched once there is something to write: damaged weights leave an earlier answer as it is.
  var opened: AnswerWriter?
  while hasSample {
    Network.run(arena, &weights, &observer)
    var writer = opened ?? AnswerWriter(arguments.output, form: form)
    writer.write(arena + Network.outputOffset)
    opened = writer
    hasSample = reader.read(into: arena)
  }
  var writer = opened ?? AnswerWriter(arguments.output, form: form)
  writer.finish()
}
