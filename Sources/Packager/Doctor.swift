import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import HostCompute
import ModelFormats
import Report
import Targets

/// Looks for everything that packing and proving use.
/// - Parameters:
///   - target: only what this target needs counts as needed; nil asks about all profiles.
///   - searchPath: folders separated by colons, where programs are looked for.
/// - Throws: what reading the target's profile throws.
public func examineInstallation(
  target: String?, searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? "",
  kernels: KernelImageStore = .standard
) async throws(Failure) -> DoctorScreen {
  let library = try TargetLibrary.standard()
  var profiles: [TargetProfile] = []
  for name in target.map({ [$0] }) ?? library.names + [NativeProfile.name] { profiles.append(try library.profile(name).profile) }
  return DoctorScreen(
    target: target,
    checks: await compilers(searchPath) + libraries() + emulators(profiles, searchPath)
      + machineKernels(profiles, kernels) + [secureShell(searchPath)])
}

/// The Swift toolchain, which compiles the device programs.
private func compilers(_ searchPath: String) async -> [DoctorScreen.Check] {
  let purpose = "compiles programs"
  do throws(Failure) {
    let toolchain = try Toolchain.locate(searchPath: searchPath)
    let version = try await toolchain.version()
    return Toolchain.Tool.allCases.map { tool in
      let name = tool == .swiftc ? "swift" : tool.rawValue
      return DoctorScreen.Check(
        name: name, found: tool == .swiftc ? "swift \(version)" : toolchain.path(of: tool), purpose: purpose, isNeeded: true)
    }
  } catch {
    return [
      DoctorScreen.Check(
        name: "swift", found: nil, purpose: purpose, isNeeded: true, command: "install it from swift.org, usr/bin into PATH")
    ]
  }
}

/// What is loaded with edgepack; without it there would be nobody to ask.
private func libraries() -> [DoctorScreen.Check] {
  let resources = InstalledResources.current
  return [
    DoctorScreen.Check(name: "OpenBLAS", found: LinearAlgebraLibrary.description, purpose: "float model", isNeeded: true),
    DoctorScreen.Check(name: "zlib", found: CompressionLibrary.description, purpose: "npz files", isNeeded: true),
    DoctorScreen.Check(
      name: "device sources", found: try? resources.path(of: .deviceSources), purpose: "compiled into programs", isNeeded: true,
      command: "make install"),
  ]
}

/// The emulators that prove the targets are needed; those that only run programs on this computer are not.
private func emulators(_ profiles: [TargetProfile], _ searchPath: String) -> [DoctorScreen.Check] {
  EmulatorProgram.allCases.compactMap { program in
    let proven = profiles.filter { EmulatorProgram(for: $0.cpu.architecture, at: ProofPlace(for: $0)) == program }
    let run = profiles.filter {
      $0.operatingSystem == .linux && !$0.cpu.architecture.isHost && EmulatorProgram(for: $0.cpu.architecture, at: .user) == program
    }
    guard !proven.isEmpty || !run.isEmpty else { return nil }
    let purpose = proven.isEmpty ? "runs \(names(run)) here" : "proves \(names(proven))"
    return DoctorScreen.Check(
      name: program.rawValue, found: program.path(searchPath: searchPath), purpose: purpose, isNeeded: !proven.isEmpty,
      package: program.package)
  }
}

/// The kernels of the machines that boot.
private func machineKernels(_ profiles: [TargetProfile], _ kernels: KernelImageStore) -> [DoctorScreen.Check] {
  let booted = profiles.filter { ProofPlace(for: $0) == .machine }
  return Set(booted.map(\.cpu.architecture)).sorted { $0.rawValue < $1.rawValue }.map { architecture in
    let image = try? kernels.image(for: architecture)
    return DoctorScreen.Check(
      name: "\(architecture.rawValue) kernel", found: image?.path, purpose: "boots in the emulator", isNeeded: true,
      command: "edgepack doctor --fetch-machine")
  }
}

private func secureShell(_ searchPath: String) -> DoctorScreen.Check {
  let path = searchPath.split(separator: ":").map { "\($0)/ssh" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  return DoctorScreen.Check(name: "ssh", found: path, purpose: "reaches real boards", isNeeded: false, package: "openssh-client")
}

/// Profiles' names; many of one kind are called by their processor.
private func names(_ profiles: [TargetProfile]) -> String {
  guard profiles.count > 1 else { return profiles.first?.name ?? "" }
  let architectures = Set(profiles.map(\.cpu.architecture.rawValue)).sorted()
  return "\(architectures.joined(separator: ", ")) targets"
}
