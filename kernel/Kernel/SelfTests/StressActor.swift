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

/// A block of the heap that says what it must hold, so that whoever has it can check every byte.
///
/// ```
///   payload   0  size in bytes      8  seed      16 ... size  words that size and seed decide
/// ```
@safe struct StressBlock {
  /// Room for size and seed.
  static var leastByteCount: Int { 16 }

  private let words: UnsafeMutablePointer<UInt>

  /// The block whose payload is at `address`.
  @unsafe init?(at address: UInt) {
    guard let words = unsafe UnsafeMutablePointer<UInt>(bitPattern: address) else { return nil }
    unsafe self.words = words
  }

  /// The payload's address.
  var address: UInt { UInt(bitPattern: unsafe words) }

  /// The size in bytes, as it was written.
  var byteCount: Int { Int(unsafe words[0]) }

  /// The payload.
  var payload: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(words) }

  private static func word(_ index: Int, _ seed: UInt) -> UInt {
    (seed ^ UInt(index)) &* 0x9E37_79B9_7F4A_7C15
  }

  /// Writes all `byteCount` bytes.
  func fill(byteCount: Int, seed: UInt) {
    unsafe words[0] = UInt(byteCount)
    unsafe words[1] = seed
    for index in 2..<max(2, byteCount / 8) { unsafe words[index] = Self.word(index, seed) }
    for offset in (byteCount & ~7)..<byteCount {
      unsafe payload.storeBytes(
        of: UInt8(truncatingIfNeeded: seed), toByteOffset: offset, as: UInt8.self)
    }
  }

  /// True when the first `count` bytes, at least `leastByteCount`, are as `fill` left them.
  func holds(first count: Int, of byteCount: Int, seed: UInt) -> Bool {
    guard unsafe words[0] == UInt(byteCount), unsafe words[1] == seed else { return false }
    for index in 2..<max(2, count / 8) where unsafe words[index] != Self.word(index, seed) {
      return false
    }
    guard count == byteCount else { return true }
    for offset in (byteCount & ~7)..<byteCount {
      let byte = unsafe payload.load(fromByteOffset: offset, as: UInt8.self)
      if byte != UInt8(truncatingIfNeeded: seed) { return false }
    }
    return true
  }

  /// True when all is as `fill` left it, by what the block itself says.
  var isWhole: Bool {
    byteCount >= Self.leastByteCount && byteCount <= 1 << 24
      && holds(first: byteCount, of: byteCount, seed: unsafe words[1])
  }
}
