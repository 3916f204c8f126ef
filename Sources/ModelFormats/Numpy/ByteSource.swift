import CZlib
import Diagnostics

/// Bytes that are read once, from the start: a plain file or a member of a zip file.
protocol ByteSource: AnyObject {
  /// The file as the user named it, and the array that is read from it; both stand in messages.
  var path: String { get }
  var array: String { get }
  /// How many bytes there are said to be.
  var size: Int { get }
  /// Fills `buffer` from the start; fewer bytes only at the end.
  /// - Throws: `file-unreadable` or `corrupt-data`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  /// Called when everything was read: compares checksums.
  func finish() throws(Failure)
}

extension ByteSource {
  func damaged(_ reason: String) -> Failure { corrupt(path, reason, array: array) }

  /// Adds file and array to a fault of the format.
  func interpreting<Result>(_ body: () throws(FormatFault) -> Result) throws(Failure) -> Result {
    do throws(FormatFault) { return try body() } catch { throw damaged(error.reason) }
  }

  /// The next `count` bytes. `size` bounds them; what it claims has been compared with the file (`ZipArchive`).
  /// - Throws: `corrupt-data` if there are fewer.
  func bytes(_ count: Int) throws(Failure) -> [UInt8] {
    guard count <= size else { throw damaged("it ends after \(size) of \(count) bytes") }
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, arrived in
      do throws(Failure) { arrived = try read(into: UnsafeMutableRawBufferPointer(buffer)) } catch { failure = error }
    }
    if let failure { throw failure }
    guard bytes.count == count else { throw damaged("it ends after \(bytes.count) of \(count) bytes") }
    return bytes
  }
}

/// A whole file as a source.
final class FileSource: ByteSource {
  let file: InputFile
  private var position = 0
  let array: String
  var path: String { file.path }
  var size: Int { file.size }

  init(_ file: InputFile) {
    self.file = file
    array = fileName(file.path)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let count = try file.read(into: buffer, at: position)
    position += count
    return count
  }

  func finish() {}
}

/// One member of a zip file, inflated as it is read; its CRC-32 is compared at the end.
final class ZipMemberSource: ByteSource {
  let array: String
  var path: String { file.path }
  var size: Int { member.size }
  private let file: InputFile
  private let member: ZipArchive.Member
  /// The part of the file that was not read yet.
  private var position: Int
  private let end: Int
  private var checksum: UInt = 0
  private let inflater: Inflater?

  /// - Throws: `corrupt-data` if the member's own header is damaged or its data lie outside the file.
  init(_ member: ZipArchive.Member, of file: InputFile, array: String) throws(Failure) {
    (self.file, self.member, self.array) = (file, member, array)
    guard
      let header = try file.bytes(at: member.headerOffset, count: 30), littleEndian(header, 0, 4) == 0x0403_4b50,
      let nameLength = littleEndian(header, 26, 2), let extraLength = littleEndian(header, 28, 2)
    else { throw corrupt(file.path, "its header is damaged", array: array) }
    let start = CheckedInt(member.headerOffset) + 30 + CheckedInt(nameLength) + CheckedInt(extraLength)
    let behind = start + CheckedInt(member.compressedSize)
    guard let position = start.value, let end = behind.within(position...max(position, file.size)), end <= file.size else {
      throw corrupt(file.path, "its data lie outside the file", array: array)
    }
    self.position = position
    self.end = end
    inflater = member.isDeflated ? Inflater() : nil
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let count = if let inflater { try inflate(inflater, into: buffer) } else { try readStored(into: buffer) }
    checksum = crc32_z(checksum, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count)
    return count
  }

  func finish() throws(Failure) {
    guard UInt32(checksum) == member.checksum else { throw damaged("its checksum is wrong") }
  }

  private func readStored(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    let wanted = min(buffer.count, end - position)
    let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: position)
    position += count
    return count
  }

  private func inflate(_ inflater: Inflater, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var done = 0
    while done < buffer.count {
      if inflater.needsInput, position < end {
        let count = try file.read(into: inflater.inputBuffer(upTo: end - position), at: position)
        guard count > 0 else { throw damaged("the file is cut off") }
        inflater.provide(count)
        position += count
      }
      switch inflater.step(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...])) {
      case .produced(let count):
        done += count
        if count == 0, inflater.needsInput, position == end { throw damaged("its compressed data are cut off") }
      case .ended(let count): return done + count
      case .damaged: throw damaged("its compressed data are damaged")
      }
    }
    return done
  }
}

/// zlib's streaming inflate for raw deflate data, with an input buffer of its own.
private final class Inflater {
  enum Step {
    case produced(Int)
    case ended(Int)
    case damaged
  }

  /// zlib keeps a pointer to its stream, so the stream must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var isUsable: Bool

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: 1 << 16, alignment: 16)
    // Negative window bits: raw deflate, without zlib's own header.
    isUsable = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  }

  deinit {
    if isUsable { inflateEnd(stream) }
    stream.deallocate()
    input.deallocate()
  }

  var needsInput: Bool { stream.pointee.avail_in == 0 }

  func inputBuffer(upTo count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: input[..<min(input.count, count)])
  }

  func provide(_ count: Int) {
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(count)
  }

  func step(into buffer: UnsafeMutableRawBufferPointer) -> Step {
    guard isUsable else { return .damaged }
    let room = min(buffer.count, 1 << 30)
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    let count = room - Int(stream.pointee.avail_out)
    switch status {
    case Z_OK, Z_BUF_ERROR: return .produced(count)
    case Z_STREAM_END: return .ended(count)
    default: return .damaged
    }
  }
}
