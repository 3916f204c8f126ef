// What interface.c calls. Pointers have been checked there; the numbers returned are those of CIntrinsicsLibrary.h.
import CIntrinsics

@c(edgepack_check_header) public func checkHeader(_ weights: UnsafeRawPointer, _ count: Int) -> Int32 {
  WeightsCheck.header(weights, count: count)
}

@c(edgepack_check_segments) public func checkSegments(_ weights: UnsafeRawPointer, _ count: Int) -> Int32 {
  WeightsCheck.segments(weights, count: count)
}

/// Runs the network on the tensor that lies in the arena. Not inlined: there is one copy of the network's code.
@inline(never)
@c(edgepack_run_in_place) public func runInPlace(_ weights: UnsafeRawPointer, _ arena: UnsafeMutablePointer<Int8>) {
  var store = WeightStore(weights)
  var observer = StepObserver()
  Network.run(arena, &store, &observer)
}

// MARK: Inputs

/// float32 in the model's own units.
@c(edgepack_put_real_input) public func putRealInput(_ arena: UnsafeMutablePointer<Int8>, _ sample: UnsafeRawPointer) {
  putInput(arena) { Network.float32Conversion.quantize(sample.loadUnaligned(fromByteOffset: 4 &* $0, as: Float.self)) }
}

/// Elements as the data set stores them.
@c(edgepack_put_stored_input) public func putStoredInput(_ arena: UnsafeMutablePointer<Int8>, _ sample: UnsafeRawPointer) {
  let element = Network.storedElement
  putInput(arena) { element.quantized(sample + element.bytes &* $0, by: Network.storedConversion) }
}

/// int8 at the scale and zero point of the input tensor.
@c(edgepack_put_quantized_input) public func putQuantizedInput(_ arena: UnsafeMutablePointer<Int8>, _ sample: UnsafePointer<Int8>) {
  putInput(arena) { sample[$0] }
}

/// Fills the input tensor; `value` gives the int8 value of an element by its number in the order of a file.
@inline(__always)
private func putInput(_ arena: UnsafeMutablePointer<Int8>, _ value: (Int) -> Int8) {
  let input = arena + Network.inputOffset
  if Network.inputBytes != Network.inputCount { Portable.fillInt8(input, count: Network.inputBytes, value: Network.inputZeroPoint) }
  var place = InputPlace()
  var index = 0
  while index < Network.inputCount {
    input[place.offset] = value(index)
    place.advance()
    index &+= 1
  }
}

// MARK: Self-test

/// Runs the cases that travel with the weights and compares: golden ones byte for byte, generated ones by the checksum of their output.
@c(edgepack_self_test) public func selfTest(_ weights: UnsafeRawPointer, _ count: Int, _ arena: UnsafeMutablePointer<Int8>) -> Int32 {
  do throws(PackedWeightsFault) {
    let reader = try PackedWeightsReader(weights, available: count)
    try reader.verify(segment: reader.segmentCount - 1)
    return runCases(try TestSegment(reader), weights, arena)
  } catch {
    return WeightsCheck.status(of: error)
  }
}

private func runCases(_ tests: TestSegment, _ weights: UnsafeRawPointer, _ arena: UnsafeMutablePointer<Int8>) -> Int32 {
  if tests.inputBytes != Network.inputBytes || tests.outputBytes != Network.outputCount { return EDGEPACK_DAMAGED_WEIGHTS }
  let (input, output) = (arena + Network.inputOffset, arena + Network.outputOffset)
  var index = 0
  while index < tests.goldenCount {
    copy(tests.goldenInput(index), to: input, count: Network.inputBytes)
    runInPlace(weights, arena)
    if !areEqual(output, tests.goldenOutput(index), count: Network.outputCount) { return EDGEPACK_OUTPUT_DIFFERS }
    index &+= 1
  }
  index = 0
  while index < tests.generatedCount {
    var generator = GeneratedInput(seed: UInt32(truncatingIfNeeded: index))
    generator.fill(input, count: Network.inputBytes)
    runInPlace(weights, arena)
    if Checksum.of(output, count: Network.outputCount) != tests.generatedChecksum(index) { return EDGEPACK_OUTPUT_DIFFERS }
    index &+= 1
  }
  return EDGEPACK_OK
}

private func copy(_ source: UnsafePointer<Int8>, to destination: UnsafeMutablePointer<Int8>, count: Int) {
  var index = 0
  while index < count {
    destination[index] = source[index]
    index &+= 1
  }
}

private func areEqual(_ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, count: Int) -> Bool {
  var index = 0
  while index < count {
    if a[index] != b[index] { return false }
    index &+= 1
  }
  return true
}
