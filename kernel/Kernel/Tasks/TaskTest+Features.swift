import Base
import CShims
import Synchronization
import _Concurrency

// A test for each feature of the language.
extension TaskTest {
  static var all: [TaskTest] {
    [
      values, throwing, continuations, groups, throwingGroups, asyncLets, cancellation, sleeping,
      actors, reentrancy, mainActor, priorities, streams, many, hammered, ring, cancelStorm,
    ]
  }

  static var values: TaskTest {
    TaskTest(name: "values") {
      let nothing = Task {}
      await nothing.value
      let word = Task { 5 }
      if await word.value != 5 { return "failed: a word" }
      let large = Task { Large() }
      if await large.value != Large() { return "failed: seven words" }
      let text = Task { () -> String in
        await Task.yield()
        return "a string that does not fit into a word of its own"
      }
      if await text.value.utf8.count != 49 { return "failed: a string" }
      if await text.value.utf8.count != 49 { return "failed: a string read twice" }
      let array = Task.detached { [1, 2, 3] }
      if await array.value != [1, 2, 3] { return "failed: an array" }
      return await depth(200) == 200 ? nil : "failed: calls 200 deep"
    }
  }

  static var throwing: TaskTest {
    TaskTest(name: "throwing") {
      let good = Task { () async throws(Refusal) -> Int in try await refuse(4) }
      let bad = Task { () async throws(Refusal) -> Int in try await refuse(3) }
      do throws(Refusal) {
        if try await good.value != 4 { return "failed: the value" }
      } catch { return "failed: thrown" }
      do throws(Refusal) {
        _ = try await bad.value
        return "failed: not thrown"
      } catch {
        return error == .three ? nil : "failed: another error"
      }
    }
  }

  static var continuations: TaskTest {
    TaskTest(name: "continuations") {
      let word: Int = await withUnsafeContinuation { $0.resume(returning: 7) }
      if word != 7 { return "failed: resumed at once" }
      let large: Large = await withUnsafeContinuation { continuation in
        Task { continuation.resume(returning: Large()) }
      }
      if large != Large() { return "failed: resumed by another task" }
      let text: String = await withCheckedContinuation { continuation in
        Task { continuation.resume(returning: "a string that is longer than two words") }
      }
      if text.utf8.count != 38 { return "failed: checked" }
      do throws(Refusal) {
        let _: Int = try await withCheckedThrowingContinuation { continuation in
          Task { continuation.resume(throwing: Refusal.other(3)) }
        }
        return "failed: not thrown"
      } catch {
        return error == .other(3) ? nil : "failed: another error"
      }
    }
  }

  static var groups: TaskTest {
    TaskTest(name: "groups") {
      let sum = await withTaskGroup(of: Int.self) { group in
        for n in 1...100 {
          group.addTask {
            await Task.yield()
            return n
          }
        }
        var sum = 0
        while let n = await group.next() { sum += n }
        return sum
      }
      if sum != 5050 { return "failed: the sum" }
      let strings = await withTaskGroup(of: String.self) { group in
        for n in 1...10 { group.addTask { "number \(n) of ten that nobody asks for" } }
        return await group.next()?.utf8.count ?? 0
      }
      if strings < 36 { return "failed: one of ten" }
      let count = Count()
      await withDiscardingTaskGroup { group in
        for _ in 1...100 { group.addTask { count.add() } }
      }
      return count.value == 100 ? nil : "failed: discarding"
    }
  }

  static var throwingGroups: TaskTest {
    TaskTest(name: "throwing-groups") {
      do throws(Refusal) {
        let sum = try await withThrowingTaskGroup(of: Int.self, throwing: Refusal.self) {
          group throws(Refusal) in
          for n in 1...5 {
            group.addTask { () async throws(Refusal) -> Int in try await refuse(n * 2) }
          }
          var sum = 0
          while let n = try await group.next() { sum += n }
          return sum
        }
        if sum != 30 { return "failed: the sum" }
      } catch { return "failed: thrown" }
      do throws(Refusal) {
        _ = try await withThrowingTaskGroup(of: Int.self, throwing: Refusal.self) {
          group throws(Refusal) in
          for n in 1...5 {
            group.addTask { () async throws(Refusal) -> Int in try await refuse(n) }
          }
          try await group.waitForAll()
          return 0
        }
        return "failed: not thrown"
      } catch {
        return error == .three ? nil : "failed: another error"
      }
    }
  }

  static var asyncLets: TaskTest {
    TaskTest(name: "async-let") {
      async let a = depth(10)
      async let text = String(repeating: "longer than a word ", count: 3)
      async let large = Large()
      if await a + (await large).g != 17 { return "failed: words" }
      if await text.utf8.count != 57 { return "failed: a string" }
      // One that nobody reads is cancelled at the end of its scope, and waited for.
      let count = Count()
      do { async let _ = waitForCancellation(count) }
      return count.value == 1 ? nil : "failed: not waited for"
    }
  }

  static var cancellation: TaskTest {
    TaskTest(name: "cancellation") {
      let count = Count()
      let task = Task { await waitForCancellation(count) }
      await Task.yield()
      if task.isCancelled { return "failed: cancelled by itself" }
      task.cancel()
      await task.value
      if count.value != 1 { return "failed: no handler ran" }
      // A parent's children are cancelled with it; a task that was cancelled before runs its handlers at once.
      let parent = Task {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<10 { group.addTask { await waitForCancellation(count) } }
        }
      }
      await Task.yield()
      parent.cancel()
      await parent.value
      if count.value != 11 { return "failed: not every child" }
      if await !lateHandlersRun() { return "failed: a handler was dropped" }
      let early = Task { () async throws(CancellationError) -> Void in
        while !Task.isCancelled { await Task.yield() }
        try Task.checkCancellation()
      }
      early.cancel()
      do throws(CancellationError) {
        try await early.value
        return "failed: not thrown"
      } catch { return nil }
    }
  }

  static var sleeping: TaskTest {
    TaskTest(name: "sleep") {
      let clock = ContinuousClock()
      let start = clock.now
      try? await Task.sleep(for: .milliseconds(20))
      if start.duration(to: clock.now) < .milliseconds(20) { return "failed: too early" }
      // Many at once, in the order of their deadlines.
      let order = Order()
      await withDiscardingTaskGroup { group in
        for n in [5, 1, 4, 2, 3] {
          group.addTask {
            try? await Task.sleep(until: start.advanced(by: .milliseconds(60 + 20 * n)))
            await order.add(n)
          }
        }
      }
      // Several cores that wake late may be inside in another order.
      let list = await order.list
      if (Cores.onlineCount > 1 ? list.sorted() : list) != [1, 2, 3, 4, 5] {
        return "failed: out of order"
      }
      let long = Task { () async throws(CancellationError) -> Void in
        try await Task.sleep(for: .seconds(3600))
      }
      await Task.yield()
      long.cancel()
      do throws(CancellationError) {
        try await long.value
        return "failed: slept for an hour"
      } catch { return nil }
    }
  }
}
