import Synchronization

/// A lock for a few instructions. A core that finds it free has it; a core that has waited longer than
/// `Processor.fairWait` goes before all others, so none starves. Interrupts are masked while a core waits
/// and holds.
///
/// Not strictly first come, first served: where cores are threads of an emulator and share a processor of the
/// host, the next in such a queue is mostly one that does not run, and each hand-over costs all the others
/// their time slice.
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
  // `holder` and `waiting` are used with sequential consistency: the holder stores `holder` and then reads
  // `waiting`, a waiter changes `waiting` and then reads `holder`; one of the two must see the other, or the
  // waiter sleeps without a wake-up. It costs nothing here: both orders are stlr, ldar and ldaxr/stlxr
  // (Arm ARM, B2.3.11 "Load-Acquire, Store-Release").

  /// Waits for the lock and takes it.
  ///
  /// - Returns: what `release` needs to put the interrupt mask back.
  /// - Throws: `.takenTwice`, `.wrongOrder` or `.waitedTooLong`, with nothing changed.
  @inline(__always)
  public func acquire(caller: UInt) throws(LockFault) -> UInt {
    let interrupts = Processor.maskInterrupts()
    let mark = Processor.core &+ 1
    // Only this core ever writes its own number there, so a stale answer is right too.
    if unsafe words.pointee.holder.load(ordering: .relaxed) == mark {
      throw refusal(.takenTwice, caller, interrupts)
    }
    #if DEBUG
      if Processor.heldLocks >> rank != 0 { throw refusal(.wrongOrder, caller, interrupts) }
    #endif
    if !takesIfFree(mark) { try wait(mark, caller, interrupts) }
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
    Processor.orderReferences()
    unsafe words.pointee.holder.store(0, ordering: .sequentiallyConsistent)
    if unsafe words.pointee.waiting.load(ordering: .sequentiallyConsistent) != 0 {
      Processor.sendEvent()
    }
    Processor.restoreInterrupts(interrupts)
  }

  /// Takes the lock for the core that `mark` stands for, unless it is held or another core goes first.
  @inline(__always) private func takesIfFree(_ mark: UInt) -> Bool {
    let first = unsafe words.pointee.first.load(ordering: .relaxed)
    guard first == 0 || first == mark else { return false }
    return unsafe words.pointee.holder.compareExchange(
      expected: 0, desired: mark, ordering: .sequentiallyConsistent
    ).exchanged
  }

  @inline(never)
  private func wait(_ mark: UInt, _ caller: UInt, _ interrupts: UInt) throws(LockFault) {
    let start = Processor.time
    unsafe words.pointee.waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while !takesIfFree(mark) {
      let waited = Processor.time &- start
      if waited > Processor.longestWait {
        leaveQueue(mark)
        throw refusal(.waitedTooLong, caller, interrupts)
      }
      if waited > Processor.fairWait { goFirst(mark) }
      Processor.waitForEvent()
    }
    leaveQueue(mark)
    unsafe words.pointee.waits.increment()
  }

  /// Lets no other core take the lock before this one, unless one of them goes first already.
  private func goFirst(_ mark: UInt) {
    _ = unsafe words.pointee.first.compareExchange(
      expected: 0, desired: mark, ordering: .relaxed)
  }

  private func leaveQueue(_ mark: UInt) {
    _ = unsafe words.pointee.first.compareExchange(
      expected: mark, desired: 0, ordering: .relaxed)
    unsafe words.pointee.waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
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

  /// How many cores wait for the lock, a moment ago.
  public var waitingCount: UInt { UInt(unsafe words.pointee.waiting.load(ordering: .relaxed)) }

  /// The core that goes before all others, a moment ago; nil when none has waited that long.
  public var first: UInt? {
    let stored = unsafe words.pointee.first.load(ordering: .relaxed)
    return stored == 0 ? nil : stored &- 1
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
