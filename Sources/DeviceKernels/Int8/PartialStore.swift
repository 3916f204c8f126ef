#if arch(arm64) || EDGEPACK_AVX2
/// Stores up to eight bytes of a word, the lowest first. Tuned kernels use it where a vector would write beyond the output.
@inline(__always)
func storeBytes(_ output: UnsafeMutablePointer<Int8>, _ bits: UInt64, count: Int) {
  var bits = bits
  var i = 0
  while i < count {
    output[i] = Int8(truncatingIfNeeded: bits)
    bits &>>= 8
    i &+= 1
  }
}
#endif
