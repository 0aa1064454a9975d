import CShims
import Base
import Devices

/// The interrupts of all cores: who handles them, how often they came.
enum Interrupts {
  private nonisolated(unsafe) static var table: InterruptTable?
  private nonisolated(unsafe) static var counts: InterruptCounts?
  /// What the firmware left in the controllers; for `hardware`.
  private(set) nonisolated(unsafe) static var setupAsFound: FixedList<8, RegisterReport>?

  /// The controller of this board.
  static var controller: BoardInterrupts<MemoryMappedBus> {
    unsafe Board.current.interruptController(on: MemoryMappedBus())
  }

  /// Registers the kernel's own handlers and lets interrupts come on core 0.
  static func start() {
    guard CoreStacks.make(for: 0) else { panic("no memory for the interrupt stack") }
    let limit = controller.sourceLimit
    unsafe table = InterruptTable(limit: limit)
    unsafe counts = InterruptCounts(sourceLimit: limit)
    register(controller.source(of: .wake), as: "wake") { core in
      controller.acknowledge(.wake, core: core)
    }
    register(.timer, as: "ticks") { Ticker.tick(core: $0) }
    register(.serialPort, as: "console") { _ in SerialInput.receive() }
    unsafe setupAsFound = controller.setup
    controller.initialize()
    SerialInput.start()
    startOnThisCore()
  }

  /// Makes `handler` the one for `source`. A second one for the same source ends the kernel.
  static func register(
    _ source: InterruptSource, as name: StaticString, handler: @escaping InterruptTable.Handler
  ) {
    do throws(InterruptTable.RegistrationError) {
      unsafe try table?.register(source, as: name, handler: handler)
    } catch {
      panic("two handlers for one interrupt") { $0.field("source", source.description) }
    }
  }

  /// True when `source` has a handler.
  static func isHandled(_ source: InterruptSource) -> Bool {
    unsafe table?.name(of: source) != nil
  }

  /// How often `source` has interrupted `core`.
  static func count(of source: InterruptSource, core: UInt) -> UInt {
    unsafe counts?.count(of: source, core: core) ?? 0
  }

  /// Lets the timer, the other cores and their reports interrupt the core that runs this.
  static func startOnThisCore() {
    let core = core_number()
    controller.initialize(core: core)
    Ticker.start(core: core)
    enable_interrupts()
  }

  /// Masks everything for all cores and takes what is pending back, as a firmware leaves it. For the core
  /// that is the last one.
  static func silence() {
    controller.silence(coreCount: Cores.limit)
  }

  /// Ends a wait_for_interrupt on `core`.
  static func wake(_ core: UInt) { controller.call(core, .wake) }

  /// Stops `core` wherever it is. `request_stop` comes first.
  static func stop(_ core: UInt) { controller.call(core, .stop) }
}

// MARK: - Handling

extension Interrupts {
  /// So many of one source to one core within a hundredth of a second are a storm: one in 5 microseconds, the
  /// handler's time included. The fastest source of the kernel's own, a port of 115,200 baud, has 115.
  private static var stormLimit: UInt { 2000 }

  /// Handles what waits for the core that runs this.
  fileprivate static func handle() {
    let core = core_number()
    let now = timer_count()
    let result = controller.dispatch(core: core) { source in
      let window = timer_frequency() / 100
      let recent = unsafe counts?.add(source, core: core, now: now, window: window)
      if unsafe table?.handle(source, core: core) != true {
        noteUnexpected(source, core)
      }
      if recent == stormLimit { endStorm(of: source, core) }
    } stuck: { source in
      tell("stuck", source, core, ", masked\n")
    }
    if result.claimCount == 0 { Ticker.noteSpurious(core: core) }
    requireMasked(result.isUnderControl)
  }

  /// Masks a source that lets a few instructions pass and comes back, again and again.
  private static func endStorm(of source: InterruptSource, _ core: UInt) {
    requireMasked(controller.mask(source, core: core))
    tell("storming", source, core, ", masked\n")
  }

  private static func requireMasked(_ isMasked: Bool) {
    if !isMasked { panic("an interrupt that cannot be masked does not stop") }
  }

  private static func noteUnexpected(_ source: InterruptSource, _ core: UInt) {
    guard unsafe counts?.count(of: source, core: core) == 1 else { return }
    tell("unexpected", source, core, "\n")
  }

  private static func tell(
    _ what: StaticString, _ source: InterruptSource, _ core: UInt, _ end: StaticString
  ) {
    Console.log { console in
      console.write("roost: ")
      console.write(what)
      console.write(" interrupt on core ")
      console.write(decimal: core)
      console.write(": ")
      console.write(source)
      console.write(end)
    }
  }

  /// Calls `body` with each source that has a handler or has come, its handler's name and its counts.
  static func forEach(_ body: (InterruptSource, StaticString?, (UInt) -> UInt) -> Void) {
    guard let table = unsafe table, let counts = unsafe counts else { return }
    for number in 0..<UInt16(controller.sourceLimit) {
      guard let source = InterruptSource(rawValue: number) else { continue }
      let name = table.name(of: source)
      var total: UInt = 0
      for core in 0..<Cores.limit { total += counts.count(of: source, core: core) }
      if name != nil || total > 0 {
        body(source, name) { counts.count(of: source, core: $0) }
      }
    }
  }
}

/// Called by interrupts.S, on the interrupt stack, with interrupts masked.
@c(interrupt_entry)
func interruptEntry(_ frame: UnsafePointer<interrupt_frame>) { Interrupts.handle() }

extension TextSink {
  /// Writes a source's name, and its number where several have the same.
  func write(_ source: InterruptSource) {
    write(source.description)
    guard let number = source.number else { return }
    write(" (")
    write(decimal: number)
    write(")")
  }
}
