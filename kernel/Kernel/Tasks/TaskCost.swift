import Base
import CShims
import Monitor
import Sync
import _Concurrency

/// What tasks cost. Under QEMU's `-icount shift=0`, with `cores=1`, an instruction takes a nanosecond.
enum TaskCost {
  static func run(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    let rounds = Int(try call.number(1, or: 1000))
    guard (10...100_000).contains(rounds) else { throw .wrong(1, "is not between 10 and 100000") }
    let output = call.output
    output.field("rounds", count: rounds)
    output.field("bytes of a task that returns nothing", bytes: TaskSystem.leastTaskBytes)
    output.field("bytes of an actor without fields", bytes: 112)
    output.field("nanoseconds by which a sleep of 10 ms is late", count: lateness())
    for (what, body) in all {
      let ticks = measure(rounds, body)
      let nanoseconds = ticks * 1_000_000_000 / max(timer_frequency(), 1)
      output.field(what, count: nanoseconds / UInt64(rounds))
    }
  }

  private static func lateness() -> UInt64 {
    let (outcome, time) = (Outcome(), Count())
    Task(name: "cost") {
      for _ in 0..<20 {
        let end = ContinuousClock.now.advanced(by: .milliseconds(10))
        try? await Task.sleep(until: end)
        time.add(Int(end.duration(to: ContinuousClock.now) / .nanoseconds(1)))
      }
      outcome.finish(nil)
    }
    outcome.await()
    return UInt64(time.value / 20)
  }

  private typealias Body = @Sendable (Int) async -> Void

  private static var all: [(StaticString, Body)] {
    [
      ("nothing", { rounds in for _ in 0..<rounds { blackHole() } }),
      ("make a task and await its end", { rounds in for _ in 0..<rounds { await Task {}.value } }),
      (
        "a task of a discarding group",
        { rounds in
          await withDiscardingTaskGroup { group in
            for _ in 0..<rounds { group.addTask { blackHole() } }
          }
        }
      ),
      (
        "async let and its end",
        { rounds in
          for _ in 0..<rounds {
            async let a = 3
            _ = await a
          }
        }
      ),
      (
        "hop to a free actor and back",
        { rounds in
          let link = Link()
          for _ in 0..<rounds { _ = await link.pass() }
        }
      ),
      ("yield", { rounds in for _ in 0..<rounds { await Task.yield() } }),
      (
        "continuation resumed at once",
        { rounds in
          for _ in 0..<rounds { await withUnsafeContinuation { $0.resume() } as Void }
        }
      ),
      (
        "checked continuation resumed at once",
        { rounds in for _ in 0..<rounds { await withCheckedContinuation { $0.resume() } as Void } }
      ),
      (
        "a sleep that is due",
        { rounds in
          let now = ContinuousClock.now
          await withDiscardingTaskGroup { group in
            for _ in 0..<rounds { group.addTask { try? await Task.sleep(until: now) } }
          }
        }
      ),
    ]
  }

  @inline(never) private static func blackHole() {}

  private static func measure(_ rounds: Int, _ body: @escaping Body) -> UInt64 {
    let outcome = Outcome()
    let time = Count()
    Task(name: "cost") {
      await body(10)  // what is made once is made now
      let start = timer_count()
      await body(rounds)
      time.add(Int(timer_count() &- start))
      outcome.finish(nil)
    }
    outcome.await()
    return UInt64(time.value)
  }
}

/// What `kmalloc` and `kfree` cost with several cores at them.
enum HeapContention {
  static func run(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    let rounds = Int(try call.number(1, or: 20_000))
    guard (10...10_000_000).contains(rounds) else {
      throw .wrong(1, "is not between 10 and 10000000")
    }
    for width in 1...4 where UInt(width) <= Cores.onlineCount {
      let (takes, waits) = (Locks.heap.acquireCount, Locks.heap.waitCount)
      let outcome = Outcome()
      let time = Count()
      Task(name: "heap") {
        let start = timer_count()
        await withDiscardingTaskGroup { group in
          for _ in 0..<width { group.addTask { allocate(rounds) } }
        }
        time.add(Int(timer_count() &- start))
        outcome.finish(nil)
      }
      outcome.await()
      let output = call.output
      output.field("tasks at the heap", count: width)
      let nanoseconds = UInt64(time.value) * 1_000_000_000 / max(timer_frequency(), 1)
      output.field(
        "nanoseconds for a pair, all together", count: nanoseconds / UInt64(rounds * width))
      output.field("lock taken", count: Locks.heap.acquireCount - takes)
      output.field("lock waited for", count: Locks.heap.waitCount - waits)
    }
  }

  /// As tasks do: several live payloads of a few sizes.
  private static func allocate(_ rounds: Int) {
    var live = InlineArray<8, UInt>(repeating: 0)
    for round in 0..<rounds {
      let index = round & 7
      if live[index] != 0 { unsafe kfree(UnsafeMutableRawPointer(bitPattern: live[index])) }
      live[index] = UInt(bitPattern: unsafe kmalloc(64 + 128 * (round % 7)))
    }
    for index in 0..<8 { unsafe kfree(UnsafeMutableRawPointer(bitPattern: live[index])) }
  }
}
