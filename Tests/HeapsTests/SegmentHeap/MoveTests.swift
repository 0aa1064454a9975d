import Testing

@testable import Heaps

/// A payload that must move, with a free right neighbour too small to grow into.
@Suite struct MoveTests {
  /// `[ left ][ middle ][ right ]`, all in use: segments of 112, 112 and 96 bytes, so that no two are in one list.
  private struct Scene {
    let fixture: SegmentFixture
    let left, middle, right: UInt

    init(_ shape: HeapShape) throws {
      fixture = try SegmentFixture(shape: shape)
      left = fixture.take(104)
      middle = fixture.take(104)
      right = fixture.take(88)
      _ = fixture.take(8)
    }

    /// Leaves no memory but what is freed later.
    func fill() {
      while fixture.heap.take(24) != nil {}
      while fixture.heap.take(8) != nil {}
    }
  }

  /// Where both neighbours are kept while the payload moves.
  private static let lastFreed = [true, false]

  @Test(arguments: HeapShape.allCases, lastFreed)
  func takesTheNeighbourAlong(_ shape: HeapShape, _ isLastFreed: Bool) throws {
    for isLeftFree in [true, false] {
      let scene = try Scene(shape)
      let other = scene.fixture.take(200)
      _ = scene.fixture.take(8)
      if isLeftFree { scene.fixture.give(scene.left) }
      scene.fixture.give(scene.right)
      if !isLastFreed { scene.fixture.give(other) }
      let moved = scene.fixture.resize(scene.middle, to: 400)
      #expect(moved != scene.middle && moved != 0)
      let start = isLeftFree ? scene.left : scene.middle
      #expect(scene.fixture.segment(of: start)?.byteCount == (isLeftFree ? 320 : 208))
      #expect(scene.fixture.segment(of: start)?.isFree == true)
      scene.fixture.expectWorking()
    }
  }

  /// Without memory it stays, and so does its neighbour.
  @Test(arguments: HeapShape.allCases)
  func staysWithoutMemory(_ shape: HeapShape) throws {
    let scene = try Scene(shape)
    scene.fill()
    scene.fixture.give(scene.right)
    let before = scene.fixture.statistics
    #expect(scene.fixture.resize(scene.middle, to: 400) == 0)
    let after = scene.fixture.statistics
    #expect(after.failureCount == before.failureCount + 1)
    #expect(after.usedBytes == before.usedBytes && after.freeBytes == before.freeBytes)
    #expect(scene.fixture.take(88) == scene.right)
    scene.fixture.expectSound()
  }

  /// Damage on the left keeps it from being freed: the new place is given back, and the neighbour stays
  /// where it was.
  @Test(arguments: HeapShape.allCases)
  func staysBesideDamage(_ shape: HeapShape) throws {
    let scene = try Scene(shape)
    let spare = scene.fixture.take(40)
    _ = scene.fixture.take(8)
    scene.fixture.give(scene.left)
    scene.fixture.give(scene.right)
    scene.fixture.give(spare)
    let before = scene.fixture.statistics
    let word = Raw.word(scene.left + 4)
    Raw.setWord(scene.left + 4, word ^ 64)
    #expect(scene.fixture.faultOfResizing(scene.middle, to: 400)?.kind == .corruptIndex)
    Raw.setWord(scene.left + 4, word)
    scene.fixture.expectSound()
    let after = scene.fixture.statistics
    #expect(after.usedBytes == before.usedBytes && after.liveCount == before.liveCount)
    #expect(after.freeSegmentCount == before.freeSegmentCount)
    scene.fixture.give(scene.middle)
    scene.fixture.expectWorking()
  }
}
