import Diagnostics
import ModelGraph

extension DataSet {
  func checkContents(labelName: String) throws(Failure) {
    let array = arrayName.isEmpty ? fileName(path) : "\(arrayName) of \(fileName(path))"
    let location = Location(file: path, element: arrayName.isEmpty ? nil : "array \(arrayName)")
    guard inputs.shape.count >= 1, inputs.count > 0 else {
      throw Failure(.emptyData, "\(array) holds no samples: its shape is \(inputs.shape)", at: location)
    }
    guard scale.isFinite, offset.isFinite, scale != 0 else {
      throw Failure(
        .usage, "a scale of \(scale) with an offset of \(offset) makes no usable floats", hint: "give a finite scale other than 0")
    }
    var faults = FaultCollector()
    if let fault = NonFiniteCount(inputs, scale: scale, offset: offset) {
      let isOwn = NonFiniteCount(inputs, scale: 1, offset: 0) != nil
      let cause = isOwn ? "contains" : "becomes, by the given scale and offset,"
      faults.add(Diagnostic(.notFinite, "\(array) \(cause) \(fault.description(shape: inputs.shape))", at: location))
    }
    if let labels { checkLabels(labels, name: labelName, &faults) }
    try faults.throwIfAny()
  }

  private func checkLabels(_ labels: StoredArray, name: String, _ faults: inout FaultCollector) {
    let location = Location(file: path, element: "array \(name)")
    guard labels.shape.first == count else {
      return faults.add(
        Diagnostic(
          .shapeMismatch, "\(name) of \(fileName(path)) does not label the samples: it is \(labels.shape), there are \(count) samples",
          at: location))
    }
    if labels.elementType == .float32 || labels.elementType == .float64, let fault = NonFiniteCount(labels, scale: 1, offset: 0) {
      faults.add(Diagnostic(.notFinite, "\(name) of \(fileName(path)) contains \(fault.description(shape: labels.shape))", at: location))
    }
  }

  /// Checks that samples fit a model's input. Shapes may differ in axes of size 1, which change no byte.
  /// - Parameters:
  ///   - input: type of the model's input, `[1, …]`.
  ///   - model: name of the model's file, for the message.
  /// - Throws: `shape-mismatch`, with a hint if reordered axes would fit.
  public func check(against input: TensorType, model: String) throws(Failure) {
    let expected = Array(input.shape.dropFirst())
    guard sampleShape.filter({ $0 != 1 }) != expected.filter({ $0 != 1 }) else { return }
    let stored = arrayName.isEmpty ? fileName(path) : "\(fileName(path)) \(arrayName)"
    let axes = ["N"] + expected.map(String.init)
    throw Failure(
      .shapeMismatch, "data does not match the model's input",
      details: [
        "\(stored) is \(inputs.shape) \(elementType.rawValue); "
          + "\(fileName(model)) takes [\(axes.joined(separator: ", "))] \(input.elementType.rawValue)"
      ],
      at: Location(file: path, element: arrayName.isEmpty ? nil : "array \(arrayName)"), hint: layoutHint(expected))
  }

  private func layoutHint(_ expected: [Int]) -> String? {
    let stored = sampleShape
    guard stored.count == 3, expected.count == 3 else { return nil }
    let name = arrayName.isEmpty ? "x" : arrayName
    if [stored[2], stored[0], stored[1]] == expected {
      return "the axes look like N,H,W,C: save `\(name).transpose(0, 3, 1, 2)`"
    }
    if [stored[1], stored[2], stored[0]] == expected {
      return "the axes look like N,C,H,W: save `\(name).transpose(0, 2, 3, 1)`"
    }
    return nil
  }
}
