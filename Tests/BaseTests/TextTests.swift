import Base
import Testing

private final class Collector: TextSink {
  private(set) var bytes: [UInt8] = []
  func write(byte: UInt8) { bytes.append(byte) }
}

private func written(_ body: (Collector) -> Void) -> String {
  let collector = Collector()
  body(collector)
  return String(decoding: collector.bytes, as: UTF8.self)
}

@Suite struct TextSinkTests {
  @Test func text() {
    #expect(written { $0.write("") } == "")
    #expect(written { $0.write("a") } == "a")
    #expect(written { $0.write("hé\n") } == "hé\n")
    #expect(written { $0.write(text: "word é") } == "word é")
    #expect(written { $0.write("ab", width: 5) } == "ab   ")
    #expect(written { $0.write("abcdef", width: 5) } == "abcdef")
    #expect(written { $0.write(spaces: -1) } == "")
    #expect(written { $0.write(byte: 0x2A, count: 3) } == "***")
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 12345, UInt.max / 10, UInt.max - 1, UInt.max])
  func decimal(value: UInt) {
    #expect(written { $0.write(decimal: value) } == "\(value)")
    let padded = written { $0.write(decimal: value, width: 22) }
    #expect(padded.count == 22)
    #expect(padded.drop { $0 == " " } == "\(value)")
    #expect(written { $0.write(decimal: value, width: 1) } == "\(value)")
  }

  @Test(arguments: [0, 7, -1, -9, -10, -12345, Int.min, Int.max])
  func signedDecimal(value: Int) {
    #expect(written { $0.write(decimal: value) } == "\(value)")
    let padded = written { $0.write(decimal: value, width: 22) }
    #expect(padded.count == 22)
    #expect(padded.drop { $0 == " " } == "\(value)")
  }

  @Test func hexadecimal() {
    #expect(written { $0.write(hex: 0) } == "0x00000000")
    #expect(written { $0.write(hex: 0, digits: 0) } == "0x")
    #expect(written { $0.write(hex: 0xAB, digits: 1) } == "0xab")
    #expect(written { $0.write(hex: 0x1234_5678_9) } == "0x123456789")
    #expect(written { $0.write(hex: UInt.max) } == "0xffffffffffffffff")
    #expect(written { $0.write(hex: 0x9A, digits: 16) } == "0x000000000000009a")
  }

  @Test func literalsKnowTheirBytes() async {
    #expect(("ab" as StaticString).byte(at: 1) == 0x62)
    await #expect(processExitsWith: .failure) { _ = ("ab" as StaticString).byte(at: 2) }
  }
}

@Suite struct ShortTextTests {
  private func text(_ string: String) throws -> ShortText {
    try #require(ShortText(string.utf8))
  }

  private func string(_ text: ShortText) -> String {
    written { $0.write(text) }
  }

  @Test func holdsUpToItsCapacity() throws {
    let longest = String(repeating: "x", count: ShortText.capacity)
    var text = try text(longest)
    #expect(text.count == 120)
    #expect(ShortText((longest + "x").utf8) == nil)
    let wasRefused = !text.append(1) && !text.insert(1, at: 0)
    #expect(wasRefused)
    #expect(string(text) == longest)
    text.remove(at: 119)
    let wasTaken = text.append(0x79)
    #expect(wasTaken)
    #expect(string(text) == String(repeating: "x", count: 119) + "y")
  }

  @Test func literals() {
    #expect(ShortText("abc").map(string) == "abc")
    #expect(ShortText("").map(\.isEmpty) == true)
    let tooLong: StaticString = """
      0123456789012345678901234567890123456789012345678901234567890123456789\
      012345678901234567890123456789012345678901234567890
      """
    #expect(tooLong.utf8CodeUnitCount == 121)
    #expect(ShortText(tooLong) == nil)
  }

  @Test func comparesByContent() throws {
    var a = try text("abc")
    #expect(try a == text("abc"))
    #expect(try a != text("abd"))
    #expect(try a != text("ab"))
    #expect(a == "abc" as StaticString)
    #expect(!(a == "abd" as StaticString))
    #expect(!(a == "abcd" as StaticString))
    a.remove(at: 2)
    #expect(try a == text("ab"), "bytes past the end do not count")
  }

  @Test func editsInTheMiddle() throws {
    var a = try text("ace")
    let wereTaken = [a.insert(0x62, at: 1), a.insert(0x64, at: 3), a.insert(0x66, at: 5)]
    #expect(wereTaken == [true, true, true])
    #expect(string(a) == "abcdef")
    a.remove(at: 0)
    a.remove(at: 2)
    #expect(string(a) == "bcef")
    #expect(a[1] == 0x63)
  }

  @Test func indicesPastTheEndTrap() async {
    await #expect(processExitsWith: .failure) { _ = ShortText("a").map { $0[1] } }
    await #expect(processExitsWith: .failure) {
      var text = ShortText()
      text.remove(at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var text = ShortText()
      _ = text.insert(1, at: 1)
    }
  }

  @Test(arguments: [
    "", " ", "a", " a", "a ", " a ", "a b", "  alloc\t12   16 ", "\t\t", "one two three four",
  ])
  func words(line: String) throws {
    let expected = line.split { $0 == " " || $0 == "\t" }.map(String.init)
    let text = try text(line)
    for (index, word) in expected.enumerated() {
      #expect(text.word(at: index).map(string) == word)
    }
    #expect(text.word(at: expected.count) == nil)
    #expect(text.word(at: -1) == nil)
  }

  @Test func writesFromTheMiddleAndQuoted() throws {
    let plain = try text("abcd")
    #expect(written { $0.write(plain, from: 2) } == "cd")
    let strange = try text("a\u{1b}\u{7f}é ~")
    #expect(written { $0.write(quoted: strange) } == "\"a???? ~\"")
  }
}
