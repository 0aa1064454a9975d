import Scheduling
import Testing

/// A queue of sleepers with its memory.
@safe private final class SleepBox {
  let queue: SleepQueue<ThreadProcessor>
  private let memory: UnsafeMutableRawPointer
  private var sleepers: [UnsafeMutablePointer<SleepWords>] = unsafe []

  init() {
    unsafe memory = .allocate(byteCount: SleepQueueWords.stride, alignment: 64)
    unsafe SleepQueue<ThreadProcessor>.initialize(at: memory)
    queue = unsafe SleepQueue(memory: memory)
  }

  func sleeper(until deadline: UInt64) -> Sleeper {
    let new = UnsafeMutablePointer<SleepWords>.allocate(capacity: 1)
    unsafe new.initialize(to: SleepWords(deadline: deadline))
    unsafe sleepers.append(new)
    return unsafe Sleeper(new)
  }

  deinit {
    unsafe sleepers.forEach { unsafe $0.deallocate() }
    unsafe memory.deallocate()
  }
}

@Suite struct SleepQueueTests {
  @Test func wakesInTheOrderOfDeadlines() {
    let box = SleepBox()
    let all = [30, 10, 20, 10].map { box.sleeper(until: $0) }
    #expect(box.queue.insert(all[0]) == true)
    #expect(box.queue.insert(all[1]) == true)
    #expect(box.queue.insert(all[2]) == false)
    #expect(box.queue.insert(all[3]) == false)
    #expect(box.queue.nextDeadline == 10)
    #expect(box.queue.takeDue(at: 9) == nil)
    #expect(box.queue.takeDue(at: 25) == all[1])
    #expect(box.queue.takeDue(at: 25) == all[3], "equal ones in the order in which they came")
    #expect(box.queue.takeDue(at: 25) == all[2])
    #expect(box.queue.takeDue(at: 25) == nil)
    #expect(box.queue.count == 1)
    #expect(box.queue.breach == nil)
  }

  @Test func cancelsOnce() {
    let box = SleepBox()
    let (a, b) = (box.sleeper(until: 5), box.sleeper(until: 6))
    #expect(box.queue.insert(a) == true)
    #expect(box.queue.cancel(a))
    #expect(!box.queue.cancel(a))
    #expect(box.queue.insert(a) == nil)
    #expect(!box.queue.cancel(b), "not asleep: nobody is woken")
    #expect(box.queue.insert(b) == nil, "cancelled before it slept")
    #expect(box.queue.nextDeadline == nil)
    #expect(box.queue.count == 0)
  }

  @Test func oneThatWokeCannotBeCancelled() {
    let box = SleepBox()
    let a = box.sleeper(until: 5)
    _ = box.queue.insert(a)
    #expect(box.queue.takeDue(at: 5) == a)
    #expect(!box.queue.cancel(a))
  }

  /// Random operations against a sorted list.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func likeASortedList(seed: UInt64) {
    var numbers = Numbers(seed: seed)
    let box = SleepBox()
    var model: [(deadline: UInt64, order: Int, sleeper: Sleeper)] = []
    var now: UInt64 = 0
    for step in 0..<3_000 {
      switch numbers.next() % 5 {
      case 0, 1, 2:
        let deadline = now + numbers.next() % 500
        let sleeper = box.sleeper(until: deadline)
        #expect(box.queue.insert(sleeper) != nil)
        model.append((deadline, step, sleeper))
      case 3:
        guard !model.isEmpty else { continue }
        let victim = model.remove(at: Int(numbers.next() % UInt64(model.count)))
        #expect(box.queue.cancel(victim.sleeper), "seed \(seed), step \(step)")
      default:
        now += numbers.next() % 100
        model.sort { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        while let first = model.first, first.deadline <= now {
          #expect(box.queue.takeDue(at: now) == first.sleeper, "seed \(seed), step \(step)")
          model.removeFirst()
        }
        #expect(box.queue.takeDue(at: now) == nil, "seed \(seed), step \(step)")
      }
      #expect(box.queue.count == UInt(model.count), "seed \(seed), step \(step)")
      if step % 50 == 0 { #expect(box.queue.breach == nil, "seed \(seed), step \(step)") }
    }
  }
}
