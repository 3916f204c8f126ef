import Targets

/// The QEMU programs that run what was packed for other processors and boards, by the names of their files.
public enum EmulatorProgram: String, CaseIterable, Sendable {
  case userArm64 = "qemu-aarch64-static"
  // The name that everybody knows it by.
  case userX86 = "qemu-x86_64-static"
  case systemArm64 = "qemu-system-aarch64"
  case systemArm = "qemu-system-arm"
  case systemRiscv32 = "qemu-system-riscv32"

  /// The Debian package that holds it.
  public var package: String {
    switch self {
    case .userArm64, .userX86: "qemu-user-static"
    case .systemArm64, .systemArm: "qemu-system-arm"
    case .systemRiscv32: "qemu-system-misc"
    }
  }

  /// What runs the architecture's programs at a place; nil where nothing is emulated, or nothing can.
  public init?(for architecture: TargetProfile.Processor.Architecture, at place: ProofPlace) {
    switch (place, architecture) {
    case (.user, .arm64): self = .userArm64
    case (.user, .x86_64): self = .userX86
    case (.machine, .arm64): self = .systemArm64
    case (.firmware, .armv7em): self = .systemArm
    case (.firmware, .riscv32): self = .systemRiscv32
    case (.native, _), (.user, _), (.machine, _), (.firmware, _): return nil
    }
  }

  /// Where it is, found as the shell does; nil if it is not installed.
  public func path(searchPath: String) -> String? {
    ToolLocator(folders: searchPath.split(separator: ":").map(String.init)).find(rawValue)?.path
  }
}
