import Testing

@testable import Heaps

/// Where a small request is served from: a list, the last-freed segment, the top, or, on the slow path, a trie.
///
/// What tells them apart: what comes from a list or a trie is taken with a look at what the next header
/// says of it. With that spoilt beside every free segment, the last-freed segment and the top serve all the same.
@Suite struct WayTests {
  /// Where the free segments of a heap of 8 KiB are; each size counts the header.
  struct Scene: CustomTestStringConvertible {
    /// In the index.
    var filed: [Int] = []
    var lastFreed = 0
    var top: Int
    let request: Int
    /// With spoilt headers beside all free segments.
    let isServed: Bool

    var testDescription: String {
      "\(filed) filed, lastFreed \(lastFreed), top \(top): \(request) \(isServed ? "served" : "refused")"
    }
  }

  static let linear = 32 * SegmentHeap.payloadAlignment
  static let scenes = [
    // The index has one that is larger: it is cut, unless the top or the last-freed segment might be smaller.
    Scene(filed: [96], top: 1024, request: 48, isServed: false),
    Scene(filed: [96], top: 96, request: 48, isServed: false),
    Scene(filed: [96], top: 80, request: 48, isServed: true),
    Scene(filed: [96], lastFreed: 64, top: 1024, request: 48, isServed: true),
    Scene(filed: [96], lastFreed: 96, top: 1024, request: 48, isServed: true),
    Scene(filed: [96], lastFreed: 128, top: 1024, request: 48, isServed: false),
    Scene(filed: [96], lastFreed: 32, top: 1024, request: 48, isServed: false),
    // It has just the right size: nothing else matters.
    Scene(filed: [48], lastFreed: 64, top: 64, request: 48, isServed: false),
    Scene(filed: [96], lastFreed: 48, top: 48, request: 48, isServed: true),
    // Only the last-freed segment and the top.
    Scene(lastFreed: 64, top: 1024, request: 48, isServed: true),
    Scene(lastFreed: 64, top: 64, request: 48, isServed: true),
    Scene(lastFreed: 80, top: 64, request: 48, isServed: true),
    Scene(lastFreed: 32, top: 64, request: 48, isServed: true),
    Scene(lastFreed: 32, top: 48, request: 48, isServed: true),
    Scene(top: 64, request: 48, isServed: true),
    Scene(top: 48, request: 48, isServed: true),
    Scene(lastFreed: linear - 16, top: 1024, request: 48, isServed: true),
    Scene(lastFreed: linear, top: 1024, request: 48, isServed: true),
    // The largest request with a list of its own, and the next.
    Scene(lastFreed: linear - 16, top: 1024, request: linear - 16, isServed: true),
    Scene(lastFreed: linear, top: 1024, request: linear, isServed: true),
    // The index has only large ones: the last-freed segment is cut if it is of a smaller class.
    Scene(filed: [linear], lastFreed: linear - 16, top: 1024, request: 48, isServed: true),
    Scene(filed: [linear + 64], lastFreed: linear, top: 1024, request: 48, isServed: true),
    Scene(filed: [linear + 128], lastFreed: linear + 16, top: 1024, request: 48, isServed: true),
    Scene(filed: [linear + 128], lastFreed: linear + 112, top: 1024, request: 48, isServed: true),
    Scene(filed: [linear + 128], lastFreed: linear + 128, top: 1024, request: 48, isServed: true),
    Scene(filed: [linear + 128], lastFreed: 32, top: 1024, request: 48, isServed: false),
    Scene(filed: [linear + 128], top: 1024, request: 48, isServed: false),
  ]

  @Test(arguments: scenes) func way(_ scene: Scene) throws {
    let fixture = try make(scene)
    let saved = MemoryCopy(of: fixture.arena.memory)
    let expected = fixture.take(scene.request - 8)
    saved.restore()
    for segment in fixture.segments where segment.isFree {
      Raw.setWord(segment.end - 4, Raw.word(segment.end - 4) ^ 16)
    }
    let payload = fixture.heap.take(scene.request - 8)
    #expect((payload != nil) == scene.isServed)
    if let payload { #expect(payload == expected) }
  }

  /// Growing into the top and shrinking beside it, with what ends the region spoilt: only growing is
  /// short.
  @Test(arguments: [(64, false), (200, true), (1024, true), (1136, false), (32, false)])
  func besideTheTop(_ size: Int, _ isShort: Bool) throws {
    let fixture = try SegmentFixture()
    _ = fixture.take(Int(fixture.region.control.topBytes) - 1024 - 112 - 8)
    let payload = fixture.take(104)
    #expect(fixture.region.control.topBytes == 1024)
    let end = fixture.region.address + fixture.region.control.end
    Raw.setWord(end - 4, Raw.word(end - 4) ^ 16)
    let moved = unsafe UInt(
      bitPattern: fixture.region.resizeOrMove(payload - fixture.region.address, to: UInt(size)))
    #expect(moved == (isShort ? payload : 0))
    #expect(
      fixture.region.takeRefusal() == (isShort ? 0 : UInt(HeapFault.Kind.corruptHeader.rawValue)))
  }

  private func make(_ scene: Scene) throws -> SegmentFixture {
    let fixture = try SegmentFixture()
    #expect(fixture.region.control.linearBytes == UInt(Self.linear))
    let payloads = (scene.filed + [scene.lastFreed]).map { size -> UInt in
      guard size != 0 else { return 0 }
      let payload = fixture.take(size - 8)
      _ = fixture.take(8)
      return payload
    }
    fixture.cutTop(to: scene.top)
    for payload in payloads.dropLast() {
      fixture.give(payload)
      file(in: fixture)
    }
    if let lastFreed = payloads.last, lastFreed != 0 { fixture.give(lastFreed) }
    let control = fixture.region.control
    #expect(control.lastFreedBytes == UInt(scene.lastFreed) && control.topBytes == UInt(scene.top))
    fixture.expectSound()
    return fixture
  }

  /// Puts the last-freed segment into the index.
  private func file(in fixture: SegmentFixture) {
    let control = fixture.region.control
    let size = control.lastFreedBytes
    fixture.region.control.lastFreed = Offset.nowhere
    fixture.region.control.lastFreedBytes = .zero
    if size < control.linearBytes {
      fixture.region.pushSmall(control.lastFreed, size, then: ())
    } else {
      fixture.region.insertLarge(control.lastFreed, size, then: ())
    }
  }
}
