import Testing

@testable import Heaps

/// Where the heap keeps a free neighbour, or that it is none.
enum NeighbourKind: CaseIterable {
  /// In use, or there is none because the region begins or ends here.
  case used, edge
  /// In the list of its size, alone, at its front, or further back.
  case listed, listedFirst, listedLater
  /// The segment freed last.
  case lastFreed
  /// In a trie: alone, the node of a list, a member of a list, a node with children.
  case trie, ringNode, listMember, branch
  /// The free segment that ends the region.
  case top

  var isFree: Bool { self != .used && self != .edge }
  var isIndexed: Bool { isFree && self != .lastFreed && self != .top }
  var isLarge: Bool { [.trie, .ringNode, .listMember, .branch].contains(self) }
}

/// A payload in use between neighbours of any two kinds:
///
/// ```
/// | company | left | middle | right | guard | rest |      the usual case
/// | company | left | middle | rest                 |      the right one is the top
/// | company | left | middle                        |      there is none to the right
/// | middle | right | guard | company | rest        |      there is none to the left
/// ```
///
/// The company is what makes a neighbour's list, ring or trie have others in it.
final class Neighbours {
  let fixture: SegmentFixture
  private(set) var left: UInt = 0
  private(set) var middle: UInt = 0
  private(set) var right: UInt = 0
  let middleBytes = 40
  private var leftCompany: [UInt] = []
  private var rightCompany: [UInt] = []
  private var spare: UInt = 0

  /// True for two kinds that can be beside the same payload.
  static func areCompatible(_ left: NeighbourKind, _ right: NeighbourKind) -> Bool {
    left != .top && !(left == .lastFreed && right == .lastFreed)
      && !(left == .edge && right == .edge)
      && !(left == .edge && right == .top)
  }

  init(_ leftKind: NeighbourKind, _ rightKind: NeighbourKind, shape: HeapShape) throws {
    fixture = try SegmentFixture(12288, shape: shape)
    if leftKind == .edge {
      placeThree(leftKind, rightKind)
      placeCompany(leftKind, rightKind)
    } else {
      placeCompany(leftKind, rightKind)
      placeThree(leftKind, rightKind)
    }
    free(left, leftKind, leftCompany)
    free(right, rightKind, rightCompany)
    // What was freed last so far goes into the index, unless a neighbour is to be the last-freed segment.
    let lastFreed = leftKind == .lastFreed ? left : rightKind == .lastFreed ? right : spare
    fixture.give(lastFreed)
    #expect(fixture.region.control.lastFreed == lastFreed - fixture.region.address)
    fixture.expectSound()
  }

  /// Payload bytes of a neighbour. The latest must be large to take the place of a large one.
  private static func byteCount(_ kind: NeighbourKind, beside other: NeighbourKind, _ large: Int)
    -> Int
  {
    kind.isLarge || kind == .lastFreed && other.isLarge ? large : large / 6
  }

  private func placeThree(_ leftKind: NeighbourKind, _ rightKind: NeighbourKind) {
    if leftKind != .edge { left = fixture.take(Self.byteCount(leftKind, beside: rightKind, 648)) }
    if rightKind == .edge {
      middle = fixture.take(Int(fixture.region.control.topBytes) - 8)
    } else {
      middle = fixture.take(middleBytes)
    }
    guard rightKind != .edge, rightKind != .top else { return }
    right = fixture.take(Self.byteCount(rightKind, beside: leftKind, 904))
    _ = fixture.take(24)
  }

  private func placeCompany(_ leftKind: NeighbourKind, _ rightKind: NeighbourKind) {
    leftCompany = place(leftKind, Self.byteCount(leftKind, beside: rightKind, 648))
    rightCompany = place(rightKind, Self.byteCount(rightKind, beside: leftKind, 904))
    // Large, so that it takes the place of the last-freed segment whatever that is.
    spare = fixture.take(1096)
    _ = fixture.take(24)
  }

  private func place(_ kind: NeighbourKind, _ byteCount: Int) -> [UInt] {
    let sizes: [Int] =
      switch kind {
      case .listedFirst, .listedLater, .ringNode, .listMember: [byteCount, byteCount]
      case .branch: [byteCount - 16, byteCount + 16, byteCount + 32]
      default: []
      }
    return sizes.map { size in
      let payload = fixture.take(size)
      _ = fixture.take(24)
      return payload
    }
  }

  /// Frees a neighbour and its company in the order that gives it its kind.
  private func free(_ payload: UInt, _ kind: NeighbourKind, _ company: [UInt]) {
    switch kind {
    case .used, .edge, .top, .lastFreed: break
    case .listedFirst, .listMember:
      for other in company { fixture.give(other) }
      fixture.give(payload)
    case .listed, .trie, .listedLater, .ringNode, .branch:
      fixture.give(payload)
      for other in company { fixture.give(other) }
    }
  }
}
