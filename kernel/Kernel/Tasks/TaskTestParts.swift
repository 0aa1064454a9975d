import CShims
import Synchronization
import _Concurrency

// What the tests of tasks are made of.

struct Large: Sendable, Equatable {
  var a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7
}

enum Refusal: Error, Equatable {
  case three
  case other(Int)
}

func refuse(_ n: Int) async throws(Refusal) -> Int {
  await Task.yield()
  if n == 3 { throw .three }
  return n
}

@inline(never) func depth(_ n: Int) async -> Int {
  if n % 50 == 0 { await Task.yield() }
  return n == 0 ? 0 : await depth(n - 1) + 1
}

/// A count that many may add to.
final class Count: Sendable {
  private let atomic = Atomic<Int>(0)
  func add(_ n: Int = 1) { atomic.wrappingAdd(n, ordering: .acquiringAndReleasing) }
  var value: Int { atomic.load(ordering: .acquiring) }
}

/// Waits until its task is cancelled, and counts that.
func waitForCancellation(_ count: Count) async {
  await withTaskCancellationHandler {
    while !Task.isCancelled { await Task.yield() }
  } onCancel: {
    count.add()
  }
}

/// Cancels two children of which the first handler to run keeps the canceller until the other child has ended: that
/// one saw that it is cancelled before anybody came to its handler. A core each is needed for the canceller and both.
func lateHandlersRun() async -> Bool {
  if Cores.onlineCount < 3 { return true }
  let (started, entered, ended) = (Count(), Count(), Count())
  let parent = Task {
    await withDiscardingTaskGroup { group in
      for _ in 0..<2 {
        group.addTask {
          await withTaskCancellationHandler {
            started.add()
            while !Task.isCancelled { await Task.yield() }
          } onCancel: {
            let isFirst = entered.value == 0
            entered.add()
            while isFirst && ended.value == 0 { wait_for_event() }
          }
          ended.add()
        }
      }
    }
  }
  while started.value < 2 { await Task.yield() }
  parent.cancel()
  await parent.value
  return entered.value == 2
}

actor Order {
  var list: [Int] = []
  func add(_ n: Int) { list.append(n) }
}

actor Sum {
  var value = 0

  func add(_ n: Int) -> Int {
    value += n
    return value
  }

  func addTwice(_ n: Int) -> Int {
    _ = add(n)
    return add(n)
  }

  func addLater(_ n: Int) { Task { value += n } }

}

actor Gate {
  var waiterCount = 0
  private var step = 0
  private var waiter: CheckedContinuation<Void, Never>?

  func wait() async -> Int {
    waiterCount += 1
    await withCheckedContinuation { waiter = $0 }
    step += 1
    return step
  }

  func open() {
    step += 1
    waiter?.resume()
    waiter = nil
  }
}

@MainActor final class MainCount {
  var value = 0
  var wasElsewhere = false

  func add() {
    value += 1
    if core_number() != 0 { wasElsewhere = true }
  }
}

actor Link {
  private var next: Link?
  func connect(to link: Link) { next = link }
  func pass() -> Link? { next }
}
