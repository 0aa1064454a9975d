import Testing

@testable import Heaps

/// Links of a trie or ring that were written over: what would follow them notices, says so and
/// changes nothing.
@Suite struct DamagedTrieTests {
  /// Words that are no link here: no payload, outside the region, a payload that is in use.
  private static func wildLinks(_ fixture: SegmentFixture, used: UInt) -> [UInt32] {
    let region = fixture.region
    return [
      0, 8, UInt32(region.control.end), UInt32(region.control.end + 16), 0xffff_fff0,
      UInt32(used - region.address),
    ]
  }

  private static let free = NeighbourKind.allCases.filter(\.isFree)

  /// Both neighbours are free and the right one cannot be taken out: the left one stays, too.
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func besideAnotherFreeNeighbour(_ shape: HeapShape, _ damaged: NeighbourKind) throws {
    guard damaged.isFree, damaged != .lastFreed, damaged != .top else { return }
    for other in Self.free {
      for isLeft in [true, false] {
        let (left, right) = isLeft ? (damaged, other) : (other, damaged)
        guard Neighbours.areCompatible(left, right) else { continue }
        let scene = try Neighbours(left, right, shape: shape)
        let fixture = scene.fixture
        let target = isLeft ? scene.left : scene.right
        let saved = MemoryCopy(of: fixture.arena.memory)
        for word in [target, target + 4] {
          for link in Self.wildLinks(fixture, used: scene.middle) {
            Raw.setWord(word, link)
            fixture.expectFreeRefused(scene.middle, .corruptIndex, segment: scene.middle - 8)
            saved.restore()
          }
        }
        fixture.give(scene.middle)
        fixture.expectWorking()
      }
    }
  }

  /// A root that is no payload: the fault names the region, since no segment is to blame.
  @Test(arguments: HeapShape.allCases)
  func aWildRoot(_ shape: HeapShape) throws {
    let scene = try large(shape, sizes: [0, 0])
    let fixture = scene.fixture
    for payload in scene.payloads { fixture.give(payload) }
    let region = fixture.region
    let head = region.address + region.headLink(region.control.linearBytes)
    #expect(Raw.word(head) == UInt32(scene.payloads[0] - region.address))
    Raw.setWord(head, 8)
    #expect(fixture.heap.take(scene.byteCount - 200) == nil)
    let noted = fixture.heap.takeNotedFault()
    #expect(noted == HeapFault(.corruptIndex, address: region.address, segment: region.address - 8))
  }

  /// Three large payloads of a size and one beside them, all in use, in a heap without a latest.
  private struct Large {
    let fixture: SegmentFixture
    let payloads: [UInt]
    let byteCount: Int
  }

  private func large(_ shape: HeapShape, sizes: [Int]) throws -> Large {
    let fixture = try SegmentFixture(16384, shape: shape)
    let least = Int(fixture.region.control.linearBytes) + 8
    let payloads = sizes.map { more in
      let payload = fixture.take(least + more)
      _ = fixture.take(8)
      return payload
    }
    return Large(fixture: fixture, payloads: payloads, byteCount: least)
  }

  /// A segment that would join a list whose node points nowhere stays out of it, and that is noted.
  @Test(arguments: HeapShape.allCases)
  func joiningARing(_ shape: HeapShape) throws {
    let scene = try large(shape, sizes: [0, 0, 0])
    let (fixture, node) = (scene.fixture, scene.payloads[0])
    fixture.give(node)
    fixture.give(scene.payloads[1])  // the first becomes the node
    let saved = MemoryCopy(of: fixture.arena.memory)
    for link in Self.wildLinks(fixture, used: scene.payloads[2]) {
      Raw.setWord(node, link)
      fixture.give(scene.payloads[2])  // the second would join it
      let noted = fixture.heap.takeNotedFault()
      #expect(noted?.kind == .corruptIndex)
      #expect(fixture.fault != nil)
      saved.restore()
    }
    fixture.give(scene.payloads[2])
    fixture.expectWorking()
  }

  /// A segment that would become the child of a node whose header is spoilt stays out, and that is
  /// noted.
  @Test(arguments: HeapShape.allCases)
  func becomingAChild(_ shape: HeapShape) throws {
    let scene = try large(shape, sizes: [0, 16, 32])
    let (fixture, node) = (scene.fixture, scene.payloads[0])
    fixture.give(node)
    fixture.give(scene.payloads[1])
    let saved = MemoryCopy(of: fixture.arena.memory)
    let left = node + UInt(scene.byteCount) + 8 - 4  // what the next header says of the node
    for change: UInt32 in [1, 4, 16, 1 << 31] {
      Raw.setWord(left, Raw.word(left) ^ change)
      fixture.give(scene.payloads[2])  // the second would become its child
      let noted = fixture.heap.takeNotedFault()
      #expect(noted?.kind == .corruptIndex)
      saved.restore()
    }
    for change: UInt32 in [1, 2, 4, 8] {
      Raw.setWord(node - 8, Raw.word(node - 8) ^ change)
      fixture.give(scene.payloads[2])
      let noted = fixture.heap.takeNotedFault()
      #expect(noted?.kind == .corruptIndex)
      saved.restore()
    }
    fixture.give(scene.payloads[2])
    fixture.expectWorking()
  }

  /// A child stays where it is when its parent's mask does not count it, or the header behind the parent says
  /// that something else ends there.
  @Test(arguments: HeapShape.allCases)
  func takingAChildOut(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(16384, shape: shape)
    let least = Int(fixture.region.control.linearBytes) + 8
    let pairs = [0, 16, 32].map { (fixture.take(least + $0), fixture.take(8)) }
    for (payload, _) in pairs { fixture.give(payload) }
    let (node, beside) = (pairs[0].0, pairs[1].1)
    let region = fixture.region
    let children = (node - region.address + 47) & ~31
    let mask = region.address + children - 4
    #expect((Raw.word(mask) & 0xff).nonzeroBitCount == 1)
    let left = node + UInt(least) + 4
    let (savedMask, savedLeft) = (Raw.word(mask), Raw.word(left))
    Raw.setWord(mask, savedMask & ~0xff)
    fixture.expectFreeRefused(beside, .corruptIndex, segment: beside - 8)
    Raw.setWord(mask, savedMask)
    Raw.setWord(left, savedLeft ^ 16)
    fixture.expectFreeRefused(beside, .corruptHeader, segment: node - 8)
    Raw.setWord(left, savedLeft)
    fixture.give(beside)
    fixture.expectWorking()
  }
}
