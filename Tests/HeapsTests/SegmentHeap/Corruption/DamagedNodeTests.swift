import Testing

@testable import Heaps

/// One node of a trie that cannot be taken out, or not be found, because a word around it is wrong:
/// nothing is changed.
///
/// ```
///            root 4096
///   side 1 /    |     \ side 4        4096 and 4608 have a list mate each
///   4096+128  4096+256  4096+512
/// ```
@Suite struct DamagedNodeTests {
  private static let sizes = [4096, 4096, 4224, 4352, 4608, 4608, 4992]

  private final class Trie {
    let scene: FreeSegments
    var region: HeapRegion { scene.region }
    let root, mate, leaf, other, ringNode, ringMate: UInt

    init() throws {
      scene = try FreeSegments(65_536, free: DamagedNodeTests.sizes)
      let payloads = scene.payloads
      (root, mate, leaf, other) = (payloads[0], payloads[1], payloads[2], payloads[3])
      (ringNode, ringMate) = (payloads[4], payloads[5])
      #expect(region.head(region.largeClass(4096)) == root)
      #expect(region.nextFree(root) == mate && region.nextFree(ringNode) == ringMate)
    }

    func incomingLink(of payload: UInt) -> UInt {
      region.findLarge(region.sizeOfFree(payload)).link.bytes
    }

    /// Neither of the two that ask finds the segment in its place, and no byte is changed.
    func expectStays(_ payload: UInt, sourceLocation: SourceLocation = #_sourceLocation) {
      let before = MemoryCopy(of: scene.arena.memory)
      #expect(!region.isLinkedLarge(payload), sourceLocation: sourceLocation)
      #expect(!region.unlinkLarge(payload), sourceLocation: sourceLocation)
      #expect(before.isUnchanged, sourceLocation: sourceLocation)
      #expect(scene.arena.fillerIsIntact, sourceLocation: sourceLocation)
    }
  }

  @Test func soundOnesGo() throws {
    let trie = try Trie()
    for payload in [trie.root, trie.mate, trie.leaf, trie.other, trie.ringNode, trie.ringMate] {
      #expect(trie.region.isLinkedLarge(payload))
    }
    let saved = MemoryCopy(of: trie.scene.arena.memory)
    for payload in [trie.root, trie.mate, trie.leaf, trie.other, trie.ringNode, trie.ringMate] {
      #expect(trie.region.unlinkLarge(payload))
      #expect(!trie.region.isLinkedLarge(payload) || payload == trie.mate)
      saved.restore()
    }
    #expect(trie.scene.box.fault == nil)
  }

  /// The word that should point to it points elsewhere.
  @Test func pointedPast() throws {
    let trie = try Trie()
    trie.region.setNextFree(trie.incomingLink(of: trie.root), trie.leaf)
    trie.expectStays(trie.root)
    let second = try Trie()
    second.region.setNextFree(second.incomingLink(of: second.leaf), second.other)
    second.expectStays(second.leaf)
  }

  /// A ring of one that says it is a further member.
  @Test func aMemberAlone() throws {
    let trie = try Trie()
    trie.region.setIncomingLink(trie.leaf, SegmentTrie.listMember.bytes)
    trie.expectStays(trie.leaf)
  }

  /// The next of the list has another size, so it is no replacement.
  @Test func aMateOfAnotherSize() throws {
    let trie = try Trie()
    let sizeWord = trie.region.sizeWord(trie.mate)
    for change: UInt32 in [1, 2, 8, 16, 4096] {
      trie.region.setSizeWord(trie.mate, sizeWord ^ change)
      trie.expectStays(trie.root)
    }
  }

  /// A node without mates whose leaves cannot be reached, or are not sound.
  @Test func noHeir() throws {
    for side: UInt in [1, 2] {
      for wild in [0, 8, 16, 0xffff_fff0] as [UInt] {
        let trie = try Trie()
        #expect(trie.region.unlinkLarge(trie.mate))
        #expect(trie.region.childMask(trie.root) & 7 == 0b110)
        if side == 2 {
          trie.region.setChildMask(of: trie.root, trie.region.childMask(trie.root) & ~0b10)
        }
        trie.region.setNextFree(trie.region.childLink(trie.root, side), wild)
        trie.expectStays(trie.root)
      }
    }
    for change: UInt32 in [1, 4, 16, 1 << 31] {
      let trie = try Trie()
      #expect(trie.region.unlinkLarge(trie.mate))
      let right = trie.leaf + 4224
      trie.region.setPreviousSize(right, trie.region.previousSize(right) ^ change)
      trie.expectStays(trie.root)
    }
  }

