/// What a control group allowed the program, and what it used at most: its pages, cached pages of its weights and the kernel's page tables
/// for it. In bytes.
public struct EnforcedMemory: Hashable, Sendable, Codable {
  public var limit: Int
  public var peak: Int
  /// How often the limit made the kernel take pages back.
  public var reclaims: Int
  /// How often the limit ended the program.
  public var oomKills: Int

  /// The limit that a budget is enforced by. Small ones get 256 KiB more: page tables and kernel stacks count as well, so a program of
  /// 128 KiB would die at 192 KiB.
  public static func limit(forBudget budget: Int) -> Int { budget >= 2_097_152 ? budget : budget + 262_144 }

  public init(limit: Int, peak: Int, reclaims: Int, oomKills: Int) {
    self.limit = limit
    self.peak = peak
    self.reclaims = reclaims
    self.oomKills = oomKills
  }

  /// What two runs under one limit needed: the larger peak, all interventions.
  func worst(with other: EnforcedMemory) -> EnforcedMemory {
    EnforcedMemory(
      limit: limit, peak: max(peak, other.peak), reclaims: reclaims + other.reclaims, oomKills: oomKills + other.oomKills)
  }
}
