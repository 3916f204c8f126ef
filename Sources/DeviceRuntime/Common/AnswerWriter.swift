/// Writes the answers: text to standard output, or an npy file.
struct AnswerWriter {
  enum Form { case text, float32, int8 }

  private var writer: TextWriter
  private let file: Int
  private let form: Form
  private var samples = 0

  /// Fixed, so that the number of samples can be filled in at the end; enough for eight axes of any size.
  private static var headerBytes: Int { 256 }

  /// - Parameter path: nil for text on standard output.
  @inline(never)
  init(_ path: CText?, form: Form) {
    self.form = form
    if let path {
      file = Kernel.open(path, .writing)
      if file < 0 { fail("cannot write", path) }
    } else {
      file = 1
    }
    writer = TextWriter(file)
    if form != .text { writeHeader() }
  }

  /// Writes the output tensor of one sample: `scale · Float(stored − zeroPoint)`, one rounding.
  @inline(never)
  mutating func write(_ output: UnsafePointer<Int8>) {
    var index = 0
    while index < Network.outputCount {
      let value = Network.outputScale * Float(Int(output[index]) - Int(Network.outputZeroPoint))
      switch form {
      case .text:
        if index > 0 { writer.put(UInt8(ascii: " ")) }
        writer.put(value)
      case .float32: writer.put(littleEndian: value.bitPattern)
      case .int8: writer.put(UInt8(bitPattern: output[index]))
      }
      index += 1
    }
    if form == .text {
      writer.put(UInt8(ascii: "\n"))
      writer.flush()
    }
    samples += 1
  }

  /// Writes what waits, then the header again, now with the number of samples.
  @inline(never)
  mutating func finish() {
    writer.flush()
    if form == .text { return }
    writeHeader()
    if !writer.flush(at: 0) { fail("the output must be a regular file") }
  }

  /// An npy header of version 1.0, always of the same length.
  @inline(never)
  private mutating func writeHeader() {
    let start = writer.written
    writer.put(0x93 as UInt8)
    writer.put("NUMPY")
    writer.put(littleEndian: UInt32(1 | (Self.headerBytes - 10) << 16))
    writer.put("{'descr': ")
    writer.put(form == .int8 ? StoredElement.int8.npyName : StoredElement.float32.npyName)
    writer.put(", 'fortran_order': False, 'shape': (")
    writer.put(samples)
    writer.put(",")
    var axis = 0
    while axis < Network.outputExtents.count {
      writer.put(" ")
      writer.put(Network.outputExtents[axis])
      writer.put(",")
      axis += 1
    }
    writer.put("), }")
    while writer.written - start < Self.headerBytes - 1 { writer.put(UInt8(ascii: " ")) }
    writer.put(UInt8(ascii: "\n"))
  }
}
