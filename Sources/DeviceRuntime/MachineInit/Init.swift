// Process 1 of the emulated machine (docs/program-interface.md): runs /program with the words of the kernel command line, in a control
// group if they set a memory limit, says how it ended, powers off. Embedded Swift without a library; nothing here needs memset or memcpy.

/// `stack` points at the initial stack: argc, then argc pointers, null, the environment, null.
@c(device_main)
public func deviceMain(_ stack: UnsafeRawPointer) -> Never {
  mountSystemFolders()
  let limit = MemoryLimit(argumentsAndEnvironment: stack)
  if let limit, !limit.enforce() {
    printText("\nedgepack-memory: this kernel enforces no limit\n")
    reportExit(code: 126)
    powerOff()
  }
  let status = runProgram(argumentsAndEnvironment: stack, isLimited: limit != nil)
  limit?.report()
  reportExit(code: exitCode(ofWaitStatus: status))
  powerOff()
}

/// The program reads `/proc/self/smaps_rollup` and opens its weights as `/dev/nvme0n1`.
/// The kernel may have mounted devtmpfs itself; mounting it again is then refused, which is as good.
private func mountSystemFolders() {
  mount("devtmpfs", at: "/dev")
  mount("proc", at: "/proc")
}

func mount(_ kind: StaticString, at place: StaticString) {
  SystemCall.call(SystemCall.mount, SystemCall.address(kind), SystemCall.address(place), SystemCall.address(kind))
}

/// Starts `/program` with this process's arguments (the first one is replaced by the program's name) and waits for it.
/// Returns the status of `wait4`, or that of an exit with 127 if the program could not be started.
private func runProgram(argumentsAndEnvironment stack: UnsafeRawPointer, isLimited: Bool) -> Int32 {
  let argumentCount = stack.load(as: Int.self)
  let arguments = stack + MemoryLayout<Int>.size
  let environment = arguments + (argumentCount + 1) * MemoryLayout<Int>.size
  // The kernel passes its own words (argv[0] is "/init"): the vector is taken over with a new first word.
  UnsafeMutableRawPointer(mutating: arguments).storeBytes(of: SystemCall.address("/program"), as: Int.self)

  let childDeathSignal = 17  // SIGCHLD, so that wait4 sees the child
  let child = SystemCall.call(SystemCall.clone, childDeathSignal)
  if child == 0 {
    if isLimited { MemoryLimit.enter() }
    let path = SystemCall.address("/program")
    SystemCall.call(SystemCall.execute, path, Int(bitPattern: arguments), Int(bitPattern: environment))
    SystemCall.call(SystemCall.exitGroup, 127)
  }
  guard child > 0 else { return 127 << 8 }

  // As process 1 this also inherits orphans: their ends are read and passed over.
  var status: Int32 = 0
  var ended = 0
  repeat {
    ended = withUnsafeMutablePointer(to: &status) { place in
      SystemCall.call(SystemCall.wait, -1, Int(bitPattern: place))
    }
  } while ended != child && ended > 0
  return ended == child ? status : 127 << 8
}

/// The shell's convention: the exit code, or 128 and the signal that ended the program.
private func exitCode(ofWaitStatus status: Int32) -> Int {
  let signal = status & 0x7F
  return Int(signal == 0 ? (status >> 8) & 0xFF : 128 &+ signal)
}

/// Prints `edgepack-exit: N` as a line of its own, also after a program that ended within a line.
private func reportExit(code: Int) {
  printText("\nedgepack-exit: ")
  var divisor = 100
  while divisor > 1 && code < divisor { divisor /= 10 }
  while divisor > 0 {
    writeDigit(code / divisor % 10)
    divisor /= 10
  }
  printText("\n")
}

func printText(_ text: StaticString) {
  writeAll(SystemCall.address(text), count: text.utf8CodeUnitCount)
}

private func writeDigit(_ digit: Int) {
  var character = UInt8(truncatingIfNeeded: 48 &+ digit)
  withUnsafePointer(to: &character) { writeAll(Int(bitPattern: $0), count: 1) }
}

/// The console may take less than it is given.
func writeAll(_ start: Int, count: Int) {
  var written = 0
  while written < count {
    let result = SystemCall.call(SystemCall.write, 1, start &+ written, count &- written)
    guard result > 0 else { return }
    written &+= result
  }
}

/// Powers the machine off, which ends QEMU. The serial console is drained by the kernel on the way.
private func powerOff() -> Never {
  SystemCall.call(SystemCall.synchronize)
  SystemCall.call(SystemCall.reboot, 0xFEE1_DEAD, 0x2812_1969, 0x4321_FEDC)
  while true { SystemCall.call(SystemCall.exitGroup, 1) }
}
