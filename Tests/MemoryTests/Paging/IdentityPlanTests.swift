import Base
import Memory
import Replay
import Testing

/// What is mapped of memory, and how, against a page by page account.
@Suite struct IdentityPlanTests {
  private let memory = Mapping(.readWrite, isPinned: true)
  private let stack = Mapping(.readWrite, purpose: .stack)
  private let text = Mapping(.readExecute, purpose: .image)

  private func bytes(_ start: UInt, _ end: UInt) -> PhysicalRange {
    PhysicalRange(from: PhysicalAddress(start), to: PhysicalAddress(end))
  }

  private func parts(_ plan: IdentityPlan, _ range: PhysicalRange) -> [(PhysicalRange, Mapping)] {
    var parts: [(PhysicalRange, Mapping)] = []
    plan.forEachPart(of: range, asMemory: memory) { parts.append(($0, $1)) }
    return parts
  }

  @Test func memoryAlone() {
    let found = parts(IdentityPlan(), bytes(0x1001, 0x5fff))
    #expect(found.map(\.0) == [bytes(0x2000, 0x5000)] && found.map(\.1) == [memory])
    #expect(parts(IdentityPlan(), bytes(0x1001, 0x1fff)).isEmpty)
  }

  /// A hole of one byte takes its page; what the kernel uses stays, whoever asked for a hole there.
  @Test func holesTakeWholePagesButNoPieces() {
    var plan = IdentityPlan()
    plan.add(bytes(0x3000, 0x4000), as: stack)
    plan.add(bytes(0x8000, 0x9000), as: nil)
    plan.leaveOut(bytes(0x5fff, 0x6001))
    plan.leaveOut(bytes(0x2800, 0x4800))
    plan.leaveOut(bytes(0, 0x800))
    plan.leaveOut(bytes(0x7000, 0x7000))
    let found = parts(plan, bytes(0, 0xa000))
    #expect(
      found.map(\.0) == [
        bytes(0x1000, 0x2000), bytes(0x3000, 0x4000), bytes(0x7000, 0x8000),
        bytes(0x9000, 0xa000),
      ])
    #expect(found.map(\.1) == [memory, stack, memory, memory])
  }

  /// A hole that reaches over the end of memory, and one that covers all of it.
  @Test func holesBeyondMemory() {
    var plan = IdentityPlan()
    plan.leaveOut(bytes(0x4000, UInt.max - 4096))
    #expect(parts(plan, bytes(0, 0x8000)).map(\.0) == [bytes(0, 0x4000)])
    plan.leaveOut(bytes(0, 0x9000))
    #expect(parts(plan, bytes(0, 0x8000)).isEmpty)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func randomPlans(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for round in 0..<300 {
      var plan = IdentityPlan()
      var model = [Mapping?](repeating: memory, count: 64)
      var pieces: [(Range<UInt>, Mapping?)] = []
      for _ in 0..<random.below(4) {
        let first = UInt(random.below(63))
        let range = first..<min(64, first + 1 + UInt(random.below(8)))
        pieces.append((range, [stack, text, nil][random.below(3)]))
      }
      for (range, mapping) in pieces {
        plan.add(bytes(range.lowerBound * 4096, range.upperBound * 4096), as: mapping)
      }
      for _ in 0..<random.below(6) {
        let start = UInt(random.below(64 * 4096))
        let end = start + 1 + UInt(random.below(5 * 4096))
        plan.leaveOut(bytes(start, end))
        for page in start / 4096...min(63, (end - 1) / 4096) { model[Int(page)] = nil }
      }
      // The piece that was added first wins.
      for (range, mapping) in pieces.reversed() {
        for page in range { model[Int(page)] = mapping }
      }
      let memory = UInt(random.below(32))..<UInt(32 + random.below(33))
      var found = [Mapping?](repeating: nil, count: 64)
      var last: UInt = 0
      for (part, mapping) in parts(
        plan, bytes(memory.lowerBound * 4096, memory.upperBound * 4096))
      {
        #expect(part.start.rawValue >= last && !part.isEmpty, "seed \(seed), round \(round)")
        last = part.end.rawValue
        for page in part.start.rawValue / 4096..<last / 4096 { found[Int(page)] = mapping }
      }
      for page in 0..<64 where !memory.contains(UInt(page)) { model[page] = nil }
      #expect(found == model, "seed \(seed), round \(round)")
    }
  }
}
