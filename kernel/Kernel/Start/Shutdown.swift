import CShims
import Base
import Devices

/// The ways in which the kernel ends, and the status that each gives an emulator.
enum Shutdown {
  /// What QEMU exits with, when the command line says `exit=semihosting`.
  enum Status: UInt64 {
    /// `halt` was asked for.
    case halted = 0
    /// The kernel gave up: `panic`.
    case panic = 2
    /// A processor exception, Swift's own checks among them.
    case fault = 3
    /// A fault while reporting one.
    case nestedFault = 4
  }

  /// True when ending means to leave the emulator. Set once, from the command line.
  nonisolated(unsafe) static var exitsThroughSemihosting = false

  /// Ends the machine. Never allocates.
  static func stop(_ status: Status) -> Never {
    if status != .halted { Console.terminals.write("*** halted\n") }
    Display.refreshInReport()
    Console.port.flush()
    if unsafe exitsThroughSemihosting { semihosting_exit(status.rawValue) }
    halt_core()
  }
}
