// A program that is linked with a library of its own network, so that whatever proves or times the program proves or times the library.

/// In call.c: opens the library's model the first time, and runs it.
@_silgen_name("edgepack_run_library")
private func callLibrary(_ weights: UnsafeRawPointer, _ count: Int, _ arena: UnsafeMutablePointer<Int8>) -> CText?

/// Runs the library on the tensor in the arena. Ends the program with a message if the library refuses.
@inline(never)
func runLibrary(_ arena: UnsafeMutablePointer<Int8>, _ weights: inout WeightStore) {
  // The library reads the weights where they are mapped; this verifies each segment before its first use, as programs do.
  var segment = 0
  while segment < Network.segmentCount {
    _ = weights.pointer(segment: segment, offset: 0)
    segment &+= 1
  }
  if let refusal = callLibrary(weights.reader.base, weights.reader.fileBytes, arena) { fail("the library refuses to run:", refusal) }
}
