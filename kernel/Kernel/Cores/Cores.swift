import CShims
import Base
import Handoff

/// What has become of a core. The raw values are known to interrupts.S.
enum CoreState: UInt64 {
  /// Never called.
  case absent = 0
  /// Called, and not heard of yet.
  case starting = 1
  /// At work, or waiting for it.
  case online = 2
  /// It did not answer in time. When it comes late, it goes to sleep.
  case leftOut = 3
  /// Stopped for a report.
  case stopped = 4

  var description: StaticString {
    switch self {
    case .absent: "not started"
    case .starting: "starting"
    case .online: "online"
    case .leftOut: "left out: it did not answer"
    case .stopped: "stopped"
    }
  }
}

/// Cores 1 to 3, and work for them.
enum Cores {
  /// The most cores that the board has.
  static var limit: UInt { UInt(CORE_COUNT) }

  private nonisolated(unsafe) static var workers: [Worker]?

  /// The state of `core`.
  static func state(of core: UInt) -> CoreState {
    core < limit ? CoreState(rawValue: load_core_state(core)) ?? .absent : .absent
  }

  /// How many cores are online.
  static var onlineCount: UInt {
    var count: UInt = 0
    for core in 0..<limit where state(of: core) == .online { count += 1 }
    return count
  }

  /// A bit for each core that is online, but for the one that asks.
  static var othersOnline: UInt64 {
    var bits: UInt64 = 0
    for core in 0..<limit where core != core_number() && state(of: core) == .online {
      bits |= 1 << UInt64(core)
    }
    return bits
  }

  /// Starts as many cores as the command line allows, and says which.
  static func startAll() {
    start(count: unsafe KernelState.handoff?.options.coreCount ?? limit)
    Console.log { $0.field("cores", count: onlineCount) }
  }

  /// Makes core 0 one of them, and calls cores 1 to `count` - 1.
  private static func start(count: UInt) {
    unsafe workers = (0..<limit).map { _ in Worker() }
    start_event_stream()
    store_core_state(0, CoreState.online.rawValue)
    publish_core_registers()
    let called = 1..<max(1, min(count, limit))
    for core in called { call(core) }
    let start = timer_count()
    for core in called { awaitAnswer(of: core, since: start) }
    // No stub came before the kernel, so there is no spin table in which the others would wait.
    if entry_level() == 3, onlineCount == 1, !called.isEmpty {
      Console.log {
        $0.write(
          "roost: entered at EL3, as QEMU enters kernel8.elf: with kernel8.img there are more cores\n"
        )
      }
    }
  }

  /// Gives `core` its stacks and sends it to `core_main`.
  private static func call(_ core: UInt) {
    guard CoreStacks.make(for: core) else {
      return reportLeftOut(core, "left out: no memory for its stacks")
    }
    store_core_state(core, CoreState.starting.rawValue)
    if SpinTable.release(core) { return }
    store_core_state(core, CoreState.absent.rawValue)
    reportLeftOut(core, "left out: no way to page 0")
  }

  /// Waits for `core` until a second after `start`. It may still come later: then it finds that it was
  /// left out, and sleeps. Its stacks stay taken.
  private static func awaitAnswer(of core: UInt, since start: UInt64) {
    while state(of: core) == .starting {
      if timer_count() &- start < timer_frequency() {
        wait_for_event()
      } else if exchange_core_state(
        core, CoreState.starting.rawValue, CoreState.leftOut.rawValue)
      {
        reportLeftOut(core, "left out: it did not answer")
      }
    }
  }

  private static func reportLeftOut(_ core: UInt, _ words: StaticString) {
    Console.log { console in
      console.write("roost: ")
      console.write(core: core, words)
    }
  }
}

// MARK: - The end

