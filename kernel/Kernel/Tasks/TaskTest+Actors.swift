import Base
import CShims
import Synchronization
import _Concurrency

// Actors, priorities and streams, and many of everything.

extension TaskTest {
  static var actors: TaskTest {
    TaskTest(name: "actors") {
      let sum = Sum()
      if await sum.add(3) != 3 { return "failed: a call" }
      if await sum.addTwice(2) != 7 { return "failed: a call within" }
      await sum.addLater(5)
      while await sum.value != 12 { await Task.yield() }
      return nil
    }
  }

  /// An actor that awaits lets others in.
  static var reentrancy: TaskTest {
    TaskTest(name: "reentrancy") {
      let gate = Gate()
      let waiting = Task { await gate.wait() }
      while await gate.waiterCount == 0 { await Task.yield() }
      await gate.open()
      return await waiting.value == 2 ? nil : "failed: the order"
    }
  }

  static var mainActor: TaskTest {
    TaskTest(name: "main-actor") {
      let count = MainCount()
      await withDiscardingTaskGroup { group in
        for _ in 0..<200 { group.addTask { await count.add() } }
      }
      if await count.value != 200 { return "failed: the count" }
      return await count.wasElsewhere ? "failed: not on core 0" : nil
    }
  }

  /// What is more urgent runs first. Other cores take what they can meanwhile, so only a single one shows the order.
  static var priorities: TaskTest {
    TaskTest(name: "priorities") {
      let order = Order()
      let all: [TaskPriority] = [.background, .low, .medium, .high]
      let tasks = all.map { priority in
        Task(priority: priority) { await order.add(Int(Task.currentPriority.rawValue)) }
      }
      for task in tasks { await task.value }
      let list = await order.list
      if list.sorted() != [0x09, 0x11, 0x15, 0x19] { return "failed: not all ran" }
      return Cores.onlineCount > 1 || list == [0x19, 0x15, 0x11, 0x09]
        ? nil : "failed: the less urgent first"
    }
  }

  static var streams: TaskTest {
    TaskTest(name: "streams") {
      let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
      let reader = Task {
        var sum = 0
        for await n in stream { sum += n }
        return sum
      }
      for n in 1...100 {
        continuation.yield(n)
        if n % 10 == 0 { await Task.yield() }
      }
      continuation.finish()
      if await reader.value != 5050 { return "failed: the sum" }
      let (newest, sender) = AsyncStream.makeStream(
        of: Int.self, bufferingPolicy: .bufferingNewest(2))
      for n in 1...5 { sender.yield(n) }
      sender.finish()
      var kept: [Int] = []
      for await n in newest { kept.append(n) }
      return kept == [4, 5] ? nil : "failed: the newest two"
    }
  }
}

// MARK: - Many

extension TaskTest {
  static var many: TaskTest {
    TaskTest(name: "many") {
      let count = Count()
      for _ in 0..<100 {
        await withDiscardingTaskGroup { group in
          for _ in 0..<1000 { group.addTask { count.add() } }
        }
      }
      return count.value == 100_000 ? nil : "failed: not 100,000"
    }
  }

  static var hammered: TaskTest {
    TaskTest(name: "hammer") {
      let sum = Sum()
      await withDiscardingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { for _ in 0..<5_000 { _ = await sum.add(1) } }
        }
      }
      return await sum.value == 40_000 ? nil : "failed: the count"
    }
  }

  /// 1,000 actors pass a token around 1,000 times: a million hops.
  static var ring: TaskTest {
    TaskTest(name: "ring") {
      let first = Link()
      var last = first
      for _ in 1..<1000 {
        let next = Link()
        await last.connect(to: next)
        last = next
      }
      var link = first
      var hops = 0
      for _ in 0..<1000 {
        while let next = await link.pass() {
          link = next
          hops += 1
        }
        link = first
      }
      return hops == 999_000 ? nil : "failed: the token is lost"
    }
  }

  static var cancelStorm: TaskTest {
    TaskTest(name: "cancel-storm") {
      for _ in 0..<50 {
        let task = Task {
          await withDiscardingTaskGroup { group in
            for _ in 0..<40 {
              group.addTask { try? await Task.sleep(for: .seconds(3600)) }
              group.addTask {
                await withDiscardingTaskGroup { inner in
                  inner.addTask { try? await Task.sleep(for: .seconds(3600)) }
                }
              }
            }
          }
        }
        await Task.yield()
        task.cancel()
        await task.value
      }
      return nil
    }
  }
}
