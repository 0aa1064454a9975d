import Base
import Heaps
import Monitor
import Testing

/// `heap`, `check`, `alloc` and `free`.
@Suite struct HeapCommandTests {
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

  @Test func heapWindow() {
    let kernel = FakeKernel()
    kernel.heapWindow = HeapWindowReport(
      range: VirtualRange(start: VirtualAddress(0xffff_ff80_4000_0000), byteCount: 0x2000_0000),
      committedByteCount: 262_144, mappedByteCount: 8192, demandFaultCount: 2)
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

  @Test func heapSegments() {
    let kernel = FakeKernel()
    #expect(
      output(of: "heap segments", on: kernel) == """
        payload          bytes  state
        0x00500008          64  used, kernel
        0x00500048         128  used, alloc
        0x005000c8          48  quarantined
        0x005000f8     1048336  free

        """)
    kernel.heapStart = 0x00FF_FF80_1234_0000
    kernel.output.forget()
    #expect(
      output(of: "heap segments", on: kernel).hasPrefix(
        """
        payload                  bytes  state
        0xffffff8012340008          64  used, kernel

        """))
  }

  @Test func heapWithoutSegments() {
    let kernel = FakeKernel()
    kernel.hasSegments = false
    #expect(
      output(of: "heap segments", on: kernel)
        == "heap: this allocator keeps no list of segments\n")
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

  @Test func freeOfTheKernelsOwn() {
    let kernel = FakeKernel()
    kernel.owner = .kernel
    #expect(
      output(of: "free 0x500010", on: kernel)
        == "free: 0x00500010: in use by the kernel; free! frees it all the same\n")
    #expect(kernel.acts == [])
    kernel.output.forget()
    #expect(output(of: "free! 0x500010", on: kernel) == "freed: 0x00500010\n")
    #expect(kernel.acts == [.free(0x500010)])
  }

  /// One form for each address, whichever was typed.
  @Test(arguments: ["0xffffff8040002598", "0xffff8040002598"])
  func freeInTheUpperHalf(_ typed: String) {
    let kernel = FakeKernel()
    #expect(output(of: "free \(typed)", on: kernel) == "freed: 0xffffff8040002598\n")
  }

  @Test(arguments: HeapFault.Kind.allCases)
  func freeOfWhatIsNotAPayload(kind: HeapFault.Kind) {
    let kernel = FakeKernel()
    kernel.fault = HeapFault(kind, address: 0x500020, segment: 0x500000)
    #expect(
      output(of: "free 0x500020", on: kernel) == "free: 0x00500020: \(kind.description)\n")
  }
}
