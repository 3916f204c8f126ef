import Diagnostics
import Testing

@testable import Targets

struct MachineDescriptionTests {
  private func machine(_ files: [String: String]) async throws -> NativeProfile.Machine {
    try await NativeProfile.Machine.described { (path) throws(Failure) in files[path] }
  }

  private static let cache = "/sys/devices/system/cpu/cpu0/cache/index"

  @Test func anArmBoardIsDescribedByItsFiles() async throws {
    let files = [
      "/proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd aes asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n",
      "/proc/meminfo": "MemTotal:        8245152 kB\n", "/sys/devices/system/cpu/online": "0-3\n",
      "/proc/self/smaps": "00400000-00410000 r-xp\nSize:  64 kB\nKernelPageSize:       16 kB\nMMUPageSize: 16 kB\n",
      "/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq": "2400000\n",
      Self.cache + "0/level": "1\n", Self.cache + "0/type": "Data\n", Self.cache + "0/size": "64K\n",
      Self.cache + "0/coherency_line_size": "64\n", Self.cache + "1/level": "1\n", Self.cache + "1/type": "Instruction\n",
      Self.cache + "1/size": "64K\n", Self.cache + "2/level": "2\n", Self.cache + "2/type": "Unified\n", Self.cache + "2/size": "512K\n",
      Self.cache + "3/level": "3\n", Self.cache + "3/type": "Unified\n", Self.cache + "3/size": "2M\n",
    ]
    let profile = NativeProfile.profile(of: try await machine(files))
    #expect(profile.cpu.architecture == .arm64 && profile.cpu.core == "cortex-a76" && profile.cpu.features == [.neon, .dotprod])
    #expect(profile.cpu.cores == 4 && profile.cpu.clock == 2.4e9 && profile.memory.page == 16_384 && profile.memory.ram == 8_245_152 << 10)
    #expect(profile.cpu.cache == TargetProfile.Cache(line: 64, l1d: 64 << 10, l2: 512 << 10, l3: 2 << 20))
  }

  @Test func whatAMachineDoesNotTellStaysUnknown() async throws {
    let profile = NativeProfile.profile(of: try await machine(["/proc/cpuinfo": "flags\t\t: sse2 avx2\nmodel name\t: A CPU\n"]))
    #expect(profile.cpu.architecture == .x86_64 && profile.cpu.core == "A CPU" && profile.cpu.cores == 1)
    #expect(profile.cpu.cache == nil && profile.cpu.clock == nil && profile.memory.page == 4096)
  }

  @Test func aMachineThatNoProgramsAreMadeForIsRefused() async {
    await #expect(throws: Failure.self) { try await machine(["/proc/cpuinfo": "isa\t: rv64imafdc\n"]) }
    await #expect(throws: Failure.self) { try await machine([:]) }
  }

  @Test(arguments: [("0-3\n", 4), ("0,2-3", 3), ("0", 1), ("", 1), ("3-1", 1), ("x", 1)])
  func coresAreCounted(_ list: String, _ count: Int) { #expect(NativeProfile.Machine.coreCount(list) == count) }
}
