import Scheduling
import Synchronization
import Testing

@Suite struct QueueTests {
  @Test func urgentFirstThenFirstInFirstOut() {
    let box = QueueBox(cores: 1)
    let priorities: [UInt8] = [0x15, 0x09, 0x19, 0x11, 0x19, 0x15]
    let tasks = priorities.enumerated().map { ModelTask($0, turns: 0, priority: $1) }
    for task in tasks { box.queues.push(task.job, to: 0) }
    #expect(box.queues.count(0) == 6)
    for index in [2, 4, 0, 5, 3, 1] { #expect(box.queues.take(for: 0) == tasks[index].job) }
    #expect(box.queues.take(for: 0) == nil)
    #expect(box.queues.count(0) == 0)
    #expect(!box.queues.hasJobs)
  }

  @Test func anEmptyCoreTakesFromTheNext() {
    let box = QueueBox(cores: 4)
    let tasks = (0..<3).map { ModelTask($0, turns: 0) }
    box.queues.push(tasks[0].job, to: 1)
    box.queues.push(tasks[1].job, to: 3)
    box.queues.push(tasks[2].job, to: 3)
    #expect(box.queues.hasJobs)
    #expect(box.queues.takeOwn(2) == nil)
    #expect(box.queues.take(for: 2) == tasks[1].job)
    #expect(box.queues.take(for: 2) == tasks[2].job)
    #expect(box.queues.take(for: 2) == tasks[0].job)
    #expect(box.queues.stolenCount(2) == 3)
    #expect(box.queues.stolenCount(1) == 0)
  }

  /// Every job that goes in comes out once, whoever takes it.
  @Test func fourCoresLoseNothing() {
    let box = QueueBox(cores: 4)
    let rounds = 2_000
    let tasks = (0..<64).map { ModelTask($0, turns: rounds, priority: UInt8($0 % 4) * 8) }
    let byWords = tasks.reduce(into: [UInt32: ModelTask]()) {
      $0[unsafe $1.words.pointee.number] = $1
    }
    let left = Atomic<Int>(tasks.count)
    for task in tasks { box.queues.push(task.job, to: 0) }
    onCores(4) { core in
      while left.load(ordering: .acquiring) > 0 {
        guard let job = box.queues.take(for: core),
          let task = byWords[unsafe job.words.pointee.number]
        else { continue }
        task.turns -= 1
        if task.turns > 0 {
          box.queues.push(job, to: core)
        } else {
          left.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        }
      }
    }
    #expect(tasks.allSatisfy { $0.turns == 0 })
    #expect(!box.queues.hasJobs)
  }
}

@Suite struct SerialQueueTests {
  @Test func oneHolderAtATime() {
    let actor = ModelActor()
    #expect(actor.queue.isFree)
    #expect(actor.queue.enter())
    #expect(!actor.queue.enter())
    #expect(actor.queue.leave())
    #expect(actor.queue.isFree)
  }

  @Test func whoPushesFirstHoldsIt() {
    let actor = ModelActor()
    let tasks = (0..<3).map { ModelTask($0, turns: 0, priority: 0x11) }
    #expect(actor.queue.push(tasks[0].job))
    #expect(!actor.queue.push(tasks[1].job))
    #expect(!actor.queue.enter())
    #expect(actor.queue.job.kind == .actor)
    #expect(actor.queue.job.level == 2)
    #expect(!actor.queue.leave(), "jobs wait: it stays held")
    #expect(actor.queue.takeNext() == tasks[0].job)
    #expect(!actor.queue.push(tasks[2].job))
    #expect(actor.queue.takeNext() == tasks[1].job)
    #expect(actor.queue.takeNext() == tasks[2].job)
    #expect(actor.queue.takeNext() == nil)
    #expect(actor.queue.leave())
  }

  @Test func urgentFirst() {
    let actor = ModelActor()
    let tasks = [0x09, 0x15, 0x19, 0x15].enumerated().map {
      ModelTask($0, turns: 0, priority: UInt8($1))
    }
    for task in tasks { _ = actor.queue.push(task.job) }
    #expect(!actor.queue.leave())
    #expect(actor.queue.job.level == 0, "as urgent as the most urgent that waits")
    for index in [2, 1, 3, 0] { #expect(actor.queue.takeNext() == tasks[index].job) }
  }

  /// Tasks hop from actor to actor on four cores, as the kernel's executor lets them: an actor's count is plain
  /// memory, so the thread sanitizer sees whether two cores are ever inside together.
  @Test(arguments: [1, 2, 3] as [UInt64]) func tasksHopBetweenActors(seed: UInt64) {
    let cores = 4
    let turns = 500
    let box = QueueBox(cores: cores)
    let actors = (0..<5).map { _ in ModelActor() }
    let tasks = (0..<40).map { ModelTask($0, turns: turns, priority: UInt8($0 % 4) * 8) }
    let actorsByAddress = actors.reduce(into: [UInt: ModelActor]()) { $0[$1.address] = $1 }
    let left = Atomic<Int>(tasks.count)
    @Sendable func enqueue(_ task: ModelTask, _ core: Int) {
      guard let actor = task.actor else { return box.queues.push(task.job, to: core) }
      if actor.queue.push(task.job) { box.queues.push(actor.queue.job, to: core) }
    }
    @Sendable func leave(_ actor: ModelActor, _ core: Int) {
      if !actor.queue.leave() { box.queues.push(actor.queue.job, to: core) }
    }
    /// Runs `task` while it holds `held`. Out: what is held at the end.
    @Sendable func run(
      _ task: ModelTask, _ held: ModelActor?, _ core: Int, _ numbers: inout Numbers
    ) {
      var held = held
      while true {
        held?.count += 1
        task.turns -= 1
        let next = task.turns > 0 ? actors.randomElement(using: &numbers) : nil
        if task.turns == 0 || next === nil || next !== held && next?.queue.enter() != true {
          task.actor = next
          if let held { leave(held, core) }
          if task.turns == 0 {
            left.wrappingSubtract(1, ordering: .acquiringAndReleasing)
          } else {
            enqueue(task, core)
          }
          return
        }
        if next !== held {
          if let held { leave(held, core) }
          held = next
        }
      }
    }
    for task in tasks { enqueue(task, 0) }
    onCores(cores) { core in
      var numbers = Numbers(seed: seed &* 1000 &+ UInt64(core))
      while left.load(ordering: .acquiring) > 0 {
        guard let job = box.queues.take(for: core) else { continue }
        if job.kind == .task {
          run(tasks[Int(unsafe job.words.pointee.number)], nil, core, &numbers)
        } else if let actor = actorsByAddress[unsafe UInt(bitPattern: job.words)] {
          guard let next = actor.queue.takeNext() else {
            leave(actor, core)
            continue
          }
          run(tasks[Int(unsafe next.words.pointee.number)], actor, core, &numbers)
        }
      }
    }
    #expect(tasks.allSatisfy { $0.turns == 0 }, "seed \(seed)")
    #expect(actors.allSatisfy { $0.queue.isFree }, "seed \(seed)")
    // The first turn of each task is on no actor.
    #expect(actors.map { $0.count }.reduce(0, +) == tasks.count * (turns - 1), "seed \(seed)")
  }
}
