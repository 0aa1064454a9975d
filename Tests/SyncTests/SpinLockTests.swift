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

  /// Whoever asked first gets it first: core 0 asks only when it is free, and each other core when
  /// all before it wait.
  @Test func servesInTheOrderOfAsking() {
    let box = LockBox()
    let shared = Shared()
    onCores(4) { core in
      while box.lock.queueCount != core {}
      box.lock.withLock {
        if core == 0 { while box.lock.queueCount != 4 {} }
        shared.order.append(core)
      }
    }
    #expect(shared.order == [0, 1, 2, 3])
    #expect(box.lock.waitCount == 3)
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

  /// The counters run over after 2^32 tickets; nothing may come to a halt there.
  @Test func ticketsRunOver() {
    ThreadProcessor.become(core: 0)
    let words = UnsafeMutablePointer<LockWords>.allocate(capacity: 1)
    defer { unsafe words.deallocate() }
    unsafe words.initialize(to: LockWords())
    unsafe UnsafeMutableRawPointer(words).storeBytes(of: [.max, .max], as: [2 of UInt32].self)
    let lock = unsafe SpinLock<ThreadProcessor>("lock", rank: 0, in: words)
    for _ in 0..<3 { lock.withLock {} }
    #expect(lock.acquireCount == 3)
  }
}
