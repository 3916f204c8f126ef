extension Portable {
  /// `Σ x[k] · w[k]` modulo 2^32 over one output channel, for weights in any tile order.
  /// - Parameters:
  ///   - x: `depth` int8 values.
  ///   - weights: the channel's first weight (`WeightTile.channelOffset`).
  @inline(__always)
  static func dotProduct(_ x: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, depth: Int, tile: WeightTile) -> Int32 {
    if tile.channels == 1 { return contiguousDotProduct(x, weights, depth: depth) }
    if tile.run > 0 { return dotProductOfRuns(x, weights, depth: depth, tile: tile) }
    #if !hasFeature(Embedded)
    // The host runs programs packed for other cores; constant tiles let the compiler vectorise a group.
    if tile.depth == 16 { return tiledDotProduct(x, weights, depth: depth, groupDepth: 16, groupBytes: tile.channels &* 16) }
    if tile.depth == 4 { return tiledDotProduct(x, weights, depth: depth, groupDepth: 4, groupBytes: tile.channels &* 4) }
    #endif
    return tiledDotProduct(x, weights, depth: depth, groupDepth: tile.depth, groupBytes: tile.channels &* tile.depth)
  }

  /// Each run begins a new group.
  @inline(never)
  private static func dotProductOfRuns(_ x: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, depth: Int, tile: WeightTile) -> Int32 {
    let groupBytes = tile.channels &* tile.depth
    let runBytes = tile.wholeGroups(tile.run) / tile.depth &* groupBytes
    var sum: Int32 = 0
    var weights = weights
    var done = 0
    while done < depth {
      sum &+= tiledDotProduct(x + done, weights, depth: tile.run, groupDepth: tile.depth, groupBytes: groupBytes)
      weights += runBytes
      done &+= tile.run
    }
    return sum
  }

  @inline(__always)
  private static func contiguousDotProduct(_ x: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, depth: Int) -> Int32 {
    var sum: Int32 = 0
    var k = 0
    while k < depth {
      sum &+= Int32(x[k]) &* Int32(weights[k])
      k &+= 1
    }
    return sum
  }

  @inline(__always)
  private static func tiledDotProduct(
    _ x: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, depth: Int, groupDepth: Int, groupBytes: Int
  ) -> Int32 {
    var sum: Int32 = 0
    var x = x
    var weights = weights
    var remaining = depth
    while remaining >= groupDepth {
      sum &+= contiguousDotProduct(x, weights, depth: groupDepth)
      x += groupDepth
      weights += groupBytes
      remaining &-= groupDepth
    }
    return sum &+ contiguousDotProduct(x, weights, depth: remaining)
  }
}
