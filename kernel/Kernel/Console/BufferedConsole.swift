import CShims
import Base
import Devices
import Sync

/// The line-buffered console: what the code of a core writes goes out a line at a time.
///
/// ```
///   core 0 ──> its line ──┐ one core at a time writes
///   core 1 ──> its line ──┤ its line to the port        ──> port
///   log  ──> deferred ────┘ behind a whole line
/// ```
/// What is written waits in the core's own buffer for the end of the line, for `flush`, or until that is
/// full. The port is slow: interrupts stay enabled while a line goes out, so handlers use `Console.log`.
struct BufferedConsole: TextSink {
  /// The core whose line is on its way to the port. Behind `Locks.console`.
  fileprivate(set) nonisolated(unsafe) static var owner: UInt?

  /// True when the last byte at the port did not end a line.
  fileprivate nonisolated(unsafe) static var isInsideLine = false

  func write(byte: UInt8) {
    let line = unsafe console_line_of(core_number())
    unsafe append_text(line, byte)
    let isFull = unsafe line.pointee.count == UInt64(CONSOLE_LINE_ROOM)
    if isFull || byte == UInt8(ascii: "\n") { flush() }
  }

  /// Sends what this core has written, though its line may go on.
  func flush() {
    let line = unsafe console_line_of(core_number())
    guard unsafe line.pointee.count > 0 else { return }
    Self.acquirePort()
    unsafe Self.send(line)
    Display.refreshIfDue()
    Self.releasePort()
  }

  /// Sends the rest of this core's line without asking: the report of a failure comes next.
  static func flushInReport() { unsafe send(console_line_of(core_number())) }

  @unsafe private static func send(_ line: UnsafeMutablePointer<console_text>) {
    let count = unsafe min(line.pointee.count, UInt64(CONSOLE_LINE_ROOM))
    while unsafe line.pointee.sent < count {
      let byte = unsafe text_byte(line, line.pointee.sent)
      unsafe line.pointee.sent += 1
      Console.terminals.write(byte: byte)
      unsafe isInsideLine = byte != UInt8(ascii: "\n")
    }
    unsafe line.pointee.count = 0
    unsafe line.pointee.sent = 0
  }

  /// Waits until no other core is inside a line. One that stays there is a report, not a hang.
  private static func acquirePort() {
    let core = core_number()
    let start = timer_count()
    while !Locks.console.withLock({ claims(core) }) {
      if timer_count() &- start > Core.longestWait { panic("a line at the console does not end") }
      wait_for_event()
    }
  }

  private static func claims(_ core: UInt) -> Bool {
    if unsafe owner == core { panic("a handler writes where it may only log") }
    guard unsafe owner == nil else { return false }
    unsafe owner = core
    return true
  }

  private static func releasePort() {
    Locks.console.withLock {
      DeferredMessages.deliver()
      unsafe owner = nil
    }
    send_event()
  }
}

/// Messages of handlers and other cores, deferred until the port is between two lines. Behind
/// `Locks.console`.
struct DeferredMessages: TextSink {
  func write(byte: UInt8) {
    let text = unsafe console_deferred_text()
    if unsafe text.pointee.count < UInt64(CONSOLE_DEFERRED_ROOM) {
      unsafe append_text(text, byte)
    } else {
      unsafe text.pointee.lost += 1
    }
  }

  /// Sends them all. Nobody writes a line, but the monitor may wait behind its prompt.
  static func deliver() {
    let text = unsafe console_deferred_text()
    guard unsafe text.pointee.count > 0 else { return }
    if unsafe BufferedConsole.isInsideLine { Console.terminals.write("\n") }
    var index: UInt64 = 0
    while unsafe index < text.pointee.count {
      Console.terminals.write(byte: unsafe text_byte(text, index))
      index += 1
    }
    if unsafe text.pointee.lost > 0 {
      Console.terminals.write("\nroost: too many messages at once\n")
    }
    unsafe BufferedConsole.isInsideLine = false
    unsafe text.pointee.count = 0
    unsafe text.pointee.lost = 0
  }
}
