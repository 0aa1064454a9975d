import CShims
import Devices

/// What is typed: put here by the serial port's interrupt on core 0, read by the monitor on core 0.
enum SerialInput {
  private nonisolated(unsafe) static var queue: ByteQueue?
  private nonisolated(unsafe) static var isHeldBack = false

  /// Lets the port interrupt.
  static func start() {
    unsafe queue = ByteQueue()
    Interrupts.controller.enable(.serialPort, core: 0)
    Console.port.enableReceiveInterrupt()
  }

  /// The port's handler.
  static func receive() {
    guard var waiting = unsafe queue.take() else { return }
    unsafe isHeldBack = !Console.port.receive(into: &waiting)
    Interruption.filter(&waiting)
    Background.deliver(&waiting)
    unsafe queue = consume waiting
  }

  /// How many characters did not arrive whole: a wrong rate, or a bad cable.
  static var damagedCount: UInt {
    let mask = mask_interrupts()
    defer { restore_interrupts(mask) }
    return unsafe queue?.damagedCount ?? 0
  }

  /// Lets the port interrupt again, after it was set to another rate.
  static func resume() { Console.port.enableReceiveInterrupt() }

  /// The oldest byte that has come; nil when there is none: then, if `sleeps`, the core first sleeps until
  /// the next interrupt, whatever it is, unless it has something to run besides.
  static func take(sleeps: Bool) -> UInt8? {
    let mask = mask_interrupts()
    defer { restore_interrupts(mask) }
    let byte = unsafe queue?.removeFirst()
    if byte == nil, sleeps {
      // A pending interrupt ends the sleep, masked as it is.
      if Background.fallAsleep(runsAll: runsAll) { wait_for_interrupt() }
      Background.wakeUp()
    }
    if unsafe isHeldBack {
      unsafe isHeldBack = false
      Console.port.enableReceiveInterrupt()
    }
    return byte
  }

  /// The next byte; sleeps until there is one, or runs what core 0 has to run besides.
  static func next() -> UInt8 {
    while true { if let byte = takeOrRun() { return byte } }
  }

  /// The same for a program; nil once ctrl-C was typed.
  static func nextUnlessInterrupted() -> UInt8? {
    while !Interruption.isRequested { if let byte = takeOrRun() { return byte } }
    return nil
  }

  private static func takeOrRun() -> UInt8? {
    if let byte = take(sleeps: true) { return byte }
    _ = Background.runNext(runsAll: runsAll)
    return nil
  }

  /// Waits for a key until the timer's count is `deadline`; true when one came, which is taken.
  static func waitsForKey(until deadline: UInt64) -> Bool {
    while true {
      let isOver = timer_count() >= deadline
      if take(sleeps: !isOver) != nil { return true }
      if isOver { return false }
      _ = Background.runNext(runsAll: runsAll)
    }
  }

  /// Other cores take all tasks that can run anywhere, so that the prompt stays alive; alone, this one has to.
  private static var runsAll: Bool { Cores.onlineCount < 2 }
}
