import TestSupport

/// The files that users hand to edgepack, each with its own ways to be damaged.
public enum FileFormat: String, CaseIterable, Sendable {
  case onnx, npz, yaml, plan, epk
}

/// A damaged file, and what was done to it.
public struct DamagedFile: Sendable {
  public var bytes: [UInt8]
  /// The names of the damages, in order: `flipBit, truncate`.
  public var damages: [String]
}

/// Damages sound files of one format. The same seed and case number give the same bytes on every machine.
public struct FileMutator: Sendable {
  public let format: FileFormat
  public let specimens: [[UInt8]]

  public init(_ format: FileFormat, specimens: [[UInt8]]) {
    precondition(!specimens.isEmpty, "a format has sound files")
    self.format = format
    self.specimens = specimens
  }

  /// Every case has a generator of its own, so that one can be repeated without those before it.
  static func generator(seed: UInt64, number: Int) -> SeededGenerator {
    var seeds = SeededGenerator(seed: seed)
    return SeededGenerator(seed: seeds.next() ^ (UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15))
  }

  /// One to three damages of a specimen: most know the format, the others only bytes.
  public func damaged(seed: UInt64, number: Int) -> DamagedFile {
    var random = Self.generator(seed: seed, number: number)
    let index = Int.random(in: specimens.indices, using: &random)
    let other = specimens[Int.random(in: specimens.indices, using: &random)]
    var file = DamagedFile(bytes: specimens[index], damages: [])
    if !random.oneIn(3) { applyKnowingDamage(to: &file, &random) }
    // A file that only the format's own damages touched is read furthest.
    let count = file.damages.isEmpty ? Int.random(in: 1...3, using: &random) : max(0, Int.random(in: -3...2, using: &random))
    for _ in 0..<count { ByteDamage.random(&random).apply(to: &file, other: other, &random) }
    return file
  }

  /// The names of all damages that files of a format can suffer.
  public static func damages(of format: FileFormat) -> [String] {
    let knowing: [String] =
      switch format {
      case .onnx: ModelDamage.allCases.map(\.rawValue)
      case .npz: ArchiveDamage.allCases.map(\.rawValue)
      case .yaml, .plan: TextDamage.allCases.map(\.rawValue)
      case .epk: WeightsDamage.allCases.map(\.rawValue)
      }
    return ByteDamage.allCases.map(\.rawValue) + knowing
  }

  private func applyKnowingDamage(to file: inout DamagedFile, _ random: inout SeededGenerator) {
    switch format {
    case .onnx: damageModel(&file, &random)
    case .npz: replaceByStrangeArchive(&file, &random)
    case .yaml: damageProfile(&file, &random)
    case .plan: damagePlan(&file, &random)
    case .epk: damageWeights(&file, &random)
    }
  }
}
