/// What a control group allowed the program, and what it used at most: its pages, cached pages of its weights and the kernel's page tables
/// for it. In bytes.
public struct EnforcedMemory: Hashable, Sendable {
  public var limit: Int
  public var peak: Int
  /// How often the limit made the kernel take pages back.
  public var reclaims: Int
  /// How often the limit ended the program.
  public var oomKills: Int

  public init(limit: Int, peak: Int, reclaims: Int, oomKills: Int) {
    self.limit = limit
    self.peak = peak
    self.reclaims = reclaims
    self.oomKills = oomKills
  }
}
