/// Gives every buffer an offset so that the arena is as small as the search can make it (docs/arena.md).
///
/// Buffers alive at the same step share no bytes, except that an output may lie over its dying input as `DiagonalOverlap` allows. A step
/// whose overlaps hold in both row orders runs first row first. The same request gives the same plan on every machine.
///
/// - Complexity: greedy placement is at most cubic in the number of buffers; the searches after it stop at a fixed amount of work,
///   or as soon as the lower bound is met.
/// - Precondition: sizes are not negative, lifetimes not reversed, overlaps name buffers of the request, the alignment is positive.
public func planArena(_ request: ArenaRequest) -> ArenaPlan {
  let problem = ArenaProblem(request)
  let bound = LowerBound(problem)
  var placement = bestGreedyPlacement(request, problem, bound)
  if placement.bytes > bound.bytes {
    var search = PlanSearch(problem, bound: bound, start: placement)
    placement = search.run()
  }
  return ArenaPlan(
    bytes: placement.bytes, lowerBound: bound.bytes, offsets: placement.offsets, descendingSteps: placement.descendingSteps)
}

/// The best of all greedy orders, with the overlaps and without: greed can be led astray by an overlap.
private func bestGreedyPlacement(_ request: ArenaRequest, _ problem: ArenaProblem, _ bound: LowerBound) -> Placement {
  var best: Placement?
  let separate = ArenaProblem(request, withOverlaps: false)
  for order in GreedyPlacement.orders(problem, bound) {
    let candidates = [
      GreedyPlacement.place(problem, order: order),
      Placement(problem, offsets: GreedyPlacement.place(separate, order: order).offsets),
    ]
    for candidate in candidates where candidate.bytes < best?.bytes ?? .max { best = candidate }
  }
  return best ?? Placement(problem)
}
