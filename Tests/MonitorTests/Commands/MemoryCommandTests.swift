import Base
import Memory
import Monitor
import Testing

/// `memory`, `pages` and `translate`.
@Suite struct MemoryCommandTests {
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
}
