import Foundation
import Scheduling
import Sync
import Synchronization

/// Threads as cores, without interrupts.
enum ThreadProcessor: Processor {
  private static let key = "core"

  static func become(core: UInt) { Thread.current.threadDictionary[key] = core }

  static var core: UInt { Thread.current.threadDictionary[key] as? UInt ?? 0 }
  static func maskInterrupts() -> UInt { 0 }
  static func restoreInterrupts(_ state: UInt) {}
  static func waitForEvent() { sched_yield() }
  static func sendEvent() {}

  @inline(never) static func orderReferences() {}
  static var time: UInt64 { DispatchTime.now().uptimeNanoseconds }
  static var fairWait: UInt64 { 1_000_000 }
  /// Long: a loaded machine is slow, and no test waits for it.
  static var longestWait: UInt64 { 120_000_000_000 }
  static var heldLocks: UInt32 {
    get { 0 }
    set {}
  }
  static var callSite: UInt { 0xca11 }

  static func report(_ fault: LockFault) -> Never {
    fatalError("\(fault.lock): \(fault.kind.description)")
  }
}

/// Runs `body` on `count` threads, as cores 0 to `count` - 1, and waits for all.
func onCores(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let done = DispatchGroup()
  for core in 0..<count {
    done.enter()
    Thread.detachNewThread {
      ThreadProcessor.become(core: UInt(core))
      body(core)
      done.leave()
    }
  }
  done.wait()
}

/// Run queues with their memory.
@safe final class QueueBox: @unchecked Sendable {
  let queues: RunQueues<ThreadProcessor>
  private let memory: UnsafeMutableRawPointer

  init(cores: Int) {
    unsafe memory = .allocate(byteCount: cores * RunQueueWords.stride, alignment: 64)
    queues = unsafe RunQueues(memory: memory, coreCount: cores)
  }

  deinit { unsafe memory.deallocate() }
}

/// A job of a model task: which actor it wants next, and how many turns it has left. Only who runs it touches it.
@safe final class ModelTask: @unchecked Sendable {
  let words: UnsafeMutablePointer<JobWords>
  var turns: Int
  var actor: ModelActor?

  init(_ number: Int, turns: Int, priority: UInt8 = 0x15) {
    unsafe words = .allocate(capacity: 1)
    unsafe words.initialize(to: JobWords(kind: .task, priority: priority, number: UInt32(number)))
    self.turns = turns
  }

  var job: Job { unsafe Job(words) }

  deinit { unsafe words.deallocate() }
}

/// An actor of the model: a plain count, which only its holder may touch. The thread sanitizer watches it.
@safe final class ModelActor: @unchecked Sendable {
  private let words: UnsafeMutableRawPointer
  var count = 0

  init() {
    unsafe words = .allocate(byteCount: SerialQueueWords.room, alignment: 16)
    unsafe SerialQueue.initialize(at: words)
  }

  var queue: SerialQueue {
    unsafe SerialQueue(words.assumingMemoryBound(to: SerialQueueWords.self))
  }
  /// The address by which a run queue knows it.
  var address: UInt { unsafe UInt(bitPattern: words) }

  deinit { unsafe words.deallocate() }
}

/// A generator of the same numbers for the same seed (Vigna, SplitMix64).
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
