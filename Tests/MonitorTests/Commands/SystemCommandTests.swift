import Monitor
import Testing

/// `help`, `version`, and the commands that end all.
@Suite struct SystemCommandTests {
  @Test func help() {
    let lines = output(of: "help").split(separator: "\n")
    let commands: [Command<FakeKernel>] = Command.all
    #expect(lines.count == commands.count)
    #expect(lines.first == "help [COMMAND]     list the commands, or say how to use one (or keys)")
    for (line, command) in zip(lines, commands) {
      let typed = command.usage.description.isEmpty ? "" : " \(command.usage)"
      let (name, summary) = ("\(command.name)\(typed)", "\(command.summary)")
      #expect(line == name + String(repeating: " ", count: 19 - name.count) + summary)
    }
    #expect(
      output(of: "help alloc") == "alloc N [ALIGN]  take N bytes from the kernel heap\n")
    #expect(
      output(of: "help panic") == """
        panic [KIND]  fail, and show the report
          request trap overflow read write execute undefined unaligned stack heap
          memory guard nested text data heapcode null below above unclaimed promise
          overrun stale

        """)
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
