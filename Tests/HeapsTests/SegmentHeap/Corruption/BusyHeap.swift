import Testing

@testable import Heaps

/// A heap with something of everything: lists of several lengths, tries with rings and children,
/// the last-freed segment and the top, payloads in use between them; in one region or in two.
final class BusyHeap {
  let fixture: SegmentFixture
  let arena: GuardedArena
  private let saved: MemoryCopy
  /// The memory as it was when damage was done.
  let damaged: MemoryCopy
  /// The free segments, before any damage.
  let free: [RawSegment]
  /// Where all headers are.
  let headers: [UInt]

  init(shape: HeapShape) throws {
    let fixture = try SegmentFixture(14336, shape: shape)
    self.fixture = fixture
    arena = fixture.arena
    var free: [UInt] = []
    let small = [40, 40, 40, 40, 8, 8, 8, 56, 104, 104, 200]
    let large = [520, 520, 520, 536, 552, 600, 616, 616, 904, 1000, 680, 700]
    for byteCount in small + large {
      free.append(fixture.take(byteCount))
      _ = fixture.take(24)
    }
    if shape == .twoRegions {
      // The second region has free segments of its own.
      let others = fixture.segments.filter { $0.payload >= fixture.arena.start + 14336 }.map(
        \.payload)
      for index in stride(from: 1, to: others.count, by: 3) { free.append(others[index]) }
    }
    var generator = SeededGenerator(seed: 3)
    for payload in free.shuffled(using: &generator) { fixture.give(payload) }
    fixture.expectSound()
    #expect(fixture.region.control.lastFreedBytes != 0 && fixture.region.control.topBytes > 600)
    saved = MemoryCopy(of: arena.memory)
    damaged = MemoryCopy(of: arena.memory)
    self.free = fixture.segments.filter(\.isFree)
    headers = fixture.segments.map { $0.payload - 8 }
  }

  func restore() { saved.restore() }
  var isAsSaved: Bool { saved.isUnchanged }

  var usedBytes: UInt { regions.reduce(0) { $0 + $1.control.usedBytes.bytes } }

  var regions: [HeapRegion] {
    var all: [HeapRegion] = []
    var next: HeapRegion? = fixture.region
    while let region = next {
      all.append(region)
      next = region.next
    }
    return all
  }
}

/// A word of a heap's metadata, and what it is.
struct MetadataWord: CustomStringConvertible {
  enum Kind {
    case control, bitmap, head, header, endMark, listLink, trieLink
  }

  var kind: Kind
  var address: UInt
  /// From its region's offset 0.
  var offset: Int
  var description: String { "\(kind) at \(offset)" }
}

extension BusyHeap {
  /// Every 32-bit word that the heap keeps for itself.
  var metadata: [MetadataWord] {
    regions.flatMap { region in
      let control = region.control
      let fixed = -MemoryLayout<RegionControl>.size
      let bitmap = unsafe Int(bitPattern: control.bitmap) - Int(region.address)
      let bitmapBytes = Int(IndexShape.bitmapWords(control.classCount)) * 8
      var words = Self.words(.control, region, fixed..<0)
      words += Self.words(.bitmap, region, bitmap..<bitmap + bitmapBytes)
      words += Self.words(.head, region, 0..<Int(control.classCount) * 4)
      for segment in RawSegments.read(region) ?? [] {
        let payload = Int(segment.payload - region.address)
        words += Self.words(.header, region, payload - 8..<payload)
        let isOutside =
          UInt(payload) == control.lastFreed || UInt(payload) == control.top || !segment.isFree
        if isOutside { continue }
        guard segment.byteCount >= Int(control.linearBytes) else {
          words += Self.words(.listLink, region, payload..<payload + 8)
          continue
        }
        words += Self.words(.trieLink, region, payload..<payload + 12)
        // The further members of a list have no children.
        if region.incomingLink(UInt(payload)) == SegmentTrie.listMember.bytes { continue }
        let children = Int(region.children(Offset(UInt(payload))))
        words += Self.words(.trieLink, region, children - 4..<children)
        // Of the children, those that the node says it has.
        for side in 0..<8 where region.childMask(UInt(payload)) >> UInt32(side) & 1 != 0 {
          let child = children + side * 4
          words += Self.words(.trieLink, region, child..<child + 4)
        }
      }
      return words + Self.words(.endMark, region, Int(control.end) - 8..<Int(control.end))
    }
  }

  private static func words(
    _ kind: MetadataWord.Kind, _ region: HeapRegion, _ range: Range<Int>
  ) -> [MetadataWord] {
    stride(from: range.lowerBound, to: range.upperBound, by: 4).map {
      MetadataWord(kind: kind, address: region.address.bits &+ UInt(bitPattern: $0), offset: $0)
    }
  }
}
