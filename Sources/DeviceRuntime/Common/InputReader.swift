import CIntrinsics

/// What one element of a file is.
enum StoredElement {
  case float32, float64, int8, uint8, int16, uint16, int32, int64, bool

  var bytes: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .int16, .uint16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// As numpy writes it in a header, quotes included.
  var npyName: StaticString {
    switch self {
    case .float32: "'<f4'"
    case .float64: "'<f8'"
    case .int8: "'|i1'"
    case .uint8: "'|u1'"
    case .int16: "'<i2'"
    case .uint16: "'<u2'"
    case .int32: "'<i4'"
    case .int64: "'<i8'"
    case .bool: "'|b1'"
    }
  }

  /// The element at `bytes` as float32, rounded once where it does not fit. Not for 8-bit types, which go through the table.
  func value(_ bytes: UnsafeRawPointer) -> Float {
    switch self {
    case .float32: Float(bitPattern: bytes.loadUnaligned(as: UInt32.self))
    case .int16: edgepack_float_from_int32(Int32(bytes.loadUnaligned(as: Int16.self)))
    case .uint16: edgepack_float_from_int32(Int32(bytes.loadUnaligned(as: UInt16.self)))
    case .int32: edgepack_float_from_int32(bytes.loadUnaligned(as: Int32.self))
    case .int8: edgepack_float_from_int32(Int32(bytes.load(as: Int8.self)))
    case .uint8, .bool: edgepack_float_from_int32(Int32(bytes.load(as: UInt8.self)))
    #if _pointerBitWidth(_64)
    case .float64: Float(Double(bitPattern: bytes.loadUnaligned(as: UInt64.self)))
    case .int64: Float(bytes.loadUnaligned(as: Int64.self))
    #else
    // Their conversions are library calls.
    case .float64, .int64: fail("samples of 64 bits need a 64-bit processor")
    #endif
    }
  }
}

/// Samples from an npy file, a raw file or standard input, one after the other into the arena.
struct InputReader {
  private var stream: ByteStream
  private let element: StoredElement
  private let conversion: InputConversion
  /// Samples still to come, if the file says how many it holds.
  private var announced: Int?
  private(set) var samplesRead = 0

  /// Opens the input and reads its header, if it has one.
  @inline(never)
  init(_ path: CText) {
    stream = ByteStream(path)
    if NpyHeader.begins(&stream) {
      let header = NpyHeader(&stream)
      element = header.element
      announced = header.samples
    } else {
      element = Network.storedElement
    }
    // A float32 file holds the model's own units, whatever the stored type is.
    conversion = element == .float32 ? Network.float32Conversion : Network.storedConversion
  }

  /// Reads the next sample. - Returns: false at the end of the input.
  @inline(never)
  mutating func read(into arena: UnsafeMutablePointer<Int8>) -> Bool {
    if announced == samplesRead { return false }
    let width = element.bytes
    if stream.ensure(width) == 0 && announced == nil && samplesRead > 0 { return false }
    let input = arena + Network.inputOffset
    if Network.inputBytes != Network.inputCount { Portable.fillInt8(input, count: Network.inputBytes, value: Network.inputZeroPoint) }
    var counters = Network.InputAxes(repeating: 0)
    var offset = 0
    var index = 0
    while index < Network.inputCount {
      if stream.ensure(width) < width { endsEarly() }
      input[offset] = convert(stream.waiting)
      stream.skip(width)
      index += 1
      offset += Self.advance(&counters)
    }
    samplesRead += 1
    return true
  }

  private func convert(_ bytes: UnsafePointer<UInt8>) -> Int8 {
    if element.bytes == 1 { return Network.inputTable[Int(bytes[0])] }
    return conversion.quantize(element.value(bytes))
  }

  /// Moves to the next element, the last axis fastest. - Returns: how far it lies from this one in the arena.
  @inline(__always)
  private static func advance(_ counters: inout Network.InputAxes) -> Int {
    var step = 0
    var axis = counters.count - 1
    while axis >= 0 {
      counters[axis] &+= 1
      step &+= Network.inputStrides[axis]
      if counters[axis] < Network.inputExtents[axis] { return step }
      step &-= counters[axis] &* Network.inputStrides[axis]
      counters[axis] = 0
      axis -= 1
    }
    return step
  }

  private func endsEarly() -> Never {
    failProgram {
      $0.put("the input ends within sample ")
      $0.put(samplesRead)
      $0.put("; a sample has ")
      $0.put(Network.inputCount * element.bytes)
      $0.put(" bytes")
    }
  }
}
