import Diagnostics
import Targets

/// Where a packed program runs when it is proven.
public enum ProofPlace: String, Hashable, Sendable, CaseIterable, Codable {
  /// On this computer itself.
  case native
  /// On this computer, instruction by instruction through QEMU's user mode.
  case user
  /// In a booted, emulated machine with the target's processor and memory.
  case machine
  /// Without an operating system, on an emulated microcontroller board.
  case firmware

  /// Reads the value of `--on`.
  /// - Throws: `usage` with the known names.
  public init(option: String) throws(Failure) {
    let place: ProofPlace? = option == "qemu-user" ? .user : ProofPlace(rawValue: option)
    guard let place else {
      throw Failure(.usage, "--on \(option) is no place", hint: "--on native, --on user, --on machine or --on firmware")
    }
    self = place
  }

  /// The place that the profile's emulator asks for; without one, the simplest place that can run the target's programs.
  public init(for profile: TargetProfile) {
    switch (profile.emulator?.kind, profile.operatingSystem) {
    case (_, .none): self = .firmware
    case (.native, .linux): self = .native
    case (.qemuUser, .linux): self = .user
    case (.qemuSystem, .linux): self = .machine
    case (nil, .linux): self = profile.cpu.architecture.isHost ? .native : .user
    }
  }

  /// Whether times that are taken there are the device's own: emulators have no clock.
  public var hasClock: Bool {
    switch self {
    case .native: true
    case .user, .machine, .firmware: false
    }
  }

  /// As the answer names it.
  public var title: String {
    switch self {
    case .native: "this computer"
    case .user: "QEMU user mode"
    case .machine: "the booted machine"
    case .firmware: "the emulated board"
    }
  }
}

extension TargetProfile.Processor.Architecture {
  /// Whether this computer executes the architecture's programs by itself.
  public var isHost: Bool {
    #if arch(x86_64)
    self == .x86_64
    #elseif arch(arm64)
    self == .arm64
    #else
    false
    #endif
  }
}
