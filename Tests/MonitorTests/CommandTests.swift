import Devices
import Memory
import Monitor
import Testing

/// What `line` prints, with the prompt that follows taken off.
private func output(of line: String, on kernel: FakeKernel = FakeKernel()) -> String {
  var monitor = Monitor(kernel)
  for byte in (line + "\r").utf8 { monitor.receive(byte) }
  let echo = line + "\n"
  let text = kernel.output.text
  guard text.hasPrefix(echo), text.hasSuffix("roost> ") else { return "no prompt: " + text }
  return String(text.dropFirst(echo.count).dropLast("roost> ".count))
}

@Suite struct CommandOutputTests {
  @Test func help() {
    #expect(
      output(of: "help") == """
        help [COMMAND]     list the commands, or say how to use one
        version            what runs, and on what
        memory             the map of physical memory, and the early heap
        pages [runs]       pages in each state and the map, or the runs of pages
        translate ADDRESS  what a virtual address translates to
        heap [segments]    the kernel heap in numbers, or its segments
        check              prove the invariants of pages and heap
        alloc N [ALIGN]    take N bytes from the kernel heap
        free ADDRESS       give memory back to the kernel heap
        panic [KIND]       fail, and show the report
        reboot             start the board again
        halt               stop the board

        """)
    #expect(
      output(of: "help alloc") == "alloc N [ALIGN]  take N bytes from the kernel heap\n")
    #expect(output(of: "help check") == "check  prove the invariants of pages and heap\n")
  }

  @Test func version() {
    #expect(
      output(of: "version") == """
        roost: 1.2.3
        build: optimised
        board: Raspberry Pi 3 Model B
        revision: 0x00a02082
        firmware: 0x5f440c10

        """)
  }

  @Test func versionWithoutMailbox() {
    let kernel = FakeKernel()
    kernel.identity = SystemIdentity(
      version: "1.2.3", build: "unoptimised", board: nil, firmware: nil)
    #expect(
      output(of: "version", on: kernel) == """
        roost: 1.2.3
        build: unoptimised
        board: unknown board

        """)
  }

  @Test func memory() {
    #expect(
      output(of: "memory") == """
        start       end              bytes  from         use
        0x00000000  0x00001000        4096  roost        firmware: spin table
        0x00200000  0x00323000     1191936  linker       kernel image
        0x00323000  0x3b400000   990760960  mailbox      free pages
        early heap: 0x00100000
        early heap size: 1048576 bytes
        early heap used: 4096 bytes
        early heap peak: 8192 bytes
        early heap frees: 3

        """)
  }

  @Test func pages() {
    #expect(
      output(of: "pages") == """
        page size: 4096 bytes
        pages: 245760
        free: 245000
        reserved: 760
        promised: 64
        tables: 7
        virtual             end                 physical         bytes  may  kind                purpose

        """)
    #expect(
      output(of: "pages runs") == """
        start       end              bytes     pages  state
        0x00000000  0x00001000        4096         1  reserved
        0x00001000  0x3bd09000  1003520000    245000  free

        """)
  }

  @Test func map() {
    let kernel = FakeKernel()
    kernel.mappings = FakeKernel.someMappings
    #expect(
      output(of: "pages", on: kernel).hasSuffix(
        """
        0x0000000000200000  0x0000000000240000  0x00200000      262144  r-x  normal write-back   image
        0x000000003f000000  0x0000000040000000  0x3f000000    16777216  rw-  device nGnRE        device
        0xffffff8040000000  0xffffff8040001000  0x01234000        4096  r--  normal uncached     shared

        """))
  }

  @Test func translate() {
    let kernel = FakeKernel()
    let run = FakeKernel.someMappings[0]
    kernel.translations[0x20_1234] = AddressReport(
      translation: Translation(
        physical: PhysicalAddress(0x20_1234), mapping: run.mapping, leafByteCount: 4096),
      run: run)
    #expect(
      output(of: "translate 0x201234", on: kernel) == """
        virtual: 0x00201234
        physical: 0x00201234
        permissions: read, execute
        kind: normal write-back
        purpose: image
        mapped by: 4096 bytes
        run start: 0x00200000
        run end: 0x00240000
        run physical: 0x00200000

        """)
  }

  /// A pointer with its top byte clear names the same address.
  @Test func translateAPointer() {
    let kernel = FakeKernel()
    kernel.translations[0xffff_ff80_0000_0000] = AddressReport(
      translation: nil, note: "not mapped: guard page")
    let expected = "translate: 0xffffff8000000000: not mapped: guard page\n"
    #expect(output(of: "translate 0x00ffff8000000000", on: kernel) == expected)
    kernel.output.forget()
    #expect(output(of: "translate 0xffffff8000000000", on: kernel) == expected)
    #expect(output(of: "translate 0") == "translate: 0x00000000: not mapped\n")
  }

  @Test func heapWindow() {
    let kernel = FakeKernel()
    kernel.heapWindow = HeapWindowReport(
      range: VirtualRange(start: VirtualAddress(0xffff_ff80_4000_0000), byteCount: 0x2000_0000),
      claimedByteCount: 262_144, mappedByteCount: 8192, demandFaultCount: 2)
    #expect(
      output(of: "heap", on: kernel).contains(
        """
        window start: 0xffffff8040000000
        window end: 0xffffff8060000000
        window claimed: 262144 bytes
        window mapped: 8192 bytes
        demand faults: 2

        """))
  }

  @Test func heap() {
    #expect(
      output(of: "heap") == """
        allocator: best-fit
        heap start: 0x00500000
        heap end: 0x00600000
        capacity: 1048576 bytes
        used: 48576 bytes
        free: 1000000 bytes
        largest free: 877000 bytes
        peak used: 60000 bytes
        live: 12
        free segments: 3
        allocations: 112
        frees: 100
        failures: 1
        fragmentation: 12.3 %

        """)
  }

  @Test func heapSegments() {
    let kernel = FakeKernel()
    #expect(
      output(of: "heap segments", on: kernel) == """
        start       end              bytes  state
        0x00500000  0x00500040          64  used
        0x00500040  0x00600000     1048512  free

        """)
    kernel.heapStart = 0xFFFF_FF80_1234_0000
    kernel.output.forget()
    #expect(
      output(of: "heap segments", on: kernel) == """
        start               end                      bytes  state
        0xffffff8012340000  0xffffff8012340040          64  used
        0xffffff8012340040  0xffffff8012440000     1048512  free

        """)
  }

  @Test func check() {
    let kernel = FakeKernel()
    #expect(output(of: "check", on: kernel) == "pages: passed\nheap: passed\ncheck: passed\n")
    kernel.breach = .init("segment header overwritten", address: 0x50_0040)
    kernel.output.forget()
    #expect(
      output(of: "check", on: kernel) == """
        pages: passed
        heap: failed: segment header overwritten at 0x00500040
        check: failed

        """)
  }

  @Test(
    arguments: [
      ("alloc 100", 100, 16), ("alloc 1K 64", 1024, 64), ("alloc 0", 0, 16),
      ("  alloc\t0x10   4096 ", 16, 4096), ("alloc 1 1", 1, 1),
    ].map { (line: $0.0, byteCount: UInt($0.1), alignment: UInt($0.2)) })
  func alloc(line: String, byteCount: UInt, alignment: UInt) {
    let kernel = FakeKernel()
    Monitor(kernel).run(line.utf8)
    #expect(kernel.acts == [.allocate(byteCount, alignment)])
    #expect(kernel.output.text.hasSuffix("\naddress: 0x00500010\n"))
  }

  @Test func allocWithoutMemory() {
    let kernel = FakeKernel()
    kernel.allocation = nil
    #expect(output(of: "alloc 2G", on: kernel) == "alloc: 2147483648 bytes: out of memory\n")
  }

  @Test func free() {
    let kernel = FakeKernel()
    #expect(output(of: "free 0x500010", on: kernel) == "freed: 0x00500010\n")
    #expect(kernel.acts == [.free(0x500010)])
  }

  @Test(arguments: HeapFault.Kind.allCases)
  func freeOfWhatIsNotAPayload(kind: HeapFault.Kind) {
    let kernel = FakeKernel()
    kernel.fault = HeapFault(kind, address: 0x500020, segment: 0x500000)
    #expect(
      output(of: "free 0x500020", on: kernel) == "free: 0x00500020: \(kind.words)\n")
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
    #expect(output(of: "panic \(kind.word)", on: kernel) == "panic: the kernel went on\n")
    #expect(kernel.acts == [.panic(kind)])
    let refusal = output(of: "panic x")
    #expect(refusal.split(separator: " ").contains { $0.trimmed == "\(kind.word)" })
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

