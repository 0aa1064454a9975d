import Synchronization

/// A ticket lock: cores get it in the order in which they asked (Reed and Kanodia, "Synchronization
/// with eventcounts and sequencers", 1979). Interrupts are masked while a core waits and holds.
///
/// It knows its holder. Taking it twice on one core, giving it back from another, and waiting longer
/// than `Processor.longestWait` is a `LockFault`, never a hang. A build for debugging also checks the
/// order: a lock may be taken only while every lock that the core holds has a lower `rank`.
///
/// The value is a handle; the lock is in its `LockWords`. Nothing here allocates.
@safe public struct SpinLock<Processor: Sync.Processor> {
  /// The name in reports.
  public let name: StaticString
  /// The place in the order of locks: 0 to 31.
  public let rank: UInt32
  private let words: UnsafePointer<LockWords>

  /// The lock in `words`.
  ///
  /// - Precondition: `words` is all zero when the lock is first used, stays where it is as long as any
  ///   handle to it, and belongs to handles of the same `rank` only.
  @unsafe @inline(__always)
  public init(_ name: StaticString, rank: UInt32, in words: UnsafePointer<LockWords>) {
    self.name = name
    self.rank = rank
    unsafe self.words = words
  }

  /// Runs `body` while this core holds the lock. A fault ends everything with a report.
  ///
  /// - Parameter caller: the address that a report shall name.
  @inline(__always)
  public func withLock<Result: ~Copyable, Failure: Error>(
    caller: UInt = Processor.callSite, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let interrupts = acquireOrReport(caller)
    defer { releaseOrReport(interrupts, caller) }
    return try body()
  }

  @inline(__always) private func acquireOrReport(_ caller: UInt) -> UInt {
    do throws(LockFault) { return try acquire(caller: caller) } catch { Processor.report(error) }
  }

  @inline(__always) private func releaseOrReport(_ interrupts: UInt, _ caller: UInt) {
    do throws(LockFault) {
      try release(interrupts, caller: caller)
    } catch {
      Processor.report(error)
    }
  }
}

// MARK: - Taking and giving back

extension SpinLock {
  // `next` and `serving` are used with sequential consistency: the holder stores `serving` and then
  // reads `next`, a waiter changes `next` and then reads `serving`; one of the two must see the
  // other, or the waiter sleeps without a wake-up. It costs nothing here: both orders are stlr, ldar
  // and ldaxr/stlxr (Arm ARM, B2.3.11 "Load-Acquire, Store-Release").

  /// Waits for the lock and takes it.
  ///
  /// - Returns: what `release` needs to put the interrupt mask back.
  /// - Throws: `.takenTwice` or `.wrongOrder` with nothing changed; `.waitedTooLong`, after which the
  ///   lock must not be used again: its queue has a hole.
  @inline(__always)
  public func acquire(caller: UInt) throws(LockFault) -> UInt {
    let interrupts = Processor.maskInterrupts()
    let core = Processor.core
    // Only this core ever writes its own number there, so a stale answer is right too.
    if unsafe words.pointee.holder.load(ordering: .relaxed) == core &+ 1 {
      throw refusal(.takenTwice, caller, interrupts)
    }
    #if DEBUG
      if Processor.heldLocks >> rank != 0 { throw refusal(.wrongOrder, caller, interrupts) }
    #endif
    let ticket = unsafe words.pointee.next.wrappingAdd(1, ordering: .sequentiallyConsistent)
      .oldValue
    let serving = unsafe words.pointee.serving.load(ordering: .sequentiallyConsistent)
    if serving != ticket { try wait(for: ticket, caller, interrupts) }
    unsafe words.pointee.holder.store(core &+ 1, ordering: .relaxed)
    unsafe words.pointee.caller.store(caller, ordering: .relaxed)
    unsafe words.pointee.takes.increment()
    #if DEBUG
      Processor.heldLocks |= 1 << rank
    #endif
    return interrupts
  }

  /// Gives the lock back and puts the interrupt mask back as it was.
  ///
  /// - Throws: `.notHeld` or `.heldByOther` with nothing changed.
  @inline(__always)
  public func release(_ interrupts: UInt, caller: UInt) throws(LockFault) {
    guard unsafe words.pointee.holder.load(ordering: .relaxed) == Processor.core &+ 1 else {
      throw foreignRelease(caller)
    }
    #if DEBUG
      Processor.heldLocks &= ~(1 << rank)
    #endif
    unsafe words.pointee.holder.store(0, ordering: .relaxed)
    let following = unsafe words.pointee.serving.load(ordering: .relaxed) &+ 1
    unsafe words.pointee.serving.store(following, ordering: .sequentiallyConsistent)
    let last = unsafe words.pointee.next.load(ordering: .sequentiallyConsistent)
    if last != following { Processor.sendEvent() }
    Processor.restoreInterrupts(interrupts)
  }

  @inline(never)
  private func wait(
    for ticket: UInt32, _ caller: UInt, _ interrupts: UInt
  ) throws(LockFault) {
    let start = Processor.time
    while unsafe words.pointee.serving.load(ordering: .sequentiallyConsistent) != ticket {
      if Processor.time &- start > Processor.longestWait {
        throw refusal(.waitedTooLong, caller, interrupts)
      }
      Processor.waitForEvent()
    }
    unsafe words.pointee.waits.increment()
  }
}

// MARK: - What it knows

extension SpinLock {
  /// True when the core that asks holds the lock.
  public var isHeldHere: Bool {
    unsafe words.pointee.holder.load(ordering: .relaxed) == Processor.core &+ 1
  }

  /// The core that holds the lock, a moment ago; nil when none did.
  public var holder: UInt? {
    let stored = unsafe words.pointee.holder.load(ordering: .relaxed)
    return stored == 0 ? nil : stored &- 1
  }

  /// How many cores hold the lock or wait for it, a moment ago.
  public var queueCount: UInt {
    let next = unsafe words.pointee.next.load(ordering: .relaxed)
    let serving = unsafe words.pointee.serving.load(ordering: .relaxed)
    return UInt(next &- serving)
  }

  /// How often the lock was taken.
  public var acquireCount: UInt { unsafe words.pointee.takes.load(ordering: .relaxed) }

  /// How often a core had to wait for the lock.
  public var waitCount: UInt { unsafe words.pointee.waits.load(ordering: .relaxed) }

  /// Puts the mask back, and says what was wrong.
  @inline(never)
  private func refusal(_ kind: LockFault.Kind, _ caller: UInt, _ interrupts: UInt) -> LockFault {
    let fault = fault(kind, caller)
    Processor.restoreInterrupts(interrupts)
    return fault
  }

  @inline(never) private func foreignRelease(_ caller: UInt) -> LockFault {
    fault(holder == nil ? .notHeld : .heldByOther, caller)
  }

  private func fault(_ kind: LockFault.Kind, _ caller: UInt) -> LockFault {
    let holder = holder
    return LockFault(
      kind: kind, lock: name, core: Processor.core, caller: caller, holder: holder,
      holderCaller: holder == nil ? 0 : unsafe words.pointee.caller.load(ordering: .relaxed))
  }
}

extension Atomic where Value == UInt {
  /// Adds 1 where only one core writes at a time: the holder of a lock. Cheaper than an atomic add.
  @inline(__always) fileprivate func increment() {
    store(load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }
}
