import Testing

@testable import Heaps

/// A payload is written to after it was freed: over the links that the heap keeps there.
@Suite struct WriteIntoFreeLinksTests {
  static let fills: [UInt8] = [0x00, 0x01, 0x10, 0x41, 0xff]

  /// Freeing the payload beside it would take the damaged one out of its list or trie.
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func thenTheNeighbourIsFreed(_ shape: HeapShape, _ kind: NeighbourKind) throws {
    guard kind.isFree, kind != .lastFreed, kind != .top else { return }
    for fill in Self.fills {
      for byteCount in [4, 8] {
        for isLeft in [true, false] {
          let scene = try Neighbours(isLeft ? kind : .used, isLeft ? .used : kind, shape: shape)
          let fixture = scene.fixture
          let saved = MemoryCopy(of: fixture.arena.memory)
          Raw.fill(isLeft ? scene.left : scene.right, byteCount, with: fill)
          if saved.isUnchanged { continue }
          let fault = fixture.fault
          #expect(fault?.kind == .corruptIndex)
          fixture.expectFreeRefused(scene.middle, .corruptIndex, segment: scene.middle - 8)
          saved.restore()
          fixture.give(scene.middle)
          fixture.expectWorking()
        }
      }
    }
  }

  /// Allocating what was written to, or what lies behind it in its list.
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func thenItIsAllocated(_ shape: HeapShape, _ kind: NeighbourKind) throws {
    guard kind.isFree, kind != .lastFreed, kind != .top else { return }
    for fill in Self.fills {
      let scene = try Neighbours(.used, kind, shape: shape)
      let fixture = scene.fixture
      let byteCount = (fixture.segment(of: scene.right)?.byteCount ?? 0) - 8
      let saved = MemoryCopy(of: fixture.arena.memory)
      Raw.fill(scene.right, 8, with: fill)
      for alignment in [16, 32] {
        let damaged = MemoryCopy(of: fixture.arena.memory)
        let request = byteCount - (alignment - 16)
        let payload = fixture.heap.take(request, alignment: alignment)
        if payload == nil {
          // Refused, with the reason to be fetched.
          let noted = fixture.heap.takeNotedFault()
          #expect(noted?.kind == .corruptIndex)
        } else {
          // The damaged word was one that taking the segment does not follow, and is gone with it;
          // or another was taken, and the damage is still reported.
          #expect(fixture.fault?.kind == (payload == scene.right ? nil : .corruptIndex))
        }
        damaged.restore()
      }
      saved.restore()
      fixture.expectWorking()
    }
  }

  /// What the heap keeps nothing in may hold anything: the rest of a freed payload.
  @Test(arguments: HeapShape.allCases)
  func beyondTheLinks(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(200)
    _ = fixture.take(8)
    fixture.give(payload)
    Raw.fill(payload + 24, 176, with: 0xff)
    fixture.expectWorking()
  }

  /// The header of a freed segment, overwritten through an old pointer to its left.
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func overTheHeader(_ shape: HeapShape, _ kind: NeighbourKind) throws {
    guard kind.isFree, kind != .top else { return }
    for fill in Self.fills {
      let scene = try Neighbours(kind, .used, shape: shape)
      let fixture = scene.fixture
      let byteCount = (fixture.segment(of: scene.left)?.byteCount ?? 0) - 8
      let saved = MemoryCopy(of: fixture.arena.memory)
      Raw.fill(scene.left - 8, 4, with: fill)
      // A walk that comes by way of the index first names that.
      let fault = fixture.fault?.kind
      #expect(fault == .corruptHeader || kind.isIndexed && fault == .corruptIndex)
      fixture.expectFreeRefused(scene.middle, .corruptHeader, segment: scene.left - 8)
      if let payload = fixture.heap.take(byteCount) {
        #expect(payload != scene.left)
      } else {
        let noted = fixture.heap.takeNotedFault()
        #expect(noted != nil)
      }
      saved.restore()
      fixture.give(scene.middle)
      fixture.expectWorking()
    }
  }
}
