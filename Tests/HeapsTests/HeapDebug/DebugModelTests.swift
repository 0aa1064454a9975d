import Testing

@testable import Heaps

/// Random use with random misuse: each misuse is named, and nothing else ever is.
@Suite struct DebugModelTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func everyMisuseIsNamed(seed: UInt64) throws {
    var run = MisuseRun(fixture: try DebugFixture(32768), seed: seed)
    for step in 0..<1500 {
      run.step(caller: UInt(step + 1))
      if let complaint = run.complaint {
        Issue.record("seed \(seed), step \(step): \(complaint)")
        return
      }
    }
    #expect(run.misuses > 100, "seed \(seed)")
  }
}

/// A debug heap and what it should know.
private struct MisuseRun {
  private struct Payload {
    var address: UInt
    var byteCount: Int
    var caller: UInt
  }

  let fixture: DebugFixture
  private var generator: SeededGenerator
  private var live: [Payload] = []
  /// By address, since a place can be freed, used and freed again.
  private var freed: [UInt: Payload] = [:]
  private(set) var misuses = 0
  /// What went wrong first.
  private(set) var complaint: String?

  init(fixture: DebugFixture, seed: UInt64) {
    self.fixture = fixture
    generator = SeededGenerator(seed: seed)
  }

  mutating func step(caller: UInt) {
    let kind = generator.below(8)
    if kind < 3 || live.isEmpty {
      allocate(caller)
    } else if kind < 5 {
      free(generator.below(live.count), caller)
    } else if kind == 5 {
      resize(generator.below(live.count), caller)
    } else if kind == 6 {
      overflow(live[generator.below(live.count)])
    } else {
      writeAfterFree()
    }
    if let fault = fixture.fault { complain("check: \(fault)") }
    if fixture.statistics.liveCount != live.count { complain("liveCount is wrong") }
  }

  private mutating func complain(_ words: String) { complaint = complaint ?? words }

  private mutating func allocate(_ caller: UInt) {
    let byteCount = 1 + generator.below(400)
    let address = fixture.take(byteCount, alignment: 16 << generator.below(4), caller: caller)
    guard address != 0 else { return }
    freed[address] = nil
    live.append(Payload(address: address, byteCount: byteCount, caller: caller))
  }

  private mutating func free(_ index: Int, _ caller: UInt) {
    let payload = live.remove(at: index)
    if let fault = fixture.give(payload.address, caller: caller) { complain("free: \(fault)") }
    freed[payload.address] = payload
    freed[payload.address]?.caller = caller
  }

  private mutating func resize(_ index: Int, _ caller: UInt) {
    let old = live[index]
    let byteCount = 1 + generator.below(400)
    let address = fixture.resized(old.address, to: byteCount, caller: caller)
    guard address != 0 else { return }
    live[index] = Payload(address: address, byteCount: byteCount, caller: caller)
    freed[address] = nil
    guard address != old.address else { return }
    freed[old.address] = old
    freed[old.address]?.caller = caller
  }

  private mutating func overflow(_ payload: Payload) {
    let byte = payload.address + UInt(payload.byteCount + generator.below(8))
    Bytes.flip(bit: generator.below(8), at: byte)
    let fault = fixture.give(payload.address)
    if fault?.kind != .overflow || fault?.address != byte || fault?.allocatedBy != payload.caller {
      complain("overflow at \(byte): \(String(describing: fault))")
    }
    Bytes[byte] = DebugTrailer.canary
    misuses += 1
  }

  private mutating func writeAfterFree() {
    let kept = freed.values.sorted { $0.address < $1.address }.filter {
      fixture.heap.debugPayload(at: $0.address)?.isQuarantined == true
    }
    guard !kept.isEmpty else { return }
    let payload = kept[generator.below(kept.count)]
    let byte = payload.address + UInt(generator.below(payload.byteCount))
    Bytes.flip(bit: generator.below(8), at: byte)
    let fault = fixture.fault
    if fault?.kind != .writeAfterFree || fault?.address != byte || fault?.freedBy != payload.caller
    {
      complain("write to \(byte): \(String(describing: fault))")
    }
    Bytes[byte] = DebugTrailer.freed
    if fixture.give(payload.address)?.kind != .doubleFree { complain("freed twice") }
    misuses += 1
  }
}