  /// A way down that leads up again has no leaf at its end.
  @Test func noEnd() throws {
    let trie = try Trie()
    #expect(trie.region.unlinkLarge(trie.mate))
    trie.region.setChildMask(of: trie.leaf, 1)
    trie.region.setNextFree(trie.region.childLink(trie.leaf, 0), trie.root)
    trie.expectStays(trie.root)
    // The same, and the root agrees that it is a child of its own child.
    let circle = try Trie()
    #expect(circle.region.unlinkLarge(circle.mate))
    circle.region.setChildMask(of: circle.leaf, 1)
    circle.region.setNextFree(circle.region.childLink(circle.leaf, 0), circle.root)
    circle.region.setIncomingLink(circle.root, circle.region.childLink(circle.leaf, 0))
    circle.expectStays(circle.root)
    let short = try Trie()
    #expect(short.region.unlinkLarge(short.mate))
    short.region.setNextFree(short.region.childLink(short.root, 1), short.root)
    short.expectStays(short.root)
  }

  /// A search for a size ends at a node that does not belong on its path.
  @Test func searchesEndAtStrangers() throws {
    let trie = try Trie()
    let region = trie.region
    let sizeWord = region.sizeWord(trie.root)
    // Flags, and each bit of the size that the path so far has fixed.
    let flags = [1, 2, 4, 8].filter { $0 & SegmentHeader.flagMask != 0 }
    for change: UInt32 in flags + [1024, 2048, 4096, 1 << 13, 1 << 31] {
      region.setSizeWord(trie.root, sizeWord ^ change)
      #expect(region.findLarge(4224).node == Offset.damaged)
    }
    region.setSizeWord(trie.root, sizeWord)
    // A child in the place of another: one level down its three bits are fixed, too.
    let link = region.childLink(trie.root, 2)
    #expect(region.nextFree(link) == trie.other)
    region.setNextFree(link, trie.ringNode)
    #expect(region.findLarge(4352).node == Offset.damaged)
    #expect(region.findLarge(4352 + 16).node == Offset.damaged)
    #expect(trie.scene.arena.fillerIsIntact)
  }

  /// A new node is not put below a stranger either.
  @Test func noPlaceBelowStrangers() throws {
    let trie = try Trie()
    let region = trie.region
    let lastFreed = region.control.lastFreed
    #expect(region.control.lastFreedBytes == 4992)
    region.setChildMask(of: trie.root, region.childMask(trie.root) | 1 << 7)
    region.setNextFree(region.childLink(trie.root, 7), trie.other)
    let childMask = region.childMask(trie.other)
    region.insertLarge(lastFreed.bytes, 4992)
    #expect(region.takeNotedFault()?.kind == .corruptIndex)
    #expect(region.childMask(trie.other) == childMask)
  }

  /// A node whose size leads past the region's end gets no child, and nothing out there is read.
  @Test func pastTheEnd() throws {
    let fixture = try SegmentFixture(16384)
    let region = fixture.region
    let child = fixture.take(4216)
    _ = fixture.take(8)
    let last = fixture.take(4344)
    let rest = Int(region.control.topBytes) - 4096 - 16
    _ = fixture.take(rest - 8)
    let node = fixture.take(4088)
    _ = fixture.take(8)
    #expect(region.control.topBytes == 0)
    fixture.give(node)
    fixture.give(child)
    #expect(region.head(region.largeClass(4096)) == node - region.address)
    Raw.setWord(node - 8, Raw.word(node - 8) ^ 512)
    fixture.give(last)  // `child` would go below `node`
    #expect(fixture.heap.takeNotedFault()?.kind == .corruptIndex)
    #expect(region.childMask(node - region.address) == 0)
  }
}
