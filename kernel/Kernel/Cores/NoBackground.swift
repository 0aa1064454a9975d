#if !TASKS
  import Base
  import Devices
  import Monitor

  /// What a core does when nobody gave it anything to do: nothing. A kernel that is built with TASKS=1 has another
  /// one, in kernel/Kernel/Tasks.
  enum Background {
    @inline(__always) static func start() {}
    @inline(__always) static func runNext(runsAll: Bool) -> Bool { false }
    @inline(__always) static func fallAsleep(runsAll: Bool) -> Bool { true }
    @inline(__always) static func wakeUp() {}
    @inline(__always) static func isDue(_ deadline: UInt64) -> Bool { true }
    @inline(__always) static func timerFired(nextTick: UInt64) {}
    @inline(__always) static func ticked() {}
    @inline(__always) static func deliver(_ bytes: inout ByteQueue) {}
    @inline(__always) static func write(context: UInt, to console: some TextSink) {}
    static var commands: [Command<KernelEnvironment>] { [] }
  }
#endif
