import Sync
import Synchronization
import Testing

/// Each misuse of a lock, and that nothing is changed by it.
@Suite struct LockFaultTests {
  private func fault(_ body: () throws(LockFault) -> Void) -> LockFault? {
    do throws(LockFault) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func takingTwiceOnOneCore() throws {
    ThreadProcessor.become(core: 2)
    let box = LockBox("heap", rank: 3)
    let mask = try box.lock.acquire(caller: 0x100)
    let found = fault { () throws(LockFault) in _ = try box.lock.acquire(caller: 0x200) }
    #expect(
      found
        == LockFault(
          kind: .takenTwice, lock: "heap", core: 2, caller: 0x200, holder: 2, holderCaller: 0x100))
    #expect(ThreadProcessor.state.isMasked)
    try box.lock.release(mask, caller: 0x300)
    #expect(!ThreadProcessor.state.isMasked)
    box.lock.withLock {}
  }

  @Test func givingBackFromAnotherCore() throws {
    ThreadProcessor.become(core: 1)
    let box = LockBox("maps")
    let mask = try box.lock.acquire(caller: 0x100)
    ThreadProcessor.state.core = 3
    let found = fault { () throws(LockFault) in try box.lock.release(0, caller: 0x200) }
    #expect(
      found
        == LockFault(
          kind: .heldByOther, lock: "maps", core: 3, caller: 0x200, holder: 1, holderCaller: 0x100))
    ThreadProcessor.state.core = 1
    try box.lock.release(mask, caller: 0x300)
  }

  @Test func givingBackWhatNobodyHolds() throws {
    ThreadProcessor.become(core: 1)
    let box = LockBox()
    let mask = try box.lock.acquire(caller: 0x100)
    try box.lock.release(mask, caller: 0x100)
    let found = fault { () throws(LockFault) in try box.lock.release(0, caller: 0x200) }
    #expect(found?.kind == .notHeld)
    #expect(found?.holder == nil)
    #expect(found?.holderCaller == 0)
  }

  /// A wait past the bound names both cores. The clock of this test does not wait: its bound is 0.
  @Test func waitingPastTheBound() async {
    await #expect(processExitsWith: .success) {
      ThreadProcessor.become(core: 0)
      ThreadProcessor.patience.store(0, ordering: .relaxed)
      let box = LockBox("pages")
      _ = try box.lock.acquire(caller: 0x100)
      ThreadProcessor.become(core: 1)
      do throws(LockFault) {
        _ = try box.lock.acquire(caller: 0x200)
      } catch {
        precondition(
          error
            == LockFault(
              kind: .waitedTooLong, lock: "pages", core: 1, caller: 0x200, holder: 0,
              holderCaller: 0x100))
        return
      }
      fatalError("not noticed")
    }
  }

  @Test func everyPairOutOfOrder() throws {
    let boxes = (0..<5).map { LockBox(rank: UInt32($0)) }
    for outer in boxes {
      for inner in boxes {
        ThreadProcessor.become(core: 0)
        let mask = try outer.lock.acquire(caller: 1)
        let found = fault { () throws(LockFault) in
          try inner.lock.release(try inner.lock.acquire(caller: 2), caller: 2)
        }
        if inner === outer {
          #expect(found?.kind == .takenTwice)
        } else if inner.lock.rank < outer.lock.rank {
          #expect(found?.kind == .wrongOrder)
          #expect(found?.holder == nil)
        } else {
          #expect(found == nil)
        }
        try outer.lock.release(mask, caller: 1)
        #expect(ThreadProcessor.heldLocks == 0)
      }
    }
  }

  @Test func twoLocksOfOneRankAreNotHeldTogether() throws {
    ThreadProcessor.become(core: 0)
    let (a, b) = (LockBox(rank: 2), LockBox(rank: 2))
    let mask = try a.lock.acquire(caller: 1)
    #expect(
      fault { () throws(LockFault) in _ = try b.lock.acquire(caller: 2) }?.kind == .wrongOrder)
    try a.lock.release(mask, caller: 1)
  }

  @Test func withLockReports() async {
    await #expect(processExitsWith: .failure) {
      ThreadProcessor.become(core: 0)
      let box = LockBox()
      box.lock.withLock { box.lock.withLock {} }
    }
  }

  @Test func everyKindHasItsOwnWords() {
    let words = LockFault.Kind.allCases.map { "\($0.description)" }
    #expect(Set(words).count == words.count)
  }
}
