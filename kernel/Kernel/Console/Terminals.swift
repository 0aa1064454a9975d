import CShims
import Base
import Devices

/// Where the kernel's text goes: the serial port and, where there is a display, the screen. For whoever
/// holds the console, and for reports. Never allocates.
struct Terminals: TextSink {
  /// True while what is written is for a program at the other end of the line, not for people. Changed by
  /// the owner of the console's line only.
  nonisolated(unsafe) static var isSerialOnly = false

  func write(byte: UInt8) {
    Console.port.write(byte: byte)
    if unsafe !Self.isSerialOnly { Display.receive(byte) }
  }
}

extension Console {
  /// The serial port and the screen.
  static var terminals: Terminals { Terminals() }
}
