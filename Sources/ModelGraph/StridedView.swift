/// A tensor seen through transpositions and reshapes, without its elements: which element of the source stands where.
///
/// In row-major order of the result, the element at digits `(i₀, i₁, …)` of the axes is source element `Σ iₐ · strideₐ`. Axes of size 1 are
/// left out and neighbours that run on are one axis, so that two views move elements alike exactly if their axes are equal.
public struct StridedView: Hashable, Sendable {
  public struct Axis: Hashable, Sendable {
    public var size: Int
    /// In elements of the source.
    public var stride: Int
  }

  /// The result's own shape, which axes may divide more finely or more coarsely.
  public private(set) var shape: [Int]
  /// Outermost first.
  public private(set) var axes: [Axis]

  /// The source itself. - Precondition: no size is 0.
  public init(of shape: [Int]) {
    self.shape = shape
    axes = Self.merged([Axis(size: shape.reduce(1, *), stride: 1)])
  }

  /// Every element stands where it stood.
  public var keepsOrder: Bool { axes == Self.merged([Axis(size: count, stride: 1)]) }

  public var count: Int { shape.reduce(1, *) }

  /// - Precondition: as many elements.
  public func reshaped(to shape: [Int]) -> StridedView {
    precondition(shape.reduce(1, *) == count, "a reshape keeps the number of values")
    var result = self
    result.shape = shape
    return result
  }

  /// Nil if no strides say where elements come to lie: after a reshape that cuts across the axes.
  public func transposed(by permutation: [Int]) -> StridedView? {
    guard let groups = axesOfDimensions() else { return nil }
    var result = self
    result.shape = permutation.map { shape[$0] }
    result.axes = Self.merged(permutation.flatMap { groups[$0] })
    return result
  }

  /// For each axis of the source's shape, how far apart its neighbours lie in the result, 0 for axes of size 1; nil if no number says it.
  public func resultStrides(source: [Int]) -> [Int]? {
    // Where source elements went is a view as well: the axes in the source's order, with the strides that they have in the result.
    var strides: [Int] = []
    var behind = 1
    for axis in axes.reversed() {
      strides.insert(behind, at: 0)
      behind *= axis.size
    }
    let inverse = zip(axes, strides).sorted { $0.0.stride > $1.0.stride }.map { Axis(size: $0.0.size, stride: $0.1) }
    var view = StridedView(of: source)
    view.axes = Self.merged(inverse)
    guard let groups = view.axesOfDimensions(), groups.allSatisfy({ Self.merged($0).count <= 1 }) else { return nil }
    return groups.map { Self.merged($0).first?.stride ?? 0 }
  }

  /// The source's row-major index of every element of the result.
  public func indices() -> [Int] {
    var indices = [0]
    for axis in axes { indices = indices.flatMap { base in (0..<axis.size).map { base + $0 * axis.stride } } }
    return indices
  }

  /// The axes of each dimension of the shape; nil if a dimension's border does not fall on one between axes or within an axis.
  private func axesOfDimensions() -> [[Axis]]? {
    var rest = axes
    var groups: [[Axis]] = []
    for size in shape.reversed() {
      var (open, group) = (size, [Axis]())
      while open > 1 {
        guard let axis = rest.popLast() else { return nil }
        if open % axis.size == 0 {
          group.insert(axis, at: 0)
          open /= axis.size
        } else if axis.size % open == 0 {
          group.insert(Axis(size: open, stride: axis.stride), at: 0)
          rest.append(Axis(size: axis.size / open, stride: axis.stride * open))
          open = 1
        } else {
          return nil
        }
      }
      groups.insert(group, at: 0)
    }
    return groups
  }

  private static func merged(_ axes: [Axis]) -> [Axis] {
    var result: [Axis] = []
    for axis in axes where axis.size != 1 {
      if let last = result.last, last.stride == axis.size * axis.stride {
        result[result.count - 1] = Axis(size: last.size * axis.size, stride: axis.stride)
      } else {
        result.append(axis)
      }
    }
    return result
  }
}
