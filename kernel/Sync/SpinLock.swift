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
    let interrupts = Processor.maskInterrupts()
    let mark = Processor.core &+ 1
    // What can go wrong is left to functions of their own, which costs those who wait, and spares all others the
    // frame of a call that may throw.
    if isOutOfOrder || isSomebodyFirst || !takesIfNotHeld(mark) {
      waitOrReport(mark, caller, interrupts)
    } else {
      noteTaken(caller)
    }
    defer {
      if !isHeld(by: mark) { reportForeignRelease(caller) }
      giveBack(interrupts)
    }
    return try body()
  }

  @inline(never) private func waitOrReport(_ mark: UInt, _ caller: UInt, _ interrupts: UInt) {
    do throws(LockFault) {
      try acquireMasked(mark, caller, interrupts)
    } catch {
      Processor.report(error)
    }
  }

  @inline(never) private func reportForeignRelease(_ caller: UInt) -> Never {
    Processor.report(foreignRelease(caller))
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
    try acquireMasked(Processor.core &+ 1, caller, interrupts)
    return interrupts
  }

  /// As `acquire`, with interrupts masked already.
  private func acquireMasked(
    _ mark: UInt, _ caller: UInt, _ interrupts: UInt
  ) throws(LockFault) {
    if isHeld(by: mark) { throw refusal(.takenTwice, caller, interrupts) }
    if isOutOfOrder { throw refusal(.wrongOrder, caller, interrupts) }
    if !takesIfFree(mark) { try wait(mark, caller, interrupts) }
    noteTaken(caller)
  }

  /// True when the core that `mark` stands for holds the lock. Only that core ever writes its own number there, so a
  /// stale answer is right too.
  @inline(__always) private func isHeld(by mark: UInt) -> Bool {
    unsafe words.pointee.holder.load(ordering: .relaxed) == mark
  }

  /// True when the core holds a lock that may not be held while this one is taken; known in a build for debugging.
  @inline(__always) private var isOutOfOrder: Bool {
    #if DEBUG
      Processor.heldLocks >> rank != 0
    #else
      false
    #endif
  }

  @inline(__always) private func noteTaken(_ caller: UInt) {
    unsafe words.pointee.caller.store(caller, ordering: .relaxed)
    unsafe words.pointee.takes.increment()
    #if DEBUG
      Processor.heldLocks |= 1 << rank
    #endif
  }

  /// Gives the lock back and puts the interrupt mask back as it was.
  ///
  /// - Throws: `.notHeld` or `.heldByOther` with nothing changed.
  @inline(__always)
  public func release(_ interrupts: UInt, caller: UInt) throws(LockFault) {
    guard isHeld(by: Processor.core &+ 1) else { throw foreignRelease(caller) }
    giveBack(interrupts)
  }

  @inline(__always) private func giveBack(_ interrupts: UInt) {
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
    return (first == 0 || first == mark) && takesIfNotHeld(mark)
  }

  /// True where a core goes before all others; not this one, unless it waits.
  @inline(__always) private var isSomebodyFirst: Bool {
    unsafe words.pointee.first.load(ordering: .relaxed) != 0
  }

  @inline(__always) private func takesIfNotHeld(_ mark: UInt) -> Bool {
    unsafe words.pointee.holder.compareExchange(
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
  public var isHeldHere: Bool { isHeld(by: Processor.core &+ 1) }

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
