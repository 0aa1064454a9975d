import Base
import CShims
import Devices
import Monitor
import Sync
import _Concurrency

/// What a core does when nobody gave it anything to do: tasks. A kernel that is built without TASKS=1 has an empty
/// one, in kernel/Kernel/Cores.
enum Background {
  /// Makes the queues. The other cores are not started yet.
  static func start() {
    TaskSystem.start(
      TaskHost(
        report: { what, name, address in
          panic(what) { console in
            if let name { console.field("function", name) }
            if address != 0 { console.field("address", hex: address) }
          }
        },
        complain: { what, name in
          Console.log { console in
            console.write("roost: ")
            console.write(what)
            if let name {
              console.write(" ")
              console.write(name)
            }
            console.write("\n")
          }
        },
        wake: { Interrupts.wake($0) },
        setDeadline: { setTimer($0) },
        reportLock: { Core.report($0) }))
  }

  /// Runs the next part of a task, if there is one.
  static func runNext(runsAll: Bool) -> Bool { TaskSystem.runNext(runsAll: runsAll) }

  /// False when there is something to run after all; interrupts are masked.
  static func fallAsleep(runsAll: Bool) -> Bool { TaskSystem.fallAsleep(runsAll: runsAll) }

  /// Takes `fallAsleep` back.
  static func wakeUp() { TaskSystem.wakeUp() }
}

// MARK: - The timer

// One timer serves the ticks and the sleeping tasks of its core: it is set to whichever comes first.
extension Background {
  /// Wake-ups closer than this are one: so no program makes the timer's interrupt a storm.
  private static var leastDelay: UInt64 { timer_frequency() / 50_000 }

  /// True when a tick is due, and not only a task.
  static func isDue(_ deadline: UInt64) -> Bool { timer_count() &- deadline < 1 << 63 }

  /// Wakes the tasks whose time has come, and sets the timer for what is next.
  static func timerFired(nextTick: UInt64) {
    let next = TaskSystem.timerFired() ?? nextTick
    timer_set_deadline(min(nextTick, max(next, timer_count() &+ leastDelay)))
  }

  private static func setTimer(_ deadline: UInt64) {
    let tick = unsafe core_data_of(core_number()).pointee.timer_deadline
    if deadline < tick { timer_set_deadline(min(tick, max(deadline, timer_count() &+ leastDelay))) }
  }
}

// MARK: - Reports

extension Background {
  /// Writes for a report which task ran, and who awaits it. Never allocates.
  static func write(context: UInt, to console: some TextSink) {
    TaskSystem.writeReport(context: context) { task in
      console.write("task: ")
      console.write(task)
      console.write("\n")
    } caller: { address in
      console.write("  awaited at ")
      CodeAddress(instruction: address).write(to: console)
      console.write("\n")
    }
  }
}

extension TextSink {
  /// Writes a task's number, and its name when it has one.
  func write(_ task: TaskReport) {
    write(decimal: UInt(task.number))
    guard let name = task.name else { return }
    write(" ")
    write(name)
  }
}
