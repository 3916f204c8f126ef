import Testing

@testable import Deployment

struct MachineConsoleTests {
  private func console(_ text: String) -> MachineConsole { MachineConsole(Array(text.utf8)) }

  @Test(arguments: [
    ("a\r\nb\r\n\r\nedgepack-exit: 0\r\n", "a\nb\n", 0),
    ("no line end\r\nedgepack-exit: 139\r\n", "no line end", 139),
    ("\r\nedgepack-exit: 2\r\n", "", 2),
    // What a program prints itself counts for nothing: process 1 speaks last.
    ("\r\nedgepack-exit: 0\r\ncrash\r\n\r\nedgepack-exit: 132\r\n", "\nedgepack-exit: 0\ncrash\n", 132),
    // The power-off message of a talkative kernel.
    ("x\r\n\r\nedgepack-exit: 1\r\n[    0.7] reboot: Power down\r\n", "x\n", 1),
  ])
  func outputAndExitCodeComeApart(text: String, output: String, exitCode: Int) {
    #expect(console(text).output == output)
    #expect(console(text).exitCode == exitCode)
  }

  /// As Linux 6.1 prints a group's events.
  @Test func memoryOfALimitedProgramIsTakenOutOfItsOutput() {
    let events = "low 0\r\nhigh 0\r\nmax 42\r\noom 1\r\noom_kill 1\r\noom_group_kill 0\r\n"
    let text = "a\r\nedgepack-memory: limit 2097152 peak 2093056\r\n" + events + "edgepack-memory: end\r\n\r\nedgepack-exit: 137\r\n"
    #expect(console(text).output == "a")
    #expect(console(text).exitCode == 137)
    #expect(console(text).memory == EnforcedMemory(limit: 2_097_152, peak: 2_093_056, reclaims: 42, oomKills: 1))
    // What a program prints itself, or half of it, is output.
    for other in [
      text.replacing("memory: end\r\n", with: "memory: end\r\nb"), text.replacing("peak 2093056", with: ""),
      text.replacing("oom_kill 1", with: "oom_kill x"),
    ] {
      #expect(console(other).memory == nil && console(other).output.hasPrefix("a\nedgepack-memory"))
    }
  }

  @Test(arguments: [
    "", "edgepack-exit: 0", "hello\r\n\r\nedgepack-exit: 0", "hello\r\n\r\nedgepack-exit: \r\n", "hello\r\n\r\nedgepack-exit: 300\r\n",
    "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300\r\n",
  ])
  func brokenOffConsoleHasNoExitCode(text: String) {
    #expect(console(text).exitCode == nil)
  }

  @Test func lastLinesEndWithTheReasonOfAPanic() {
    let trace = (0..<20).map { "[ 1.8]  frame\($0)\r\n" }.joined()
    let lines = console("first\r\n[ 1.7] Kernel panic - not syncing: Attempted to kill init!\r\n" + trace).lastLines
    #expect(lines == ["first", "[ 1.7] Kernel panic - not syncing: Attempted to kill init!"])
    #expect(console("").lastLines == [])
    #expect(console(trace).lastLines.count == 8)
  }

  @Test func loneCarriageReturnStays() {
    #expect(console("10 %\r20 %\r\n\r\nedgepack-exit: 0\r\n").output == "10 %\r20 %\n")
  }
}
