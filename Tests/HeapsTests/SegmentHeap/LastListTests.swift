import Testing

@testable import Heaps

/// Segments of the largest size with a list and of the smallest in a trie, side by side: each is taken out
/// of where it is kept.
@Suite struct LastListTests {
  /// A heap with `[ left ][ middle ][ right ]`, all in use, and what brings others into the index.
  private struct Scene {
    let fixture: SegmentFixture
    let left, middle, right: UInt
    private let spares: [UInt]

    init(_ shape: HeapShape, _ left: Int, _ right: Int) throws {
      fixture = try SegmentFixture(16384, shape: shape)
      self.left = fixture.take(left - 8)
      middle = fixture.take(40)
      self.right = fixture.take(right - 8)
      _ = fixture.take(8)
      let fixture = fixture
      spares = (0..<2).map { _ in
        let spare = fixture.take(1000)
        _ = fixture.take(8)
        return spare
      }
      fixture.expectSound()
    }

    /// Frees one of the neighbours and another segment, a large one, which is the last-freed segment then.
    func file(_ payload: UInt, _ spare: Int) {
      fixture.give(payload)
      fixture.give(spares[spare])
    }
  }

  private static let linear = 32 * SegmentHeap.payloadAlignment
  private static let sizes = [linear - 16, linear, linear + 16]

  @Test(arguments: HeapShape.allCases)
  func freedBetween(_ shape: HeapShape) throws {
    for left in Self.sizes {
      for right in Self.sizes {
        let scene = try Scene(shape, left, right)
        #expect(scene.fixture.region.control.linearBytes == UInt(Self.linear))
        scene.file(scene.left, 0)
        scene.file(scene.right, 1)
        scene.fixture.give(scene.middle)
        #expect(scene.fixture.segment(of: scene.left)?.byteCount == left + 48 + right)
        scene.fixture.expectWorking()
      }
    }
  }

  @Test(arguments: HeapShape.allCases)
  func freedBeside(_ shape: HeapShape) throws {
    for size in Self.sizes {
      for isLeft in [true, false] {
        let scene = try Scene(shape, size, size)
        scene.file(isLeft ? scene.left : scene.right, 0)
        scene.fixture.give(scene.middle)
        let start = isLeft ? scene.left : scene.middle
        #expect(scene.fixture.segment(of: start)?.byteCount == size + 48)
        scene.fixture.expectWorking()
      }
    }
  }

  /// Grown into, as far as it goes and not so far, and too small to be grown into.
  @Test(arguments: HeapShape.allCases)
  func resizedBeside(_ shape: HeapShape) throws {
    for size in Self.sizes {
      for grown in [80, size + 48 - 24, size + 48 - 8, size + 48] {
        let scene = try Scene(shape, 104, size)
        scene.file(scene.right, 0)
        let place = scene.fixture.resize(scene.middle, to: grown)
        #expect((place == scene.middle) == (grown < size + 48))
        scene.fixture.expectWorking()
      }
    }
  }

  /// The right one cannot be taken out: the left one is put back to the byte.
  @Test(arguments: HeapShape.allCases)
  func putBack(_ shape: HeapShape) throws {
    for left in Self.sizes {
      for right in Self.sizes where left != right {
        let scene = try Scene(shape, left, right)
        scene.file(scene.left, 0)
        scene.file(scene.right, 1)
        let saved = MemoryCopy(of: scene.fixture.arena.memory)
        for word in [scene.right, scene.right + 4] {
          Raw.setWord(word, Raw.word(word) ^ 32)
          scene.fixture.expectFreeRefused(
            scene.middle, .corruptIndex, segment: scene.middle - 8)
          saved.restore()
        }
        scene.fixture.give(scene.middle)
        scene.fixture.expectWorking()
      }
    }
  }

  /// The same, where the left one is a node with one child, which would be its heir.
  @Test(arguments: HeapShape.allCases)
  func aParentStays(_ shape: HeapShape) throws {
    for size in [Self.linear, Self.linear + 48] {
      let scene = try Scene(shape, Self.linear + 16, Self.linear - 16)
      let child = scene.fixture.take(size - 8)
      _ = scene.fixture.take(8)
      scene.file(scene.left, 0)
      scene.fixture.give(child)
      scene.file(scene.right, 1)
      let region = scene.fixture.region
      let side = UInt32(size - Self.linear) / UInt32(Granule.byteCount)
      #expect(region.childMask(scene.left - region.address) == 1 << side)
      let saved = MemoryCopy(of: scene.fixture.arena.memory)
      for word in [scene.right, scene.right + 4] {
        Raw.setWord(word, Raw.word(word) ^ 32)
        scene.fixture.expectFreeRefused(scene.middle, .corruptIndex, segment: scene.middle - 8)
        saved.restore()
      }
      scene.fixture.give(scene.middle)
      scene.fixture.expectWorking()
    }
  }
}
