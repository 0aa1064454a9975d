import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// Each way of building the kernel boots, works and ends.
  @Suite struct Builds {
    @Test func optimised() async throws { try await use(.optimised) }
    @Test(.needs(.unoptimised)) func unoptimised() async throws { try await use(.unoptimised) }
    @Test(.needs(.strict)) func alignmentChecked() async throws { try await use(.strict) }

    /// A global that is made on first use takes memory, under a lock: the heap and the reports must use none.
    @Test(.needs(.elf)) func onlyTheSeedOfHashingIsMadeOnFirstUse() throws {
      let symbols = try Child.run("/usr/bin/env", ["llvm-nm", "-j", Image.elf.path]).output
      let lazy = symbols.split(separator: "\n").filter {
        $0.hasSuffix("_Wz")
      }
      #expect(symbols.contains("kernel_main"))
      #expect(lazy.count == 1 && lazy.first?.contains("Hashing") == true, "\(lazy)")
    }

    /// SwiftPM adds to the archive that is there: of a source that was renamed, the old code must not stay in it.
    @Test(.needs(.elf)) func theArchiveHasTheSourcesThatThereAre() throws {
      let archive = Image.file("build/swift/aarch64-none-none-elf/release/libKernel.a")
      let members = try Child.run("/usr/bin/env", ["llvm-ar", "t", archive]).output
        .split(separator: "\n")
      var sources: Set<Substring> = []
      for folder in ["kernel", "boot"] {
        let files = FileManager.default.enumerator(atPath: Image.file(folder))
        while let file = files?.nextObject() as? String {
          sources.insert((file.split(separator: "/").last ?? "") + ".o")
        }
      }
      #expect(members.count > 200)
      #expect(Set(members).subtracting(sources) == [])
    }

    private func use(_ image: Image) async throws {
      try await Machine.run(.ending(image)) { machine in
        let greeting = try await machine.boots()
        machine.expectText("Roost ", in: greeting)
        machine.expectText("self-test Swift types: passed", in: greeting)
        #expect(greeting.complaints == [], "\(greeting)")
        try await machine.ask("memory", says: "ATAGs", "kernel image", "kernel heap")
        try await machine.ask("pages", says: "free: ", "page array: ")
        try await machine.ask("heap", says: "allocator: best-fit", "used: ")
        try await machine.ask("selftest", says: "memory routines: passed")
        try await machine.ask("check", says: "check: passed")
        machine.type("halt\r")
        try await machine.ends(with: 0)
      }
    }
  }
}
