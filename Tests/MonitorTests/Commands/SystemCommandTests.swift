import Monitor
import Testing

/// `help`, `version`, and the commands that end all.
@Suite struct SystemCommandTests {
  @Test func help() {
    #expect(
      output(of: "help") == """
        help [COMMAND]     list the commands, or say how to use one (or keys)
        version            what runs, and on what
        memory             the map of physical memory, and the early heap
        pages [runs]       pages in each state and the map, or the runs of pages
        translate ADDRESS  what a virtual address translates to
        heap [segments]    the kernel heap in numbers, or its segments
        check              verify the invariants of pages and heap
        alloc N [ALIGN]    take N bytes from the kernel heap
        free ADDRESS       give memory back to the kernel heap
        panic [KIND]       fail, and show the report
        reboot             start the board again
        halt               stop the board

        """)
    #expect(
      output(of: "help alloc") == "alloc N [ALIGN]  take N bytes from the kernel heap\n")
    #expect(output(of: "help check") == "check  verify the invariants of pages and heap\n")
  }

  @Test func version() {
    #expect(
      output(of: "version") == """
        roost: 1.2.3
        build: optimised
        build ID: 0x00c0ffee00112233
        board: Raspberry Pi 3 Model B
        revision: 0x00a02082
        firmware: 0x5f440c10

        """)
  }

  @Test func versionWithoutMailbox() {
    let kernel = FakeKernel()
    kernel.identity = SystemIdentity(
      version: "1.2.3", build: "unoptimised", buildID: 1, board: nil, firmware: nil)
    #expect(
      output(of: "version", on: kernel) == """
        roost: 1.2.3
        build: unoptimised
        build ID: 0x0000000000000001
        board: unknown board

        """)
  }

  @Test func stops() {
    let kernel = FakeKernel()
    #expect(output(of: "reboot", on: kernel) == "rebooting\n")
    kernel.output.forget()
    #expect(output(of: "halt", on: kernel) == "halted\n")
    #expect(kernel.acts == [.reboot, .halt])
  }

  @Test(arguments: PanicKind.allCases)
  func panics(kind: PanicKind) {
    let kernel = FakeKernel()
    #expect(output(of: "panic \(kind)", on: kernel) == "panic: the kernel went on\n")
    #expect(kernel.acts == [.panic(kind)])
    let refusal = output(of: "panic x")
    #expect(refusal.split(separator: " ").contains { $0.trimmed == "\(kind)" })
  }

  @Test func panicWithoutKind() {
    let kernel = FakeKernel()
    _ = output(of: "panic", on: kernel)
    #expect(kernel.acts == [.panic(.request)])
  }
}

extension Substring {
  fileprivate var trimmed: Substring { hasSuffix("\n") ? dropLast() : self }
}