@Suite struct CommandRefusalTests {
  @Test(arguments: [
    ("heep", #"unknown command "heep"; type help for the commands"#),
    ("HEAP", #"unknown command "HEAP"; type help for the commands"#),
    ("help heep", #"help: COMMAND "heep" is not a command"#),
    ("help a b", #"help: unexpected "b"; usage: help [COMMAND]"#),
    ("version 1", #"version: unexpected "1"; usage: version"#),
    ("memory all", #"memory: unexpected "all"; usage: memory"#),
    ("pages run", #"pages: runs "run" is not known here"#),
    ("pages runs 1", #"pages: unexpected "1"; usage: pages [runs]"#),
    ("heap 1", #"heap: segments "1" is not known here"#),
    ("heap segments x", #"heap: unexpected "x"; usage: heap [segments]"#),
    ("check heap", #"check: unexpected "heap"; usage: check"#),
    ("alloc", "alloc: N is missing; usage: alloc N [ALIGN]"),
    ("alloc ten", #"alloc: N "ten" is not a number"#),
    ("alloc -1", #"alloc: N "-1" is not a number"#),
    ("alloc 99999999999999999999", #"alloc: N "99999999999999999999" is too large"#),
    ("alloc 1 x", #"alloc: ALIGN "x" is not a number"#),
    ("alloc 1 24", #"alloc: ALIGN "24" is not a power of two"#),
    ("alloc 1 0", #"alloc: ALIGN "0" is not a power of two"#),
    ("alloc 1 16 3", #"alloc: unexpected "3"; usage: alloc N [ALIGN]"#),
    ("free", "free: ADDRESS is missing; usage: free ADDRESS"),
    ("free here", #"free: ADDRESS "here" is not a number"#),
    ("free 1 2", #"free: unexpected "2"; usage: free ADDRESS"#),
    (
      "panic now",
      #"panic: KIND "now" is not one of request trap overflow read write execute undefined "#
        + "unaligned stack heap memory guard nested text data heapcode null below above unclaimed "
        + "promise overrun stale"
    ),
    ("reboot now", #"reboot: unexpected "now"; usage: reboot"#),
    ("halt 0", #"halt: unexpected "0"; usage: halt"#),
  ])
  func oneLineAndNothingDone(line: String, complaint: String) {
    let kernel = FakeKernel()
    #expect(output(of: line, on: kernel) == complaint + "\n")
    #expect(kernel.acts.isEmpty)
  }
}
