import Base
import CShims
import Devices

/// ctrl-C while a command runs. A command that takes long looks here, and ends early with everything given
/// back; what was typed ahead is forgotten. One that does not look ends as it would, and the key is the
/// monitor's afterwards.
enum Interruption {
  private nonisolated(unsafe) static var isWatching = false
  private nonisolated(unsafe) static var requested: UInt64 = 0

  /// What a command says that was ended early.
  static var words: StaticString { "stopped by ctrl-C; everything was given back" }

  /// True when the command that runs shall end. Any core may ask.
  @inline(__always) static var isRequested: Bool { unsafe peek_word(&requested) != 0 }

  /// True while what runs was typed at the terminal, so that somebody watches.
  static var hasAudience: Bool { unsafe isWatching }

  /// Runs `body`, which may be a command.
  ///
  /// - Returns: true when ctrl-C came and no command took it.
  static func watch(_ body: () -> Void) -> Bool {
    unsafe isWatching = true
    body()
    unsafe isWatching = false
    return take()
  }

  /// Called by the command that ends for it. True when there was a request; there is none any more.
  static func take() -> Bool { unsafe take_word(&requested) != 0 }

  /// Called by the serial port's handler for what has come. A ctrl-C for a command is taken out, with all that
  /// was typed before it.
  static func filter(_ bytes: inout ByteQueue) {
    guard unsafe isWatching, bytes.removeThroughLast(3) else { return }
    _ = unsafe put_word(&requested, 1)
  }
}

/// How far a command is. It is told every two seconds where somebody watches: who waits on a slow board or a
/// busy host sees that something happens.
struct Progress {
  private let total: Int
  private let unit: StaticString
  private var nextReport: UInt64

  /// The progress to `total` of `unit`, a word in the plural.
  init(of total: Int, _ unit: StaticString) {
    self.total = total
    self.unit = unit
    nextReport = timer_count() &+ 2 &* timer_frequency()
  }

  /// Tells, if it is time, that `done` of the total are done. Not for handlers.
  ///
  /// - Returns: false when the command shall end.
  mutating func goesOn(done: @autoclosure () -> Int) -> Bool {
    let now = timer_count()
    if Int64(bitPattern: now &- nextReport) >= 0 {
      nextReport = now &+ 2 &* timer_frequency()
      if Interruption.hasAudience { write(done(), to: Console.buffered) }
    }
    return !Interruption.isRequested
  }

  private func write(_ done: Int, to console: some TextSink) {
    console.write("progress: ")
    console.write(decimal: done)
    console.write(" of ")
    console.write(decimal: total)
    console.write(" ")
    console.write(unit)
    console.write(", ")
    console.write(decimal: total > 0 ? done * 100 / total : 100)
    console.write(" %\n")
  }
}
