/// The profile that `edgepack targets new` writes: complete, so that it can be checked as it is, and with a comment for each choice.
public enum ProfileTemplate {
  /// - Parameter name: of the new profile; letters, digits, `-` and `_` count.
  public static func yaml(name: String) -> String {
    let safe = String(name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
    return """
      # A target profile of edgepack. docs/adding-a-target.md explains every key; check the file with: edgepack targets check FILE
      # Leave out what you do not know: a missing figure is better than a guessed one.
      name: "\(safe.isEmpty ? "my-board" : safe)"
      summary: "what the device is, in one line"
      cpu:
        isa: arm64                      # arm64, x86_64, armv7em
        core: cortex-a53
        features: [neon]                # neon dotprod i8mm | avx2 avx512 vnni | dsp fpu
        cores: 4
        # clock: 1.0 GHz
        # cache: { line: 64, l1d: 32 KiB, l2: 512 KiB }
        source: "data sheet of …"
      os: linux                         # linux, or none for firmware
      memory:
        ram: 512 MiB
        page: 4 KiB                     # getconf PAGESIZE on the device
        # flash: 4 GiB
        # bandwidth: 1.5 GB/s           # of DRAM, one core reading
        # storage_bandwidth: 40 MB/s    # needed to predict the first answer
        source: "data sheet of …"

      # What work costs in time. Let the device tell: edgepack targets measure --on native -o FILE
      # cost:
      #   run: 5 us                     # a run besides its steps
      #   convolution: { step: 1 us, mac: 0.3 to 0.6 ns, output: 2 to 6 ns }
      #   other: { step: 1 us, mac: 0.3 to 1 ns, element: 1 to 4 ns }
      #   source: "measured …"

      # power:
      #   idle: 0.6 W                   # the whole device, waiting
      #   active: 1.2 to 1.8 W          # the whole device while it computes
      #   duty: 1 Hz                    # answers a second
      #   source: "measured at 5 V with …"

      # Limits; each may be left out, and --max-… replaces it.
      budget:
        ram: 64 MiB
        flash: 32 MiB
        # latency: 50 ms
        # cold_latency: 500 ms
        # energy: 40 mJ
        # power: 0.8 W
        accuracy_drop: { rate: 1 pt, error: 2 % }

      # Where the proof runs: native, qemu-user, or a booted machine.
      emulator: { kind: qemu-system, machine: virt, cpu: cortex-a53, memory: 512 MiB }
      optimize: size                    # size, or speed

      """
  }
}
