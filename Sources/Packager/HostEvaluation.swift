import Compression
import DeviceCompiler
import Diagnostics
import HostCompute
import HostTwin
import ModelFormats
import ModelGraph

/// Runs the float graph over a data set.
/// - Returns: the outputs of all samples, one after the other.
func floatOutputs(
  _ graph: Graph, _ data: DataSet, _ progress: (Int) -> Void = { _ in }
) throws(Failure) -> [Float] {
  let executor = try FloatExecutor(graph)
  let batch = 64
  var outputs: [Float] = []
  for start in stride(from: 0, to: data.count, by: batch) {
    try throwIfCancelled()
    let range = start..<min(start + batch, data.count)
    let input = try shaped(data.floats(range), like: graph.type(of: graph.inputs[0]))
    outputs += try executor.run([input])[0].floats ?? []
    progress(range.upperBound)
  }
  return outputs
}

/// Runs the integer program over a data set through the device's kernels.
/// - Returns: the dequantized outputs of all samples, one after the other, as the packed program prints them.
func twinOutputs(_ twin: HostTwin, _ data: DataSet, _ progress: (Int) -> Void = { _ in }) -> [Float] {
  let batch = 512
  var outputs: [Float] = []
  for start in stride(from: 0, to: data.count, by: batch) {
    let range = start..<min(start + batch, data.count)
    let inputs = range.map { twin.program.input.quantized(data.sampleBytes($0)) }
    for output in twin.run(inputs) { outputs += output.map(twin.program.output.real) }
    progress(range.upperBound)
  }
  return outputs
}
