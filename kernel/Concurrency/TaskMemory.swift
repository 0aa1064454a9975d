import Swift

/// The memory of a task's async functions: their contexts, last in, first out, as frames are on a stack. The first
/// part comes with the task; when that is full, slabs of the heap follow.
///
/// ```
///   task ┌──────────┬──────────────┐   slab ┌───────────┬───────────────┐
///        │ TaskWords│ contexts     │ <───── │ SlabWords │ contexts   ^  │
///        └──────────┴──────────────┘        └───────────┴────────────┼──┘
///                                                                   top
/// ```
///
/// One slab more than is in use is kept, so that calls which go back and forth over an edge cost no allocation.
@safe struct TaskMemory {
  private var top: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  private var start: UnsafeMutableRawPointer
  private var slab: UnsafeMutablePointer<SlabWords>?
  private var spare: UnsafeMutablePointer<SlabWords>?
  /// Bytes of the heap that the slabs take.
  private(set) var slabBytes = 0

  @safe private struct SlabWords {
    var previous: UnsafeMutablePointer<SlabWords>?
    var previousTop: UnsafeMutableRawPointer
    var previousStart: UnsafeMutableRawPointer
    var previousEnd: UnsafeMutableRawPointer
    var byteCount: Int
  }

  /// Bytes of `SlabWords`, rounded up to a multiple of 16.
  private static var header: Int { 48 }

  private static var usualSlab: Int { 2048 }

  init(start: UnsafeMutableRawPointer, end: UnsafeMutableRawPointer) {
    unsafe (self.start, top, self.end) = (start, start, end)
  }

  /// Room for a context of `byteCount` bytes, at a multiple of 16.
  @inline(__always) mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let rounded = (byteCount &+ 15) & ~15
    let place = unsafe top
    guard unsafe rounded <= end - place else { return unsafe allocateInSlab(rounded) }
    unsafe top = place + rounded
    return unsafe place
  }

  @inline(never) private mutating func allocateInSlab(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let header = Self.header
    var new: UnsafeMutablePointer<SlabWords>
    if let kept = unsafe spare, unsafe kept.pointee.byteCount >= byteCount + header {
      unsafe new = kept
    } else {
      freeSpare()
      let size = max(Self.usualSlab, byteCount + header)
      let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
      unsafe new = memory.assumingMemoryBound(to: SlabWords.self)
      unsafe new.pointee.byteCount = size
      slabBytes += size
    }
    unsafe spare = nil
    unsafe new.pointee.previous = slab
    unsafe new.pointee.previousTop = top
    unsafe new.pointee.previousStart = start
    unsafe new.pointee.previousEnd = end
    unsafe slab = new
    unsafe start = UnsafeMutableRawPointer(new) + header
    unsafe end = UnsafeMutableRawPointer(new) + new.pointee.byteCount
    unsafe top = start + byteCount
    return unsafe start
  }

  /// Gives the context at `place` back, and whatever was allocated after it. Out: false when none is there.
  @inline(__always) mutating func free(_ place: UnsafeMutableRawPointer) -> Bool {
    while true {
      if unsafe place > start && place < top {
        unsafe top = place
        return true
      }
      if unsafe place == start && place < top {
        unsafe top = place
        if unsafe slab != nil { leaveSlab() }
        return true
      }
      guard unsafe slab != nil else { return false }
      leaveSlab()
    }
  }

  @inline(never) private mutating func leaveSlab() {
    guard let old = unsafe slab else { return }
    freeSpare()
    unsafe spare = old
    unsafe top = old.pointee.previousTop
    unsafe start = old.pointee.previousStart
    unsafe end = old.pointee.previousEnd
    unsafe slab = old.pointee.previous
  }

  private mutating func freeSpare() {
    guard let kept = unsafe spare else { return }
    slabBytes -= unsafe kept.pointee.byteCount
    unsafe UnsafeMutableRawPointer(kept).deallocate()
    unsafe spare = nil
  }

  /// Gives every slab back, at the end of the task.
  mutating func freeSlabs() {
    while unsafe slab != nil { leaveSlab() }
    freeSpare()
  }

  /// True when `address` lies in a context that is in use.
  func holds(_ address: UInt, byteCount: UInt) -> Bool {
    var (low, high, here) = unsafe (UInt(bitPattern: start), UInt(bitPattern: top), slab)
    while true {
      if address >= low && address < high && high - address >= byteCount { return true }
      guard let words = unsafe here else { return false }
      low = unsafe UInt(bitPattern: words.pointee.previousStart)
      high = unsafe UInt(bitPattern: words.pointee.previousTop)
      unsafe here = words.pointee.previous
    }
  }
}
