import Testing

@testable import Heaps

/// A heap, hardened or not, and one who attacks it: who can write wherever a bug of the program lets them, knows how a
/// heap that is not hardened writes its words, where everything lies and even the region's key, but not the secret.
final class AttackScene {
  let fixture: SegmentFixture
  /// Payloads that belong to somebody, and how long they are.
  private var owned: [(payload: UInt, byteCount: Int)] = []

  init(hardened: Bool) throws {
    fixture = try SegmentFixture(65536, shape: hardened ? .hardened : .oneRegion)
  }

  var region: HeapRegion { fixture.region }

  /// A payload of somebody, who writes to all of it or to none.
  func own(_ byteCount: Int, isWritten: Bool = true) -> UInt {
    let payload = fixture.take(byteCount)
    if isWritten { Bytes.fill(payload, count: byteCount, with: 0x5A) }
    owned.append((payload, byteCount))
    return payload
  }

  /// Its owner gives it back.
  func giveBack(_ payload: UInt) {
    owned.removeAll { $0.payload == payload }
    fixture.give(payload)
  }

  /// Free segments of `size` that are in the index, with what is beside them in use; the last-freed segment is
  /// another one, which for large ones needs to be larger.
  func freeSegments(_ count: Int, size: Int) -> [UInt] {
    let payloads = (0..<count).map { _ in
      let payload = own(size - 8)
      _ = (own(8), own(8))
      return payload
    }
    let last = ownApart(size)
    for payload in payloads { giveBack(payload) }
    giveBack(last)
    return payloads
  }

  /// A payload that is the last-freed segment when it is freed after segments of `size`, with one in use behind it.
  func ownApart(_ size: Int) -> UInt {
    let payload = own(size < 512 ? 8 : 4096)
    _ = own(8)
    return payload
  }

  // MARK: What the attacker writes

  func link(_ payload: UInt) -> UInt32 { UInt32(payload - region.address) }
  func head(_ size: Int) -> UInt32 { UInt32(region.headLink(Size(size)).bytes) }

  /// Writes a header as a heap that is not hardened would, and what the next one says of it.
  func forge(_ payload: UInt, size: Int, isFree: Bool, withEnd: Bool = true) {
    let size = Size(size)
    Raw.setWord(
      payload - 8,
      isFree ? SegmentHeader.freeSizeWord(size) : SegmentHeader.usedSizeWord(size))
    if withEnd { forgeEnd(payload + size.bytes, left: size) }
  }

  /// Writes a header that begins a segment in use, and what it says of the one to its left.
  func forgeEnd(_ payload: UInt, left: Size, leftIsFree: Bool = false) {
    let flags = SegmentHeader.usedPattern | (leftIsFree ? SegmentHeader.leftFree : 0)
    Raw.setWord(payload - 8, UInt32(SegmentHeader.minimumSegmentBytes.bytes) | flags)
    Raw.setWord(payload - 4, region.previousSizeWord(left))
  }

  func forgeLinks(_ payload: UInt, next: UInt32, previous: UInt32) {
    Raw.setWord(payload, next)
    Raw.setWord(payload + 4, previous)
  }

  // MARK: What it came to

  enum Outcome {
    /// Memory was handed out twice.
    case overlap
    /// A call was refused, or damage noted, before anything of the kind.
    case noticed
    /// The heap went on as if nothing had been.
    case noEffect
  }

  /// Frees what the attack needs freed, then takes payloads of these sizes until one lies in memory that is owned.
  func outcome(freeing frees: [UInt] = [], thenTaking sizes: [Int]) -> Outcome {
    for payload in frees {
      if fixture.faultOfGiving(payload) != nil { return .noticed }
      owned.removeAll { $0.payload == payload }
    }
    for size in sizes {
      guard let payload = fixture.heap.take(size - 8) else {
        return fixture.heap.takeNotedFault() != nil ? .noticed : .noEffect
      }
      let end = payload + UInt(size - 8)
      if owned.contains(where: { payload < $0.payload + UInt($0.byteCount) && $0.payload < end }) {
        return .overlap
      }
      owned.append((payload, size - 8))
      if fixture.heap.takeNotedFault() != nil { return .noticed }
    }
    return .noEffect
  }
}
