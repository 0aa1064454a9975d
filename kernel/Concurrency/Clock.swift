import CShims
import Scheduling
import Swift
import Synchronization

/// A clock that tasks can sleep by.
public protocol Clock<Duration>: Sendable {
  /// What lies between two instants.
  associatedtype Duration where Duration == Instant.Duration
  /// A moment.
  associatedtype Instant: InstantProtocol
  /// The moment that is.
  var now: Instant { get }
  /// The least difference that it can tell.
  var minimumResolution: Instant.Duration { get }
  /// Suspends the task until `deadline`; throws as soon as the task is cancelled.
  func sleep(until deadline: Instant, tolerance: Instant.Duration?) async throws(CancellationError)
}

/// The counter of the generic timer, which never stops: CNTPCT_EL0.
public struct ContinuousClock: Clock, Sendable {
  /// A moment.
  public struct Instant: InstantProtocol, Sendable, Hashable {
    /// The time since the counter was 0.
    let sinceReset: Swift.Duration

    /// The moment `duration` later.
    public func advanced(by duration: Swift.Duration) -> Instant {
      Instant(sinceReset: sinceReset + duration)
    }

    /// The time until `other`.
    public func duration(to other: Instant) -> Swift.Duration { other.sinceReset - sinceReset }

    /// Earlier.
    public static func < (a: Instant, b: Instant) -> Bool { a.sinceReset < b.sinceReset }
  }

  /// The clock.
  public init() {}

  /// The moment that is.
  public var now: Instant { Instant(sinceReset: Self.duration(of: timer_count())) }

  /// The moment that is.
  public static var now: Instant { ContinuousClock().now }

  /// One tick of the counter.
  public var minimumResolution: Swift.Duration { Self.duration(of: 1) }

  /// Suspends the task until `deadline` or a little later; throws as soon as the task is cancelled.
  public func sleep(
    until deadline: Instant, tolerance: Swift.Duration? = nil
  ) async throws(CancellationError) {
    try await SleepRecord.sleep(until: Self.count(at: deadline.sinceReset))
  }

  private static func duration(of count: UInt64) -> Swift.Duration {
    let (seconds, rest) = count.quotientAndRemainder(dividingBy: max(timer_frequency(), 1))
    let nanoseconds = rest &* 1_000_000_000 / max(timer_frequency(), 1)
    return .seconds(Int64(clamping: seconds)) + .nanoseconds(Int64(clamping: nanoseconds))
  }

  /// The count at or after `sinceReset`; that of the clock's end for what is later than that.
  private static func count(at sinceReset: Swift.Duration) -> UInt64 {
    let (seconds, attoseconds) = sinceReset.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let hertz = timer_frequency()
    let (whole, isTooLarge) = UInt64(seconds).multipliedReportingOverflow(by: hertz)
    guard !isTooLarge, whole < 1 << 62 else { return 1 << 62 }
    let nanoseconds = (UInt64(attoseconds) + 999_999_999) / 1_000_000_000
    return whole + (nanoseconds * hertz + 999_999_999) / 1_000_000_000
  }
}

extension Clock where Self == ContinuousClock {
  /// The counter of the generic timer.
  public static var continuous: ContinuousClock { ContinuousClock() }
}

extension Task where Success == Never, Failure == Never {
  /// Suspends the task for `duration` or a little longer; throws as soon as the task is cancelled.
  public static func sleep(for duration: Duration) async throws(CancellationError) {
    let clock = ContinuousClock()
    try await clock.sleep(until: clock.now.advanced(by: duration))
  }

  /// Suspends the task until `deadline` or a little later; throws as soon as the task is cancelled.
  public static func sleep(
    until deadline: ContinuousClock.Instant, clock: ContinuousClock = ContinuousClock()
  ) async throws(CancellationError) {
    try await clock.sleep(until: deadline)
  }
}

/// One sleep of a task: it lies in the queue of the core on which it began.
@safe final class SleepRecord: @unchecked Sendable {
  private let words: UnsafeMutablePointer<SleepWords>
  private nonisolated(unsafe) var continuation: UnsafeContinuation<Bool, Never>?
  /// The core in whose queue it is; -1 before that.
  private let core = Atomic<Int>(-1)
  private let isCancelled = Atomic<Bool>(false)

  private init(deadline: UInt64) {
    unsafe words = .allocate(capacity: 1)
    unsafe words.initialize(to: SleepWords(deadline: deadline))
    // The timer's handler finds the record behind the words.
    unsafe words.pointee.owner = UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { unsafe words.deallocate() }

  private var sleeper: Sleeper { unsafe Sleeper(words) }

  /// Suspends the task until the timer's count is `deadline`.
  static func sleep(until deadline: UInt64) async throws(CancellationError) {
    let record = SleepRecord(deadline: deadline)
    let isDue = await withTaskCancellationHandler {
      await withUnsafeContinuation { record.begin($0) }
    } onCancel: {
      record.cancel()
    }
    if !isDue || Task.isCancelled { throw CancellationError() }
  }

  private func begin(_ continuation: UnsafeContinuation<Bool, Never>) {
    unsafe self.continuation = continuation
    // Masked, so that the task stays on the core whose timer will fire, and the timer sees the queue as it is.
    let mask = mask_interrupts()
    let here = Int(bitPattern: core_number())
    if TaskSystem.sleepers(of: here).insert(sleeper) == true, let host = unsafe TaskSystem.host {
      host.setDeadline(unsafe words.pointee.deadline)
    }
    // Who cancels sets its flag and then looks here; one of the two sees the other.
    core.store(here, ordering: .sequentiallyConsistent)
    if isCancelled.load(ordering: .sequentiallyConsistent) { takeOut(of: here) }
    restore_interrupts(mask)
  }

  /// Called by a timer's handler, with the sleeper out of its queue.
  static func wake(_ sleeper: Sleeper) {
    guard let owner = unsafe UnsafeRawPointer(bitPattern: sleeper.words.pointee.owner) else {
      return
    }
    let record = unsafe Unmanaged<SleepRecord>.fromOpaque(owner).takeUnretainedValue()
    unsafe record.continuation?.resume(returning: true)
  }

  /// Called when the task is cancelled, on any core.
  private func cancel() {
    isCancelled.store(true, ordering: .sequentiallyConsistent)
    let core = core.load(ordering: .sequentiallyConsistent)
    if core >= 0 { takeOut(of: core) }
  }

  private func takeOut(of core: Int) {
    if TaskSystem.sleepers(of: core).cancel(sleeper) {
      unsafe continuation?.resume(returning: false)
    }
  }
}