extension Cores {
  /// Stops every other core for good, wherever it is: in a handler or with a lock held too. Only a core
  /// that handles an exception of its own cannot be reached; it is waited for a while. Where the firmware
  /// leaves the kernel no FIQs (Pi 4), a core in a handler cannot be reached either, and one that waits for
  /// a lock stops by itself (`Core.waitForEvent`). Interrupts stay masked here: one would stop this core.
  ///
  /// - Parameter isPatient: wait for ten seconds instead of half a second.
  /// - Returns: whether all have stopped.
  @discardableResult static func stopOthers(isPatient: Bool = false) -> Bool {
    _ = mask_interrupts()
    request_stop()
    let here = core_number()
    for core in 0..<limit where core != here && state(of: core) == .online {
      Interrupts.stop(core)
    }
    let start = timer_count()
    for core in 0..<limit where core != here {
      let patience = isPatient ? timer_frequency() * 10 : timer_frequency() / 2
      // wfe, so that an emulator which runs one core at a time comes to the others.
      while state(of: core) == .online, timer_count() &- start < patience { wait_for_event() }
    }
    return onlineCount == 1
  }
}

// MARK: - Work

extension Cores {
  /// Why a core does not do what it is asked.
  enum DispatchError: Error {
    /// It is not online.
    case notOnline
    /// It has something to do.
    case busy
  }

  /// Runs `body` on `core` and waits for its result. On the core that asks, that is a call.
  ///
  /// `body` runs with interrupts enabled, on the core's own stack of 64 KiB. It must not wait for the
  /// core that asks.
  static func run<Result>(
    on core: UInt, _ body: @escaping () -> Result
  ) throws(DispatchError) -> Result {
    if core == core_number() { return body() }
    var result: Result?
    try begin(on: core) { result = body() }
    finish(on: core)
    guard let result else { panic("a core came back without a result") }
    return result
  }

  /// Lets `core`, another one, begin with `body`, and returns at once. `finish` must follow.
  static func begin(on core: UInt, _ body: @escaping () -> Void) throws(DispatchError) {
    guard core != core_number(), state(of: core) == .online else { throw .notOnline }
    guard worker(core).post(body) else { throw .busy }
    Interrupts.wake(core)
  }

  /// Waits until `core` is done with what `begin` gave it.
  static func finish(on core: UInt) {
    let worker = worker(core)
    while !worker.isDone { wait_for_event() }
    worker.clear()
  }

  private static func worker(_ core: UInt) -> Worker {
    guard let worker = unsafe workers?[Int(core)] else {
      panic("work before the cores are started")
    }
    return worker
  }

  /// Waits for work, for ever. Work that follows soon is waited for with wfe. After a while wfi takes
  /// over, which `Interrupts.wake` ends: an emulator gives wfe no rest, but wfi.
  fileprivate static func serve(_ core: UInt) -> Never {
    let worker = worker(core)
    var patience = 1000
    while true {
      if worker.hasWork {
        worker.serve()
        patience = 1000
      } else if Background.runNext(runsAll: true) {
        patience = 1000
      } else if patience > 0 {
        patience -= 1
        wait_for_event()
      } else {
        let mask = mask_interrupts()  // so that none comes between the look and the sleep
        if Background.fallAsleep(runsAll: true), !worker.hasWork { wait_for_interrupt() }
        Background.wakeUp()
        restore_interrupts(mask)
      }
    }
  }
}

/// Called by cores.S on a core that was released, on its own stack and the kernel's map.
@c(core_main)
func coreMain(number: UInt) {
  start_event_stream()
  guard exchange_core_state(number, CoreState.starting.rawValue, CoreState.online.rawValue) else {
    halt_core()  // too late
  }
  Interrupts.startOnThisCore()
  send_event()
  Cores.serve(number)
}

extension Cores {
  /// Writes for a report which core makes it, and where it stopped the others. Never allocates.
  static func write(to console: some TextSink) {
    console.field("reported by core", count: core_number())
    for core in 0..<limit where core != core_number() {
      switch state(of: core) {
      case .absent, .leftOut: continue
      case .stopped:
        console.write(core: core, "stopped at", end: " ")
        CodeAddress(instruction: UInt(unsafe core_data_of(core).pointee.stopped_elr))
          .write(to: console)
        console.write("\n")
      case .starting, .online: console.write(core: core, "did not stop")
      }
    }
  }
}

extension TextSink {
  /// Writes a line about `core`.
  fileprivate func write(core: UInt, _ words: StaticString, end: StaticString = "\n") {
    write("core ")
    write(decimal: core)
    write(": ")
    write(words)
    write(end)
  }
}
