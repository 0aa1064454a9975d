import Sync
import Testing

/// Plain memory that only a lock protects: the thread sanitizer watches it.
private final class Shared: @unchecked Sendable {
  var value = 0
  var order: [UInt] = []
}

@Suite struct SpinLockTests {
  @Test func keepsCountsThatSeveralCoresAdd() {
    let box = LockBox()
    let shared = Shared()
    onCores(4) { _ in
      for _ in 0..<2_000 { box.lock.withLock { shared.value += 1 } }
    }
    #expect(shared.value == 8_000)
    #expect(box.lock.acquireCount == 8_000)
    #expect(box.lock.waitCount <= 8_000)
    #expect(box.lock.holder == nil)
  }

  @Test func nobodyIsInsideTogetherWithAnother() {
    let box = LockBox()
    let shared = Shared()
    onCores(3) { core in
      for _ in 0..<500 {
        box.lock.withLock {
          shared.order.append(core)
          #expect(box.lock.isHeldHere)
          #expect(box.lock.holder == core)
          #expect(shared.order.last == core)
        }
      }
    }
    #expect(shared.order.count == 1_500)
  }

  /// Whoever has waited long enough is the next, whoever asks after it and however often.
  @Test func whoHasWaitedLongGoesFirst() {
    let box = LockBox()
    let shared = Shared()
    onCores(3) { core in
      switch core {
      case 0:
        box.lock.withLock {
          while box.lock.first != 1 { ThreadProcessor.waitForEvent() }
          while box.lock.waitingCount != 2 { ThreadProcessor.waitForEvent() }
        }
        // Free for a moment, and taken by neither this core nor core 2.
        box.lock.withLock { shared.order.append(0) }
      case 1:
        while box.lock.holder != 0 { ThreadProcessor.waitForEvent() }
        box.lock.withLock { shared.order.append(1) }
      default:
        while box.lock.first != 1 { ThreadProcessor.waitForEvent() }
        box.lock.withLock { shared.order.append(2) }
      }
    }
    #expect(shared.order.first == 1)
    #expect(shared.order.sorted() == [0, 1, 2])
    #expect(box.lock.first == nil)
    #expect(box.lock.waitingCount == 0)
  }

  /// A core that takes the lock again and again cannot keep another one from it.
  @Test func nobodyStarves() {
    let box = LockBox()
    let shared = Shared()
    onCores(2) { core in
      var isOver = false
      while !isOver {
        box.lock.withLock {
          if core == 1 { shared.value = 1 }
          isOver = shared.value == 1
        }
      }
    }
    #expect(box.lock.holder == nil)
  }

  /// Without anybody in the way no word but the lock's own is waited for.
  @Test func freeLockIsTakenWithoutWaiting() {
    ThreadProcessor.become(core: 0)
    let box = LockBox()
    for _ in 0..<3 { box.lock.withLock {} }
    #expect(box.lock.acquireCount == 3)
    #expect(box.lock.waitCount == 0)
  }

  @Test func putsTheMaskBackAsItWas() throws {
    ThreadProcessor.become(core: 0)
    let outer = LockBox(rank: 0)
    let inner = LockBox(rank: 1)
    outer.lock.withLock {
      #expect(ThreadProcessor.state.isMasked)
      inner.lock.withLock {}
      #expect(ThreadProcessor.state.isMasked)
    }
    #expect(!ThreadProcessor.state.isMasked)
  }

  @Test func passesResultsAndErrorsOn() {
    struct Oops: Error {}
    ThreadProcessor.become(core: 0)
    let box = LockBox()
    #expect(box.lock.withLock { 7 } == 7)
    #expect(throws: Oops.self) { try box.lock.withLock { throw Oops() } }
    #expect(box.lock.holder == nil)
  }
}
