import CIntrinsics

/// The weights file, mapped read-only: a page is read from storage when a kernel first touches it. A segment's checksum is verified when
/// the first step asks for it, and the next segment is then read ahead.
///
/// A program whose weights may not all be in memory (`Network.windowBytes` is not 0) gives segments back behind the step at hand, so that
/// those behind the pinned ones never take more than the window. What was given back comes from storage again, so it is verified again.
struct WeightStore {
  let reader: PackedWeightsReader
  private let path: WeightsPath
  private let file: Int
  /// Whether the test segment has been taken out of the mapping.
  private let isTestSegmentApart: Bool
  /// Segments that are mapped and have been verified since they were last given back.
  private var ready = Network.SegmentFlags(repeating: 0)
  private(set) var segmentsTouched = 0
  /// The segments in the window: read, or on their way.
  private var windowStart = Network.pinnedSegments
  private var windowEnd = Network.pinnedSegments

  /// Opens, maps and checks header and layout; ends the program with a message if the file is not this program's.
  @inline(never)
  init(_ path: WeightsPath) {
    let file = path.open()
    if file < 0 { path.fail("cannot open the weights file") }
    let size = Kernel.size(of: file)
    if size < PackedWeights.headerBytes { Self.refuse(path, PackedWeightsFault(.truncated, at: max(size, 0))) }
    let address = Kernel.map(file, count: size)
    guard address > 0 || address < -4095, let base = UnsafeRawPointer(bitPattern: address) else { path.fail("cannot map the weights file") }
    do throws(PackedWeightsFault) {
      reader = try PackedWeightsReader(base, available: size)
    } catch {
      Self.refuse(path, error)
    }
    self.path = path
    self.file = file
    // The kernel maps pages around each fault; without the test segment in reach, what is resident is what a run needs. Where pages are
    // larger than the file's alignment, this fails and the segment stays.
    let tests = reader.segment(reader.segmentCount - 1)
    isTestSegmentApart = Kernel.unmap(base + tests.offset, count: tests.length) == 0
    checkLayout()
  }

  /// The file must have been written together with this program.
  private func checkLayout() {
    let expected = Network.layoutHash
    var index = 0
    while index < PackedWeights.hashBytes {
      if reader.layoutHash.load(fromByteOffset: index, as: UInt8.self) != expected[index] {
        path.fail("the weights belong to another program (layout hash differs):")
      }
      index &+= 1
    }
    if reader.segmentCount != Network.segmentCount + 1 { path.fail("the weights have another number of segments:") }
  }

  /// The first byte of a weight block. - Precondition: the emitted network's own numbers.
  @inline(__always)
  mutating func pointer(segment: Int, offset: Int) -> UnsafeRawPointer {
    if !isReady(segment) { touch(segment) }
    return reader.base + (reader.segment(segment).offset + offset)
  }

  private func isReady(_ segment: Int) -> Bool { ready[segment &>> 5] & (1 &<< UInt32(segment & 31)) != 0 }

  /// Verifies a segment and those that continue its last block, then reads the next one ahead.
  @inline(never)
  private mutating func touch(_ first: Int) {
    let end = endOfBlock(first)
    if Network.windowBytes > 0 && end > Network.pinnedSegments && (first < windowStart || windowEnd < end) {
      if makeRoom(keeping: first, upTo: end) { readAhead(first, end) }
    }
    var index = first
    while index < end {
      do throws(PackedWeightsFault) { try reader.verify(segment: index) } catch { Self.refuse(path, error) }
      ready[index &>> 5] |= 1 &<< UInt32(index & 31)
      index &+= 1
    }
    segmentsTouched = max(segmentsTouched, end)
    if Network.windowBytes > 0 { dropPagesOutsideWindow(upTo: end) }
    guard end < Network.segmentCount, !isReady(end) else { return }
    if Network.windowBytes == 0 {
      readAhead(end, end &+ 1)
    } else {
      let nextEnd = endOfBlock(end)
      if makeRoom(keeping: first, upTo: nextEnd) { readAhead(end, nextEnd) }
    }
  }

  /// Behind the continuations of the block that begins in `first`.
  private func endOfBlock(_ first: Int) -> Int {
    var end = first &+ 1
    while end < Network.segmentCount && reader.segment(end).kind == .continuation { end &+= 1 }
    return end
  }

