import CShims
import Base
import Heaps
import Memory
import Sync

/// Every core, and the timer handler on each, at the heap and the page array at once.
enum Stress {
  /// All that a run needs, in one block of the heap, so that the run itself is what the counts show.
  struct State {
    let seed: UInt64
    let share: Int
    /// Where cores leave blocks for one core to free: `inboxCapacity` words a core, addresses or 0.
    var inboxes = InlineArray<32, UInt64>(repeating: 0)
    var actors: InlineArray<4, StressActor>
    var handlers: InlineArray<4, StressActor>
    /// True while the handler of a core takes part: its core alone uses it, with interrupts masked.
    var isTicking = InlineArray<4, Bool>(repeating: false)
    /// Not 0 as soon as something was wrong.
    var failed: UInt64 = 0
    var failure: (what: StaticString, address: UInt, core: UInt)?

    init(seed: UInt64, share: Int) {
      self.seed = seed
      self.share = share
      actors = InlineArray { StressActor(seed: seed, core: UInt($0), isHandler: false) }
      handlers = InlineArray { StressActor(seed: seed, core: UInt($0), isHandler: true) }
    }
  }

  /// The run that goes on; nil when none does.
  private(set) nonisolated(unsafe) static var state: UnsafeMutablePointer<State>?

  /// How many blocks may wait for a core to free them.
  static var inboxCapacity: Int { 8 }

  /// How many operations a tick makes, in a millisecond at most.
  private static var operationsPerTick: Int { 8 }

  /// What a run takes of the heap for itself.
  static var byteCount: UInt { UInt(MemoryLayout<State>.size) }

  /// Makes room for a run; false when the heap has none.
  static func prepare(operations: Int, seed: UInt64) -> Bool {
    let memory = unsafe KernelHeap.allocate(
      byteCount: MemoryLayout<State>.size, alignment: 64, caller: Core.callSite)
    guard let memory = unsafe memory else { return false }
    let state = unsafe memory.bindMemory(to: State.self, capacity: 1)
    let share = operations / Int(max(1, Cores.onlineCount))
    unsafe state.initialize(to: State(seed: seed, share: share))
    unsafe self.state = state
    return true
  }

  /// Runs on all cores, and frees what they left for each other.
  static func run() {
    for core in 1..<Cores.limit where Cores.state(of: core) == .online {
      try? Cores.begin(on: core) { Stress.work() }
    }
    work()
    for core in 1..<Cores.limit where Cores.state(of: core) == .online { Cores.finish(on: core) }
    for core in 0..<Cores.limit { _ = freeOffered(to: core) }
  }

  /// Gives the room back. Nothing in it needs an end of its own.
  static func end() {
    guard let memory = unsafe state else { return }
    unsafe state = nil
    try? unsafe KernelHeap.deallocate(memory, caller: Core.callSite)
  }

  /// What each core does.
  private static func work() {
    guard let state = unsafe state else { return }
    let core = Int(core_number())
    letTick(core, true)
    let share = unsafe state.pointee.share
    var progress = Progress(of: share * Int(Cores.onlineCount), "operations")
    var goesOn = true
    var step = 0
    while step < share && goesOn {
      step += 1
      let isRight = unsafe state.pointee.actors[core].step()
      goesOn = isRight && !hasFailed && !Interruption.isRequested
      if core == 0 && step % 64 == 0 { goesOn = progress.goesOn(done: doneCount) && goesOn }
    }
    letTick(core, false)
    _ = unsafe state.pointee.actors[core].finish()
    _ = unsafe state.pointee.handlers[core].finish()
  }

  /// How many operations all cores have made together, those of handlers left out.
  static var doneCount: Int {
    guard let state = unsafe state else { return 0 }
    var count = 0
    for core in 0..<Int(Cores.limit) { unsafe count += state.pointee.actors[core].operationCount }
    return count
  }

  private static func letTick(_ core: Int, _ isTicking: Bool) {
    let mask = mask_interrupts()
    unsafe state?.pointee.isTicking[core] = isTicking
    restore_interrupts(mask)
  }

  /// The timer handler's part.
  static func tick(core: UInt) {
    guard let state = unsafe state, unsafe state.pointee.isTicking[Int(core)] else { return }
    let start = timer_count()
    for _ in 0..<operationsPerTick where !hasFailed {
      _ = unsafe state.pointee.handlers[Int(core)].step()
      // A core that is slow (or emulated, and waits for its host) must get to its other work.
      if timer_count() &- start > timer_frequency() / 1000 { return }
    }
  }
}

// MARK: - What the actors share

extension Stress {
  private static var hasFailed: Bool {
    guard let state = unsafe state else { return false }
    return unsafe peek_word(&state.pointee.failed) != 0
  }

  /// Keeps the first thing that was wrong.
  static func note(_ what: StaticString, _ address: UInt, core: UInt) {
    guard let state = unsafe state else { return }
    let isFirst = unsafe put_word(&state.pointee.failed, 1)
    if isFirst { unsafe state.pointee.failure = (what, address, core) }
  }

  /// Frees a block that was checked.
  static func free(_ block: StressBlock, core: UInt) -> Bool {
    do throws(HeapFault) {
      unsafe try KernelHeap.deallocate(block.payload, caller: Core.callSite)
      return true
    } catch {
      note(error.kind.description, error.address, core: core)
      return false
    }
  }

  /// Leaves a block for `target` to free; false when it has no room at `index`.
  static func offer(_ address: UInt, to target: UInt, at index: Int) -> Bool {
    guard let state = unsafe state else { return false }
    let slot = Int(target) * inboxCapacity + index
    return unsafe put_word(&state.pointee.inboxes[slot], UInt64(address))
  }

  /// Checks and frees what other cores left for `core`.
  static func freeOffered(to core: UInt) -> Bool {
    guard let state = unsafe state else { return true }
    for index in 0..<inboxCapacity {
      let slot = Int(core) * inboxCapacity + index
      let address = UInt(unsafe take_word(&state.pointee.inboxes[slot]))
      guard let block = unsafe StressBlock(at: address) else { continue }
      guard block.isWhole else {
        note("a block that was handed over was overwritten", address, core: core)
        return false
      }
      guard free(block, core: core) else { return false }
    }
    return true
  }

  /// Takes pages from the page array; nil when there are none.
  static func takePages(count: UInt) -> Range<PageFrame>? {
    Locks.pages.withLock { try? unsafe KernelState.pages?.allocateRun(frameCount: count) }
  }

  /// Gives pages back.
  static func give(_ run: Range<PageFrame>) -> Bool {
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in
        unsafe try KernelState.pages?.deallocate(run)
      }
      return true
    } catch {
      note(error.kind.description, run.lowerBound.start.rawValue, core: core_number())
      return false
    }
  }
}
