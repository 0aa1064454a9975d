import Replay
import Testing

/// The trace in `text`, or the line and fault for which it was refused.
func parse(_ text: String) throws(TraceError) -> Trace {
  try parse(bytes: Array(text.utf8))
}

func parse(bytes: [UInt8]) throws(TraceError) -> Trace {
  try Trace(parsing: bytes.span)
}

struct TraceParserTests {
  @Test func readsEveryOperation() throws {
    let trace = try parse("20000\n2\n6\n1\na 0 2040\nf -1\na 1 0\nr 0 4294967295\nf 1\nr 0 8\n")
    let expected = [
      TraceOperation(.allocate, identifier: 0, byteCount: 2040),
      TraceOperation(.freeNil),
      TraceOperation(.allocate, identifier: 1, byteCount: 0),
      TraceOperation(.reallocate, identifier: 0, byteCount: 4_294_967_295),
      TraceOperation(.free, identifier: 1),
      TraceOperation(.reallocate, identifier: 0, byteCount: 8),
    ]
    #expect(trace.operations == expected)
    #expect(trace.identifierCount == 2)
    #expect(trace.peakLiveByteCount == 4_294_967_295)
  }

  @Test func readsIdentifiersInAnyOrder() throws {
    let trace = try parse("1\n3\n3\n1\na 2 1\na 0 2\na 1 4\n")
    #expect(trace.operations.map(\.identifier) == [2, 0, 1])
    #expect(trace.peakLiveByteCount == 7)
  }

  @Test(arguments: [
    "1\n1\n2\n1\na 0 16\nf 0",
    "1\r\n1\r\n2\r\n1\r\na 0 16\r\nf 0\r\n",
    " 1 \n1\n2\n1\n\ta  0\t16 \n f 0\n\n \n\r\n",
  ])
  func forgivesBlanks(text: String) throws {
    let trace = try parse(text)
    #expect(trace.operations.count == 2)
    #expect(trace.peakLiveByteCount == 16)
  }

  @Test func readsATraceOfNothing() throws {
    #expect(try parse("0\n0\n0\n0\n").operations.isEmpty)
  }

  @Test func countsThePeakAcrossReallocationsAndFrees() throws {
    let trace = try parse("1\n2\n6\n1\na 0 100\nr 0 50\na 1 30\nf 0\nr 1 90\nf 1\n")
    #expect(trace.peakLiveByteCount == 100)
  }

  /// Any change of a byte gives a trace that makes sense, or a refusal: never a trap.
  @Test func survivesEveryChangedByte() {
    let text = Array("1\n2\n5\n1\na 0 16\na 1 8\nr 0 20\nf 1\nf -1\n".utf8)
    var refused = 0
    for index in text.indices {
      for byte in 0...UInt8.max {
        var changed = text
        changed[index] = byte
        do throws(TraceError) { _ = try parse(bytes: changed) } catch { refused += 1 }
      }
    }
    #expect(refused > text.count * 128)
  }
}
