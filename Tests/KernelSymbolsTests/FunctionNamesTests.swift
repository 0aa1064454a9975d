import Base
import ChildPrograms
import Foundation
import Testing

/// The bytes that are written.
private final class Collector: TextSink {
  private(set) var bytes: [UInt8] = []
  func write(byte: UInt8) { bytes.append(byte) }
}

/// The table's names, in memory of its own, so that a read past its end is noticed where the tests run with
/// the address sanitizer.
private func read(_ table: [UInt8], _ body: (borrowing FunctionNames?) -> Void) {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: table.count, alignment: 4)
  unsafe memory.copyBytes(from: table)
  body(unsafe FunctionNames(UnsafeRawBufferPointer(memory)))
  unsafe memory.deallocate()
}

private func name(_ function: FunctionNames.Function, _ names: borrowing FunctionNames) -> String {
  let collector = Collector()
  names.write(function, to: collector)
  return String(decoding: collector.bytes, as: UTF8.self)
}

struct FunctionNamesTests {
  /// Two functions and three words, as boot/make-names.sh would put them.
  private var table: [UInt8] {
    func words(_ numbers: UInt32...) -> [UInt8] {
      numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
    let dictionary = ["Heap.", "free(", "_:)"].flatMap { word in
      Array(word.utf8.dropLast()) + [(word.utf8.last ?? 0) | 128]
    }
    let names: [UInt8] = [128, 129, 130, 0] + Array("irq".utf8) + [0]
    // One function at 0x10, and one in the second block of 256 KiB.
    let firsts =
      [0, 0, 1, 0]
      + [UInt8](repeating: 2, count: 62).enumerated().map { index, count in
        index % 2 == 0 ? count : 0
      } + [0, 0]
    return words(2, 3, UInt32(dictionary.count), UInt32(names.count)) + firsts
      + [4, 0, 16, 0] + [0, 0, 4, 0] + dictionary + names
  }

  @Test func names() {
    read(table) { names in
      guard let names else {
        Issue.record("no table")
        return
      }
      #expect(names.count == 2)
      #expect(names.function(at: 0xF) == nil)
      for (distance, expected) in [
        (0x10, "Heap.free(_:)"), (0x4003F, "Heap.free(_:)"), (0x40040, "irq"),
        (0xFF_FFFF, "irq"), (.max, "irq"),
      ] as [(UInt, String)] {
        guard let function = names.function(at: distance) else {
          Issue.record("nothing at \(distance)")
          continue
        }
        #expect(name(function, names) == expected)
      }
    }
  }

  @Test func emptyAndCutTables() {
    read([]) { names in #expect(names == nil) }
    let table = table
    for count in 0..<table.count { read(Array(table[..<count])) { names in #expect(names == nil) } }
  }

  /// A table that was overwritten names things wrongly, but no read leaves it and none goes on for ever.
  @Test func everyChangedByteIsSurvived() {
    let table = table
    for index in table.indices {
      for change: UInt8 in [1, 0x7F, 0x80, 0xFF] {
        var changed = table
        changed[index] ^= change
        read(changed) { names in
          guard let names else { return }
          for distance: UInt in [0, 0x10, 0x40040, 0x80000, .max] {
            guard let function = names.function(at: distance) else { continue }
            #expect(name(function, names).utf8.count <= 64)
          }
        }
      }
    }
  }

  /// The table of the kernel that was built last against what the tools say of it.
  @Test(arguments: ["build", "build/debug", "build/strict"])
  func tableOfTheKernel(folder: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let elf = root.appendingPathComponent("\(folder)/kernel8.elf").path
    guard FileManager.default.fileExists(atPath: elf) else {
      return print("left out: \(folder)/kernel8.elf is not built (make build)")
    }
    let script = """
      set -e; cd "$(mktemp -d)"
      llvm-objcopy -O binary --only-section=.names '\(elf)' table; base64 -w 0 table; echo
      llvm-nm --defined-only -n '\(elf)' | awk '$2 ~ /^[tTwW]$/ { print $1, $3 }' | \
        swift-demangle -compact -simplified
      rm table; rmdir "$PWD"
      """
    let lines = try shell(script).split(separator: "\n")
    let table = [UInt8](try #require(Data(base64Encoded: String(lines[0]))))
    #expect(table.count <= 65536)
    var expected: [UInt: Set<String>] = [:]
    for line in lines.dropFirst() {
      let fields = line.split(separator: " ", maxSplits: 1)
      let address = try #require(UInt(fields[0], radix: 16))
      expected[address, default: []].formUnion(forms(of: String(fields[1])))
    }
    #expect(expected.count > 500)
    let start: UInt = 0x200000
    read(table) { names in
      guard let names else {
        Issue.record("no table")
        return
      }
      // Neighbours that have come to one name are one function there.
      let isShortened = names.count < expected.count
      #expect(!isShortened || folder == "build/debug")
      for (address, all) in expected {
        guard let function = names.function(at: address - start) else {
          Issue.record("nothing at \(address)")
          continue
        }
        #expect(function.start == address - start || isShortened)
        let isNamed = all.contains(name(function, names))
        #expect(isNamed, "\(all) is called \(name(function, names))")
      }
    }
  }

  /// What boot/make-names.sh may call a function: each form is for when the one before leaves no room.
  private func forms(of demangled: String) -> [String] {
    var name = demangled.replacing("specialized ", with: "").replacing("static ", with: "")
    var forms = [name]
    name = name.replacing(/\([^()]*\)/, with: "()")
    forms.append(name)
    let line = " " + name
    if let match = line.firstMatch(of: #/ (outlined [a-z ]*[a-z]|merged) .*/#) {
      name = String(String(line[..<match.range.lowerBound] + " " + match.output.1).dropFirst())
    }
    forms.append(name)
    name = name.replacing(/<[^<>]*>/, with: "")
      .replacing("partial apply for ", with: "", maxReplacements: 1)
      .replacing(/(closure #[0-9]+ in )+/, with: "closure in ", maxReplacements: 1)
    forms.append(name)
    return forms + [name.replacing(/\.(getter|setter|modify|read)$/, with: "")]
  }

  private func shell(_ script: String) throws -> String {
    let (status, output) = try Child.run("/bin/sh", ["-c", script], errors: "/dev/null")
    try #require(status == 0)
    return output
  }
}
