import Diagnostics
import ModelGraph

/// Samples for a model, with labels if there are any, as a file stores them; converted to float when asked for.
///
/// A float is `stored · scale + offset`, computed in double and rounded once. Data stay in their stored form because a packed
/// program takes those bytes directly.
public struct DataSet: Sendable {
  /// Where the data came from, for messages: the file as the user named it, and the array in it.
  public let path: String
  public let arrayName: String
  /// `[count, …]`.
  public let inputs: StoredArray
  /// `[count]` or `[count, …]`.
  public let labels: StoredArray?
  public let scale: Double
  public let offset: Double

  /// Number of samples; at least 1.
  public var count: Int { inputs.shape[0] }
  /// One sample without the leading axis.
  public var sampleShape: [Int] { Array(inputs.shape.dropFirst()) }
  public var elementType: ElementType { inputs.elementType }
  /// Elements of one sample.
  public var sampleCount: Int { sampleShape.reduce(1, *) }

  /// - Throws: `empty-data`, `not-finite` with the position, `shape-mismatch` if there is not one label a sample, or `usage` for a
  ///   scale or offset that gives no usable floats.
  public init(
    path: String, arrayName: String, inputs: StoredArray, labels: StoredArray?, labelName: String = "y", scale: Double = 1,
    offset: Double = 0
  ) throws(Failure) {
    self.path = path
    self.arrayName = arrayName
    self.inputs = inputs
    self.labels = labels
    self.scale = scale
    self.offset = offset
    try checkContents(labelName: labelName)
  }

  /// Reads a `.npz` or `.npy` file; what it is is decided by its first bytes.
  /// - Parameters:
  ///   - input: name of the samples' array; `x` if nil. A `.npy` file has no names and no labels.
  ///   - label: name of the labels' array; if nil, `y` is taken when it exists.
  /// - Throws: `file-not-found`, `file-unreadable`, `corrupt-data`, `missing-array` with the arrays that there are, and what
  ///   `init` throws.
  public static func load(path: String, input: String?, label: String?, scale: Double?, offset: Double?) throws(Failure) -> DataSet {
    let file = try InputFile(path: path)
    let start = try file.bytes(at: 0, count: min(6, file.size)) ?? []
    if start == NpyHeader.magic {
      if let name = input ?? label {
        throw Failure(
          .missingArray, "\(fileName(path)) is a single array, it has none called \(name)", at: Location(file: path),
          hint: "leave `--input` and `--label` out, or save an npz file")
      }
      return try DataSet(
        path: path, arrayName: "", inputs: NpyFile.read(path: path), labels: nil, scale: scale ?? 1, offset: offset ?? 0)
    }
    guard start.starts(with: Array("PK".utf8)) else {
      throw corrupt(path, start.isEmpty ? "it is empty" : "it is neither an npz nor an npy file")
    }
    let archive = try NpzFile(file)
    let inputName = input ?? "x"
    guard archive.names.contains(inputName) else { throw missing(inputName, in: archive, option: "--input") }
    if let label, !archive.names.contains(label) { throw missing(label, in: archive, option: "--label") }
    let labelName = label ?? (archive.names.contains("y") && inputName != "y" ? "y" : nil)
    let labels: StoredArray? = if let labelName { try archive.array(labelName) } else { nil }
    return try DataSet(
      path: path, arrayName: inputName, inputs: archive.array(inputName), labels: labels, labelName: labelName ?? "",
      scale: scale ?? 1, offset: offset ?? 0)
  }

  private static func missing(_ name: String, in archive: NpzFile, option: String) -> Failure {
    let contents = archive.contents
    let candidate = option == "--input" ? archive.names.first : archive.names.last
    return Failure(
      .missingArray, "\(fileName(archive.path)) has no array \(name)",
      details: contents.isEmpty ? ["it holds no arrays"] : contents.map { "it holds \($0)" }, at: Location(file: archive.path),
      hint: candidate.map { "`\(option) \($0)`" })
  }

  // MARK: Reading

  /// Samples as floats, `[range.count, …]`.
  /// - Precondition: the range lies within `0 ..< count`.
  public func floats(_ range: Range<Int>) -> Tensor {
    let size = sampleCount
    let elements = range.lowerBound * size..<range.upperBound * size
    return Tensor([range.count] + sampleShape, converted(inputs, elements, scale: scale, offset: offset))
  }

  /// The stored bytes of one sample: what a packed program reads.
  /// - Precondition: the index lies within `0 ..< count`.
  public func sampleBytes(_ index: Int) -> [UInt8] {
    let size = sampleCount * inputs.elementType.bytes
    return Array(inputs.bytes[index * size..<(index + 1) * size])
  }

  /// One class number a sample; nil if there are no labels, or floats, or several numbers a sample.
  public var integerLabels: [Int]? {
    guard let labels, labels.count == count else { return nil }
    return labels.integers
  }

  /// Labels as floats, `[count, …]`, of any stored type; nil if there are none.
  public var floatLabels: Tensor? {
    labels.map { Tensor($0.shape, converted($0, 0..<$0.count, scale: 1, offset: 0)) }
  }

  /// The samples (and labels) at `indices`, in that order.
  /// - Precondition: there is at least one index, and all lie within `0 ..< count`.
  public func subset(_ indices: [Int]) -> DataSet {
    DataSet(of: self, inputs: rows(indices, of: inputs), labels: labels.map { rows(indices, of: $0) })
  }

  private init(of original: DataSet, inputs: StoredArray, labels: StoredArray?) {
    precondition(inputs.shape[0] > 0, "a data set has samples")
    (path, arrayName, scale, offset) = (original.path, original.arrayName, original.scale, original.offset)
    self.inputs = inputs
    self.labels = labels
  }
}

private func rows(_ indices: [Int], of array: StoredArray) -> StoredArray {
  let size = array.bytes.count / array.shape[0]
  var bytes: [UInt8] = []
  bytes.reserveCapacity(indices.count * size)
  for index in indices { bytes += array.bytes[index * size..<(index + 1) * size] }
  return StoredArray(elementType: array.elementType, shape: [indices.count] + array.shape.dropFirst(), bytes: bytes)
}

private func converted(_ array: StoredArray, _ range: Range<Int>, scale: Double, offset: Double) -> [Float] {
  [Float](unsafeUninitializedCapacity: range.count) { buffer, initialized in
    array.withDoubles(range) { index, value in buffer[index - range.lowerBound] = Float(value * scale + offset) }
    initialized = range.count
  }
}
