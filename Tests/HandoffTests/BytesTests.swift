import Base
import Handoff
import Testing

@Suite struct BytesTests {
  @Test func readsInsideAndNothingOutside() {
    FencedMemory.with([1, 2, 3, 4, 5, 6, 7, 8, 9]) { bytes in
      #expect(bytes.count == 9 && !bytes.isEmpty)
      #expect(bytes[0] == 1 && bytes[8] == 9)
      #expect(bytes[9] == nil && bytes[-1] == nil && bytes[Int.max] == nil && bytes[Int.min] == nil)
      #expect(bytes.bigEndian32(at: 1) == 0x0203_0405)
      #expect(bytes.littleEndian32(at: 5) == 0x0908_0706)
      #expect(bytes.bigEndian64(at: 1) == 0x0203_0405_0607_0809)
      for offset in [6, 9, -1, Int.max, Int.max - 3, Int.min] {
        #expect(bytes.bigEndian32(at: offset) == nil)
        #expect(bytes.littleEndian32(at: offset) == nil)
        #expect(bytes.bigEndian64(at: offset) == nil)
      }
      #expect(bytes.bigEndian64(at: 2) == nil)
    }
  }

  @Test func slicesInsideAndNothingOutside() {
    FencedMemory.with([1, 2, 3, 4]) { bytes in
      #expect(bytes.slice(from: 4, count: 0)?.isEmpty == true)
      #expect(bytes.slice(from: 1, count: 2)?[1] == 3)
      #expect(bytes.slice(from: 1, count: 2)?[2] == nil)
      #expect(bytes.suffix(from: 3)?[0] == 4)
      let outside = [(5, 0), (0, 5), (4, 1), (-1, 1), (1, -1), (1, Int.max), (Int.max, 1)]
      for (offset, count) in outside { #expect(bytes.slice(from: offset, count: count) == nil) }
      #expect(bytes.suffix(from: 5) == nil && bytes.suffix(from: Int.min) == nil)
    }
  }

  @Test func aViewNeverLeavesTheAddressSpace() {
    let bytes = unsafe Bytes(unsafeAddress: UInt.max - 3, count: 100)
    #expect(bytes.count == 3)
    let large = unsafe Bytes(unsafeAddress: 0, count: UInt.max)
    #expect(large.count == Int.max)
    // On the host, nothing is at address 0; the board has readable memory there.
    #expect(large[0] == nil)
    #expect(Bytes.empty.isEmpty && Bytes.empty[0] == nil)
  }

  @Test func text() {
    FencedMemory.with(Array("Roost\0Heap".utf8)) { bytes in
      #expect(bytes.terminatedText().map { $0 == "Roost" } == true)
      #expect(bytes.terminatedText(at: 5)?.isEmpty == true)
      #expect(bytes.terminatedText(at: 6) == nil && bytes.terminatedText(at: -1) == nil)
      #expect(bytes.firstOffset(of: 0) == 5 && bytes.firstOffset(of: 0, from: 6) == nil)
      let heap = bytes.suffix(from: 6) ?? .empty
      #expect(heap == "Heap")
      for other in ["heap", "Hea", "Heaps", ""] as [StaticString] { #expect(!(heap == other)) }
      #expect(bytes.contains("heap") && bytes.contains("roost") && !bytes.contains("heaps"))
    }
  }

  @Test func everySourceAndReasonHasItsOwnWords() {
    let sources: [HandoffSource] = [.deviceTree, .atags, .mailbox, .builtIn, .commandLine]
    #expect(Set(sources.map { $0.description.description }).count == sources.count)
    let reasons: [ReservedRange.Reason] = [
      .firmware, .kernelImage, .bootStacks, .deviceTree, .atags, .initrd, .reservationBlock,
      .reservedMemoryNode, .pageArray, .kernelHeap, .earlyHeap,
    ]
    #expect(Set(reasons.map { $0.description.description }).count == reasons.count)
  }
}
