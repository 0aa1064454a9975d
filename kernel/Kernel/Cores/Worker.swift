import CShims
import Synchronization

/// What one core is given to do, one thing at a time.
///
/// ```
///   idle ──claim──> claimed ──post──> posted ──the core runs it──> done ──take the result──> idle
/// ```
final class Worker {
  private enum Step {
    static var idle: UInt { 0 }
    static var claimed: UInt { 1 }
    static var posted: UInt { 2 }
    static var done: UInt { 3 }
  }

  private let step = Atomic<UInt>(0)
  private var work: (() -> Void)?

  /// Hands `work` to the core; false when it has some already.
  func post(_ work: @escaping () -> Void) -> Bool {
    let claim = step.compareExchange(
      expected: Step.idle, desired: Step.claimed, ordering: .acquiring)
    guard claim.exchanged else { return false }
    self.work = work
    order_references()  // the core may be done with it before this one is
    step.store(Step.posted, ordering: .releasing)
    send_event()
    return true
  }

  /// True when the core has something to do.
  var hasWork: Bool { step.load(ordering: .acquiring) == Step.posted }

  /// Called by the core: does what it was given, and says so.
  func serve() {
    work?()
    work = nil  // what it held is given back before anybody waits no longer
    step.store(Step.done, ordering: .releasing)
    send_event()
  }

  /// True when what was posted is done.
  var isDone: Bool { step.load(ordering: .acquiring) == Step.done }

  /// Makes room for the next work.
  func clear() { step.store(Step.idle, ordering: .releasing) }
}