  /// Bytes of segments that follow each other.
  private func bytes(_ first: Int, _ end: Int) -> Int {
    end > first ? reader.segment(end &- 1).offset + reader.segment(end &- 1).length - reader.segment(first).offset : 0
  }

  /// In pieces: the kernel reads at most 128 KiB of a longer range.
  private func readAhead(_ first: Int, _ end: Int) {
    let start = reader.segment(first).offset
    let count = bytes(first, end)
    var done = 0
    while done < count {
      let piece = min(count - done, 131_072)
      Kernel.willNeed(reader.base + (start + done), piece)
      done += piece
    }
  }

  /// Gives back segments before `first`, as few as will do, until all up to `end` fit into the window, and counts those in.
  /// - Returns: false if they do not fit beside what is needed now; then nothing is counted in. A block that is needed now always fits:
  ///   the window is at least as large.
  private mutating func makeRoom(keeping first: Int, upTo end: Int) -> Bool {
    if end <= Network.pinnedSegments { return true }
    if first < windowStart && windowStart > Network.pinnedSegments {
      // The next run begins at the front again.
      giveBack(upTo: windowEnd)
      windowStart = Network.pinnedSegments
      windowEnd = windowStart
    }
    var start = windowStart
    while start < first && bytes(start, end) > Network.windowBytes { start &+= 1 }
    if start > windowStart { giveBack(upTo: start) }
    if bytes(start, end) > Network.windowBytes { return false }
    windowEnd = max(windowEnd, end)
    return true
  }

  /// Gives back the segments of the window before `end`.
  private mutating func giveBack(upTo end: Int) {
    var index = windowStart
    while index < end {
      ready[index &>> 5] &= ~(1 &<< UInt32(index & 31))
      index &+= 1
    }
    dropPages(windowStart, end)
    Kernel.dropCache(file, at: reader.segment(windowStart).offset, count: bytes(windowStart, end))
    windowStart = end
  }

  /// A fault maps what is cached around it, which may be far more than was asked for where the cache has large pages.
  private func dropPagesOutsideWindow(upTo end: Int) {
    dropPages(Network.pinnedSegments, windowStart)
    dropPages(end, Network.segmentCount)
  }

  /// Takes segments out of this process.
  private func dropPages(_ first: Int, _ end: Int) {
    Kernel.dropPages(reader.base + reader.segment(first).offset, bytes(first, end))
  }

  /// The self-test's cases, checked like a segment of weights.
  @inline(never)
  func tests() -> TestSegment {
    if isTestSegmentApart {
      let tests = reader.segment(reader.segmentCount - 1)
      let address = reader.base + tests.offset
      if Kernel.map(file, offset: tests.offset, count: tests.length, at: address) != Int(bitPattern: address) {
        path.fail("cannot map the test cases of")
      }
    }
    do throws(PackedWeightsFault) {
      try reader.verify(segment: reader.segmentCount - 1)
      return try TestSegment(reader)
    } catch {
      Self.refuse(path, error)
    }
  }

  @inline(never)
  private static func refuse(_ path: WeightsPath, _ fault: PackedWeightsFault) -> Never {
    failProgram {
      $0.put("weights file ")
      path.put(into: &$0)
      $0.put(", byte ")
      $0.put(fault.offset)
      $0.put(": ")
      $0.put(fault.message)
    }
  }
}

/// The name of the weights file: a word of the command line, perhaps with a suffix. Kept for messages.
struct WeightsPath {
  var stem: CText
  var suffix: StaticString

  /// Opens the file for reading; the stream buffer, not yet in use, holds the whole path.
  func open() -> Int {
    var length = 0
    while stem[length] != 0 && length < 4000 {
      streamBuffer[length] = stem[length]
      length += 1
    }
    var index = 0
    while index < suffix.utf8CodeUnitCount {
      streamBuffer[length] = suffix.utf8Start[index]
      length += 1
      index += 1
    }
    streamBuffer[length] = 0
    return Kernel.open(streamBuffer, .reading)
  }

  @inline(never)
  func put(into writer: inout TextWriter) {
    writer.put(word: stem)
    writer.put(suffix)
  }

  /// Ends the program: `message` and the path.
  func fail(_ message: StaticString) -> Never {
    failProgram {
      $0.put(message)
      $0.put(UInt8(ascii: " "))
      put(into: &$0)
    }
  }
}
