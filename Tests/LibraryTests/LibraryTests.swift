import Foundation
import Heaps
import Testing

/// The library as others meet it: a header, an archive, examples.
@Suite(.serialized) struct LibraryTests {
  static let archives = [
    "libsegmentheap.a", "aarch64-none-none-elf/libsegmentheap.a",
    "armv7em-none-none-eabi/libsegmentheap.a", "armv6m-none-none-eabi/libsegmentheap.a",
    "riscv32-none-none-eabi/libsegmentheap.a",
  ]
  static let header = "kernel/SegmentHeapC/include/segment_heap.h"

  @Test(arguments: archives)
  func itNeedsOnlyWhatEveryEnvironmentHas(archive: String) throws {
    let library = try Tool.library.get().appending(path: archive).path
    let needs = try Tool.run("llvm-nm", "-u", "-j", library).split(separator: "\n")
      .filter { !$0.hasSuffix(":") }
    // On 32-bit Arm under the names of its run-time ABI; Cortex-M0 has no instruction that counts zeros.
    let everywhere = /memcpy|memmove|memset|memcmp|__aeabi_mem(cpy|move|set|clr)[48]?|__clzsi2/
    #expect(needs.filter { $0.wholeMatch(of: everywhere) == nil } == [])
  }

  @Test(arguments: archives)
  func itDefinesWhatTheHeaderDeclaresAndNothingElse(archive: String) throws {
    let library = try Tool.library.get().appending(path: archive).path
    let defined = try Tool.run("llvm-nm", "-g", "-U", "-j", library).split(separator: "\n")
      .filter { !$0.hasSuffix(":") }.map(String.init)
    let text = try Tool.text(of: Self.header)
    // A declaration begins its line with a type; a comment does not.
    let declared = text.matches(of: /\n[a-z_]+[^\n\/(]*?\*?(segment_heap_[a-z_]+)\(/).map {
      String($0.1)
    }
    #expect(declared.count == 15)
    #expect(Set(defined) == Set(declared))
  }

  /// Swift compiles a stop into one instruction of its own; there is none.
  @Test(arguments: archives)
  func itNeverStopsTheProgram(archive: String) throws {
    let library = try Tool.library.get().appending(path: archive).path
    let code = try Tool.run("llvm-objdump", "-d", "--no-show-raw-insn", library)
    #expect(code.contains("<segment_heap_allocate>:"))
    let stops = code.split(separator: "\n").filter {
      $0.contains(/\t(ud2|brk|int3|hlt|udf|unimp|c\.unimp|ebreak)\b/)
    }
    #expect(stops.count == 0)
  }

  @Test func theHeaderIsC() throws {
    try Tool.run(
      "clang", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", Self.header)
  }

  @Test func theHeaderIsCPlusPlus() throws {
    try Tool.run(
      "clang++", "-x", "c++", "-std=c++11", "-pedantic", "-Wall", "-Wextra", "-Werror",
      "-fsyntax-only", "-nostdinc++", Self.header)
  }

  @Test func theFaultCodesAreThoseOfTheHeap() throws {
    let text = try Tool.text(of: Self.header)
    let codes = text.matches(of: /SEGMENT_HEAP_([A-Z_]+) = ([0-9]+)/).map {
      (String($0.1).replacing("_", with: "").lowercased(), UInt8($0.2))
    }
    #expect(codes.count == HeapFault.Kind.allCases.count + 1)
    for kind in HeapFault.Kind.allCases {
      #expect(codes.contains { $0 == ("\(kind)".lowercased(), kind.rawValue) })
    }
  }

  @Test func theExampleInCRuns() throws {
    let build = try Tool.library.get()
    let program = Tool.folder.appending(path: "example").path
    try Tool.run(
      "clang", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I\(build.path)/include",
      "docs/examples/c/example.c", "\(build.path)/libsegmentheap.a", "-o", program)
    let said = try Tool.run(program)
    #expect(
      said == """
        a second region: no fault
        after reallocate: roost, 1000 bytes
        a page: aligned
        free the page: no fault
        free it again: double free
        free its middle: pointer into the middle of a segment
        a megabyte from 80 KiB: no memory
        free the text: no fault
        check: no fault
        live: 0, allocations: 2, refused: 1
        free after an overflow: write past the end of a payload
        overwritten byte: 10, allocated by: known

        """)
  }

  @Test func theExampleInEmbeddedSwiftRuns() throws {
    let built = try Tool.run(
      "docs/examples/embedded-swift/build.sh",
      Tool.folder.appending(path: "embedded-swift").path)
    let program = built.trimmingCharacters(in: .whitespacesAndNewlines)
    let said = try Tool.run(program)
    #expect(
      said == """
        live while the array is:
        1
        live afterwards:
        0

        """)
  }
}
