import Testing

@testable import Heaps

/// Each link of a free segment, turned to where it must not lead: nothing is written there, and what was to
/// be done is refused. docs/heap.md lists the links.
@Suite struct LinkTests {
  /// Where a link may be turned to: a live payload full of the very words that would make it look right.
  private func trap(_ payload: UInt, _ byteCount: Int, for offset: UInt) {
    for at in stride(from: 0, to: UInt(byteCount) & ~3, by: 4) {
      Raw.setWord(payload + at, UInt32(truncatingIfNeeded: offset))
    }
  }

  /// The first of a list is not handed out where the second does not point back to it.
  @Test(arguments: HeapShape.allCases)
  func takingTheFirstOfADamagedList(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(8192, shape: shape)
    let listed = (0..<3).map { _ in
      let payload = fixture.take(88)
      _ = fixture.take(8)
      return payload
    }
    let lastFreed = fixture.take(24)
    _ = fixture.take(8)
    for payload in listed + [lastFreed] { fixture.give(payload) }
    let back = Raw.word(listed[1] + 4)
    Raw.setWord(listed[1] + 4, back ^ 16)
    #expect(fixture.heap.take(88) == nil)
    let noted = fixture.heap.takeNotedFault()
    #expect(noted?.kind == .corruptIndex)
    Raw.setWord(listed[1] + 4, back)
    #expect(fixture.take(88) == listed[2])
    fixture.expectWorking()
  }

  enum Use: CaseIterable { case takeFirst, cut, mergeLeft, mergeRight, push }

  /// Lists: next and incoming link of the first, the middle and the last of three, for each use of the list.
  @Test(arguments: Use.allCases, 0..<3)
  func listLinks(_ use: Use, _ index: Int) throws {
    for word in [0, 4] as [UInt] {
      for offset in [0, 3, 16, 24] as [UInt] {
        let fixture = try SegmentFixture()
        let victim = fixture.take(200)
        var listed: [UInt] = []
        var beside: [UInt] = []
        for _ in 0..<3 {
          beside.append(fixture.take(40))
          listed.append(fixture.take(88))
        }
        beside.append(fixture.take(40))
        let more = fixture.take(88)
        _ = fixture.take(8)
        let lastFreed = fixture.take(24)
        _ = fixture.take(8)
        for payload in listed { fixture.give(payload) }
        fixture.give(use == .push ? more : lastFreed)
        trap(victim, 200, for: listed[index] - fixture.region.address)
        let saved = MemoryCopy(of: MemoryRange(start: victim - 8, byteCount: 200))
        Raw.setWord(
          listed[index] + word,
          UInt32(truncatingIfNeeded: victim - fixture.region.address + offset))
        run(use, index, fixture, beside, lastFreed)
        #expect(saved.isUnchanged, "\(use), \(index), word \(word), offset \(offset)")
        #expect(fixture.fault != nil)
        #expect(fixture.arena.fillerIsIntact)
      }
    }
  }

  private func run(
    _ use: Use, _ index: Int, _ fixture: SegmentFixture, _ beside: [UInt], _ lastFreed: UInt
  ) {
    switch use {
    case .takeFirst: for _ in 0..<3 { _ = fixture.heap.take(88) }
    case .cut: for _ in 0..<3 { _ = fixture.heap.take(64) }
    case .mergeLeft: _ = fixture.faultOfGiving(beside[index + 1])
    case .mergeRight: _ = fixture.faultOfGiving(beside[index])
    case .push: _ = fixture.faultOfGiving(lastFreed)
    }
  }

  /// Tries: every word of a node, turned to a live payload, to another free segment, and to the heads.
  @Test func trieLinks() throws {
    var refused = 0
    for word in 0..<24 as Range<UInt> {
      for target in 0..<4 {
        let fixture = try SegmentFixture(32768)
        let victim = fixture.take(400)
        var nodes: [UInt] = []
        var beside: [UInt] = []
        for size in [504, 520, 536, 552, 520, 504, 600, 616, 1000] {
          beside.append(fixture.take(40))
          nodes.append(fixture.take(size))
        }
        beside.append(fixture.take(40))
        for payload in nodes { fixture.give(payload) }
        let node = nodes[Int(word) % 3]
        trap(victim, 400, for: node - fixture.region.address)
        let saved = MemoryCopy(of: MemoryRange(start: victim - 8, byteCount: 400))
        let place = [victim + 16, victim + 20, nodes[7], fixture.region.address + 300][target]
        Raw.setWord(
          node + 4 * word, UInt32(truncatingIfNeeded: place - fixture.region.address))
        for payload in beside where fixture.faultOfGiving(payload) != nil { refused += 1 }
        for size in [504, 520, 560, 600] where fixture.heap.take(size) == nil { refused += 1 }
        #expect(saved.isUnchanged, "word \(word), target \(target)")
        #expect(fixture.arena.fillerIsIntact)
      }
    }
    #expect(refused > 50)
  }

  /// The control block's own: the last-freed segment and the top wherever they may point, the summary, the bitmap, heads.
  @Test func controlLinks() throws {
    var generator = SeededGenerator(seed: 41)
    for round in 0..<600 {
      let fixture = try SegmentFixture(round % 2 == 0 ? 512 : 4096)
      let region = fixture.region
      let payload = fixture.take(24)
      _ = fixture.take(8)
      let other = fixture.take(24)
      _ = fixture.take(8)
      fixture.give(payload)
      fixture.give(other)
      let wild = UInt(generator.next()) >> UInt(generator.below(64))
      switch round / 2 % 6 {
      case 0: region.control.lastFreed.plain = wild
      case 1: region.control.lastFreedBytes.plain = wild
      case 2: region.control.top.plain = wild
      case 3: region.control.topBytes.plain = wild
      case 4: region.control.summary = wild
      default: unsafe region.control.bitmap[0] = wild
      }
      for size in [24, 8, 100, 16] { _ = fixture.heap.take(size) }
      #expect(fixture.arena.fillerIsIntact)
    }
  }
}
