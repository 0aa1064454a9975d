import Record
import Testing

/// Raw memory for rings and tables.
@safe final class Room {
  let bytes: UnsafeMutableRawBufferPointer
  init(_ byteCount: Int) { unsafe bytes = .allocate(byteCount: byteCount, alignment: 16) }
  deinit { unsafe bytes.deallocate() }
}

/// A generator with a seed (Knuth, MMIX).
struct Dice: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 31
  }
}

@Suite struct EventRingTests {
  static let imageStart: UInt = 0x20_0000

  static func event(_ dice: inout Dice, depth: Int, time: UInt64) -> HeapEvent {
    let kind = [HeapEvent.Kind.allocate, .reallocate, .free][Int.random(in: 0..<3, using: &dice)]
    var callers = CallerChain()
    for _ in 0..<Int.random(in: 0...depth, using: &dice) {
      callers.append(imageStart + UInt.random(in: 0..<0x8_0000, using: &dice))
    }
    return HeapEvent(
      kind, core: UInt8.random(in: 0..<4, using: &dice), time: time,
      address: UInt.random(in: 0...UInt.max, using: &dice),
      oldAddress: kind == .reallocate ? UInt.random(in: 0...UInt.max, using: &dice) : 0,
      byteCount: kind == .free ? 0 : UInt.random(in: 0..<1 << 48, using: &dice),
      alignment: kind == .free ? 16 : 1 << UInt.random(in: 0..<40, using: &dice),
      callers: callers)
  }

  /// Against a plain list of all events, in rings of every depth that go round several times.
  @Test(arguments: 1...8, [UInt64(1), 2])
  func keepsTheLast(_ depth: Int, _ seed: UInt64) throws {
    let size = EventRing.eventByteCount(depth: depth)
    let room = Room(size * 37 + 5)
    var ring = try #require(
      unsafe EventRing(memory: room.bytes, depth: depth, imageStart: Self.imageStart))
    #expect(ring.capacity == 37)
    var dice = Dice(state: seed)
    var all: [HeapEvent] = []
    for time in UInt64(0)..<200 {
      let event = Self.event(&dice, depth: depth, time: time * 977)
      all.append(event)
      ring.append(event)
      let start = max(0, all.count - 37)
      #expect(ring.endSequence == UInt64(all.count) && ring.startSequence == UInt64(start))
      for number in start..<all.count {
        #expect(ring[UInt64(number)] == all[number], "seed \(seed), event \(number)")
      }
      #expect(ring[UInt64(all.count)] == nil)
      if start > 0 { #expect(ring[UInt64(start - 1)] == nil) }
    }
    ring.removeAll()
    #expect(ring.endSequence == 0 && ring[0] == nil)
  }

  @Test func callersBeyondTheDepthAreLeftOut() throws {
    let room = Room(4096)
    var ring = try #require(
      unsafe EventRing(memory: room.bytes, depth: 3, imageStart: Self.imageStart))
    var chain = CallerChain()
    for number in UInt(0)..<8 { chain.append(Self.imageStart + number * 4) }
    ring.append(HeapEvent(.allocate, time: 1, address: 64, byteCount: 5, callers: chain))
    let kept = try #require(ring[0])
    #expect(kept.callers.count == 3 && kept.callers[2] == Self.imageStart + 8)
  }

  @Test func refusals() {
    let room = Room(4096)
    let short = Room(EventRing.eventByteCount(depth: 1) * 15)
    #expect(unsafe EventRing(memory: room.bytes, depth: 0, imageStart: 0) == nil)
    #expect(unsafe EventRing(memory: room.bytes, depth: 9, imageStart: 0) == nil)
    #expect(unsafe EventRing(memory: short.bytes, depth: 1, imageStart: 0) == nil)
    let odd = unsafe UnsafeMutableRawBufferPointer(rebasing: room.bytes[4...])
    #expect(unsafe EventRing(memory: odd, depth: 1, imageStart: 0) == nil)
  }

  /// Nothing outside its memory is written.
  @Test func staysInside() throws {
    let size = EventRing.eventByteCount(depth: 8)
    let room = Room(size * 18)
    unsafe room.bytes.initializeMemory(as: UInt8.self, repeating: 0x5A)
    let inner = unsafe UnsafeMutableRawBufferPointer(rebasing: room.bytes[size..<(size * 17)])
    var ring = try #require(unsafe EventRing(memory: inner, depth: 8, imageStart: 0))
    var dice = Dice(state: 7)
    for time in UInt64(0)..<100 { ring.append(Self.event(&dice, depth: 8, time: time)) }
    for at in Array(0..<size) + Array((size * 17)..<(size * 18)) {
      #expect(unsafe room.bytes[at] == 0x5A, "byte \(at)")
    }
  }
}
