// A weight block's sections, as the emitted network names them: an element type and the section's offset in bytes.
extension UnsafeRawPointer {
  @inline(__always) func int8(at offset: Int) -> UnsafePointer<Int8> { (self + offset).assumingMemoryBound(to: Int8.self) }
  @inline(__always) func int32(at offset: Int) -> UnsafePointer<Int32> { (self + offset).assumingMemoryBound(to: Int32.self) }
  @inline(__always) func uint32(at offset: Int) -> UnsafePointer<UInt32> { (self + offset).assumingMemoryBound(to: UInt32.self) }
  @inline(__always) func float32(at offset: Int) -> UnsafePointer<Float> { (self + offset).assumingMemoryBound(to: Float.self) }
}
