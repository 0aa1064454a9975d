import Base
import CShims
import Devices
import Heaps
import Monitor
import Synchronization
import _Concurrency

/// A program of tasks that proves something, started from the prompt.
struct TaskTest {
  let name: StaticString
  /// What went wrong; nil when nothing did.
  let body: @Sendable () async -> StaticString?

  /// Runs the test that the command names, or all.
  static func run(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    var count = 0
    for test in all where call.word(1).map({ $0 == test.name }) ?? true {
      let before = Balance.now
      let failure = test.perform()
      let cameBack = Balance.settles(to: before)
      call.output.write("tasks test ")
      call.output.write(test.name)
      call.output.write(": ")
      call.output.write(failure ?? (cameBack ? "passed" : "failed: memory did not come back"))
      call.output.write("\n")
      count += 1
    }
    if count == 0 { throw .wrong(1, "is no test of tasks") }
  }

  /// Runs the program as a task, and waits for it. Out: what went wrong.
  @inline(never) private func perform() -> StaticString? {
    let outcome = Outcome()
    Task(name: name) { [body] in outcome.finish(await body()) }
    outcome.await()
    return outcome.failure
  }
}

/// What a test must leave as it was.
struct Balance: Equatable {
  let usedBytes: Int?
  let liveCount: Int?
  let tasks: UInt

  static var now: Balance {
    let heap = KernelHeap.statistics
    return Balance(
      usedBytes: heap?.usedBytes, liveCount: heap?.liveCount, tasks: TaskSystem.taskCounts.live)
  }

  /// True when all is as `before`, after a while: the last task may still be on its way out on another core.
  static func settles(to before: Balance) -> Bool {
    let start = timer_count()
    while timer_count() &- start < timer_frequency() * 5 {
      if now == before { return true }
      if !Background.runNext(runsAll: true) { wait_for_event() }
    }
    return false
  }
}

/// How a test ended; the monitor waits for it, and runs tasks meanwhile.
final class Outcome: Sendable {
  private let isDone = Atomic<Bool>(false)
  private nonisolated(unsafe) var words: StaticString?

  func finish(_ words: StaticString?) {
    unsafe self.words = words
    isDone.store(true, ordering: .releasing)
    send_event()
  }

  var failure: StaticString? { unsafe words }

  func await() {
    while !isDone.load(ordering: .acquiring) {
      if !Background.runNext(runsAll: true) { wait_for_event() }
    }
  }
}
