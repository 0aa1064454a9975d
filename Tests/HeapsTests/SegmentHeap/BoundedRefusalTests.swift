import Testing

@testable import Heaps

/// What is refused is refused at once, however many segments there are: all but the last few lie in pages that
/// nobody may read meanwhile.
@Suite struct BoundedRefusalTests {
  /// Of a payload whose header has no true word left, a walk finds that it was one; of an inner one that it was
  /// none.
  @Test func theCodeIsWhatAWalkFinds() throws {
    let fixture = try SegmentFixture()
    fixture.heap.answerInCodes()
    let isValid = fixture.heap.isControlValid
    #expect(isValid)
    let payloads = (0..<3).map { _ in fixture.take(200) }
    let offset = payloads[1] - fixture.region.address
    #expect(fixture.region.free(offset + 48) == Int32(HeapFault.Kind.interiorPointer.rawValue))
    Raw.fill(payloads[1] - 8, 8, with: 0xEE)
    #expect(fixture.region.free(offset) == Int32(HeapFault.Kind.corruptHeader.rawValue))
    #expect(fixture.region.free(offset + 48) == Int32(HeapFault.Kind.corruptHeader.rawValue))
  }

  /// The slow path makes a report of which the code is a part, so that only the report walks.
  @Test func ofSeveralRegionsTheReportWalks() throws {
    let fixture = try SegmentFixture(8192, shape: .twoRegions)
    fixture.heap.answerInCodes()
    let payloads = (0..<3).map { _ in fixture.take(200) }
    Raw.fill(payloads[1] - 8, 8, with: 0xEE)
    let offset = payloads[1] - fixture.region.address
    #expect(fixture.region.free(offset) == Int32(HeapFault.Kind.interiorPointer.rawValue))
    let code = unsafe fixture.heap.deallocateOrRefuse(Raw.pointer(payloads[1]), caller: 0)
    #expect(code == Int32(HeapFault.Kind.corruptHeader.rawValue))
  }

  /// Where a report follows, which walks, a code does not: the reason is looked for once.
  @Test(arguments: [[], .hardened] as [SegmentHeap.Options])
  func aCodeBeforeAReport(_ options: SegmentHeap.Options) throws {
    let full = try FullHeap(options)
    let isRefused = full.alone { heap, payload in
      let code = unsafe heap.deallocateOrRefuse(Raw.pointer(payload + 32), caller: 0)
      return code == Int32(HeapFault.Kind.interiorPointer.rawValue)
    }
    #expect(isRefused && full.heap.fault == nil)
  }

  @Test func aWrongPointerToUsableSize() throws {
    let full = try FullHeap([])
    let isRefused = full.alone { heap, payload in
      [16, 8, 3].allSatisfy { unsafe heap.usableSizeOrNil(of: Raw.pointer(payload + $0)) == nil }
    }
    #expect(isRefused)
  }

  @Test(arguments: [16, 100_000]) func aWrongPointerToReallocate(_ byteCount: Int) throws {
    let full = try FullHeap([])
    let before = full.heap.statistics
    let isRefused = full.alone { heap, payload in
      [16, 8, 3].allSatisfy {
        unsafe heap.reallocateOrRefuse(
          Raw.pointer(payload + $0), byteCount: byteCount, caller: 0) == nil
      }
    }
    #expect(isRefused && full.heap.statistics == before && full.heap.fault == nil)
  }

  /// A debug heap that finds no fit looks at the quarantine and what is beside it, no further.
  @Test func aDebugAllocationWithoutRoom() throws {
    let full = try FullHeap(.debug)
    for index in stride(from: 0, to: 200, by: 2) { try full.heap.give(full.last[index]) }
    let count = full.heap.first.debugControl.count
    #expect(count > 10)
    let isRefused = full.alone { heap, _ in heap.take(5000) == nil }
    #expect(isRefused && full.heap.first.debugControl.count == count && full.heap.fault == nil)
  }
}

/// A heap of 10,000 payloads without room for another thousand bytes.
private final class FullHeap {
  let arena = GuardedArena(4 << 20, isFilled: false)
  var heap: SegmentHeap
  /// The last 200 of the 10,000.
  let last: [UInt]

  init(_ options: SegmentHeap.Options) throws {
    guard var heap = unsafe SegmentHeap(memory: arena.memory.buffer, options: options) else {
      throw HeapFault(.badArgument, address: arena.start)
    }
    var payloads: [UInt] = []
    while payloads.count < 10_000, let payload = heap.take(80 + payloads.count % 7 * 16) {
      payloads.append(payload)
    }
    while heap.take(900) != nil {}
    last = payloads.suffix(200)
    self.heap = heap
    try #require(payloads.count == 10_000)
  }

  /// True when `body` is for each of the last payloads, while those before cannot be read.
  func alone(_ body: (inout SegmentHeap, UInt) -> Bool) -> Bool {
    let far = heap.first.address + heap.first.control.first + 4096..<last[0] - 4096
    return arena.closing(far) { last.allSatisfy { body(&heap, $0) } }
  }
}
