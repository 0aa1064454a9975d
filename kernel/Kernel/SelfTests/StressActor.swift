import Base
import Heaps
import Replay

/// One flow of control that uses the heap as hard as it can: a core, or the timer handler on it. It
/// has blocks of its own, and gives some to other cores to free.
struct StressActor {
  /// How many blocks it holds at most.
  static var slotCount: Int { 48 }

  private var random: SplitMix64
  private let core: UInt
  private let isHandler: Bool
  private var slots = InlineArray<48, Slot>(repeating: Slot())
  private var pages: Range<PageFrame>?

  /// What it has done, and how often there was no memory.
  private(set) var operationCount = 0
  private(set) var refusalCount = 0

  /// A block, and what it must hold.
  private struct Slot {
    var address: UInt = 0
    var byteCount = 0
    var seed: UInt = 0
  }

  init(seed: UInt64, core: UInt, isHandler: Bool) {
    random = SplitMix64(seed: seed &* 31 &+ UInt64(core) &* 2 &+ (isHandler ? 1 : 0))
    self.core = core
    self.isHandler = isHandler
  }

  /// Mostly small, at times large enough to make a heap grow.
  private mutating func size() -> Int {
    switch random.below(512) {
    case 0 where !isHandler: StressBlock.leastByteCount + random.below(128 << 10)
    case 1...32: StressBlock.leastByteCount + random.below(4096)
    default: StressBlock.leastByteCount + random.below(240)
    }
  }

  private mutating func alignment() -> Int { random.below(16) == 0 ? 16 << random.below(8) : 16 }

  /// Does one thing to the heap; false when something was not as it must be.
  mutating func step() -> Bool {
    operationCount += 1
    let index = random.below(Self.slotCount)
    guard slots[index].address != 0 else { return allocate(index) }
    switch random.below(16) {
    case 0...4: return reallocate(index)
    case 5...7: return handOver(index)
    case 8 where !isHandler: return takeOrGivePages()
    case 9...10: return isValid(slots[index])
    default: return free(index)
    }
  }

  private mutating func allocate(_ index: Int) -> Bool {
    let byteCount = size()
    let alignment = alignment()
    let payload = unsafe KernelHeap.allocate(
      byteCount: byteCount, alignment: alignment, caller: Core.callSite)
    guard let block = unsafe StressBlock(at: UInt(bitPattern: payload)) else {
      refusalCount += 1
      return true
    }
    guard block.address % UInt(alignment) == 0 else { return fails("misaligned payload", block) }
    let slot = Slot(address: block.address, byteCount: byteCount, seed: UInt(random.next()))
    block.fill(byteCount: byteCount, seed: slot.seed)
    slots[index] = slot
    return true
  }

  private func isValid(_ slot: Slot) -> Bool {
    guard let block = unsafe StressBlock(at: slot.address) else { return true }
    let isWhole = block.holds(first: slot.byteCount, of: slot.byteCount, seed: slot.seed)
    return isWhole || fails("a block was overwritten", block)
  }

  private mutating func reallocate(_ index: Int) -> Bool {
    let old = slots[index]
    guard isValid(old), let block = unsafe StressBlock(at: old.address) else { return false }
    let byteCount = size()
    do throws(HeapFault) {
      let payload = unsafe try KernelHeap.reallocate(
        block.payload, byteCount: byteCount, caller: Core.callSite)
      guard let moved = unsafe StressBlock(at: UInt(bitPattern: payload)) else {
        refusalCount += 1
        return isValid(old)
      }
      let kept = min(byteCount, old.byteCount)
      guard moved.holds(first: kept, of: old.byteCount, seed: old.seed) else {
        return fails("reallocating lost bytes", moved)
      }
      moved.fill(byteCount: byteCount, seed: old.seed)
      slots[index] = Slot(address: moved.address, byteCount: byteCount, seed: old.seed)
      return true
    } catch {
      return fails(error.kind.description, block)
    }
  }

  private mutating func free(_ index: Int) -> Bool {
    let slot = slots[index]
    slots[index] = Slot()
    guard isValid(slot), let block = unsafe StressBlock(at: slot.address) else { return false }
    return Stress.free(block, core: core)
  }

  /// Gives a block to some core, or frees it where that core has no room; frees what others gave.
  private mutating func handOver(_ index: Int) -> Bool {
    let slot = slots[index]
    let target = UInt(random.below(Int(Cores.limit)))
    guard Stress.offer(slot.address, to: target, at: random.below(Stress.inboxCapacity)) else {
      return free(index)
    }
    slots[index] = Slot()
    return Stress.freeOffered(to: core)
  }

  private mutating func takeOrGivePages() -> Bool {
    if let held = pages {
      pages = nil
      return Stress.give(held)
    }
    pages = Stress.takePages(count: UInt(1 + random.below(8)))
    if pages == nil { refusalCount += 1 }
    return true
  }

  /// Gives everything back.
  mutating func finish() -> Bool {
    var isValid = true
    for index in 0..<Self.slotCount where slots[index].address != 0 {
      isValid = free(index) && isValid
    }
    if let held = pages { isValid = Stress.give(held) && isValid }
    pages = nil
    return isValid
  }

  private func fails(_ what: StaticString, _ block: StressBlock) -> Bool {
    Stress.note(what, block.address, core: core)
    return false
  }
}
