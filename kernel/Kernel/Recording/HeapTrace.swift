import Base
import CShims
import Memory
import Record
import Sync

/// The recording of the kernel heap's calls: started and stopped by `trace`, or from the boot on by `trace=`.
enum HeapTrace {
  /// Callers that are kept where nobody asks for another number.
  static var usualDepth: Int { 4 }
  /// Bytes of a ring where nobody asks for another size.
  static var usualByteCount: UInt { 1 << 20 }
  /// What a ring's size may be.
  static var byteCounts: ClosedRange<UInt> { 4096...1 << 30 }

  /// The ring's pages.
  private nonisolated(unsafe) static var frames: Range<PageFrame>?
  private nonisolated(unsafe) static var stopCount: UInt64 = 0
  /// The number of the first event after `leaks mark`; nil before.
  nonisolated(unsafe) static var mark: UInt64?
  /// Tells recordings apart.
  nonisolated(unsafe) private(set) static var identity: UInt64 = 0

  /// The recording in numbers.
  struct Status {
    let isOn: Bool
    let depth: Int
    let byteCount: UInt
    let capacity: UInt64
    let startSequence: UInt64
    let endSequence: UInt64
    /// How long it has recorded.
    let ticks: UInt64
  }

  /// Nil while there is no recording.
  static var status: Status? {
    Locks.heap.withLock {
      guard let ring = unsafe HeapObserver.ring, let frames = unsafe frames else { return nil }
      let isOn = unsafe HeapObserver.isRecording
      let end = isOn ? timer_count() : unsafe stopCount
      return Status(
        isOn: isOn, depth: ring.depth, byteCount: frames.byteCount, capacity: ring.capacity,
        startSequence: ring.startSequence, endSequence: ring.endSequence,
        ticks: end &- (unsafe HeapObserver.startCount))
    }
  }

  /// Begins a recording, in the place of an older one; false, and that one stays, without memory.
  static func start(depth: Int, byteCount: UInt) -> Bool {
    let count = (byteCount + PageFrame.byteCount - 1) / PageFrame.byteCount
    let new = Locks.pages.withLock { unsafe try? KernelState.pages?.allocateRun(frameCount: count) }
    guard let new,
      let start = unsafe UnsafeMutableRawPointer(bitPattern: new.lowerBound.start.rawValue)
    else { return false }
    let memory = unsafe UnsafeMutableRawBufferPointer(start: start, count: Int(new.byteCount))
    guard let ring = unsafe EventRing(memory: memory, depth: depth, imageStart: image_start())
    else {
      giveBack(new)
      return false
    }
    let old = Locks.heap.withLock {
      let old = unsafe frames
      unsafe frames = new
      unsafe HeapObserver.ring = ring
      unsafe HeapObserver.startCount = timer_count()
      unsafe identity = timer_count() &* 0x9E37_79B9_7F4A_7C15 >> 32
      unsafe mark = nil
      unsafe HeapObserver.isRecording = true
      HeapObserver.update()
      return old
    }
    if let old { giveBack(old) }
    return true
  }

  /// Ends the recording; what it holds stays.
  static func stop() {
    Locks.heap.withLock {
      guard unsafe HeapObserver.isRecording else { return }
      unsafe stopCount = timer_count()
      unsafe HeapObserver.isRecording = false
      HeapObserver.update()
    }
  }

  /// Ends the recording and gives its memory back.
  static func drop() {
    stop()
    let old = Locks.heap.withLock {
      let old = unsafe frames
      unsafe frames = nil
      unsafe HeapObserver.ring = nil
      unsafe mark = nil
      return old
    }
    if let old { giveBack(old) }
  }

  private static func giveBack(_ frames: Range<PageFrame>) {
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in
        unsafe try KernelState.pages?.deallocate(frames)
      }
    } catch {
      panic("the pages of a recording could not be given back", error)
    }
  }

  /// Calls `body` with each event of `sequences` that is still there, in order. The lock is held for one
  /// event at a time and never for `body`.
  static func forEachEvent(in sequences: Range<UInt64>, _ body: (HeapEvent) -> Void) {
    for sequence in sequences {
      if let event = Locks.heap.withLock({ unsafe HeapObserver.ring?[sequence] }) { body(event) }
    }
  }
}
