import CShims
import Base
import Devices
import Sync

/// The kernel's terminal: the PL011 on GPIO 14 and 15, 115,200 baud, 8N1.
///
/// Nothing is stored, so the report of a fault can write whatever else is broken.
enum Console {
  /// The serial port.
  static var port: PL011<MemoryMappedBus> { unsafe Board.current.serialPort(on: .init()) }

  /// The serial port for whoever shares it with other cores and with handlers: line-buffered.
  static var buffered: BufferedConsole { BufferedConsole() }

  /// Lets `body` write whole lines at once, from a handler too. They are deferred until no core is inside
  /// a line. Interrupts are masked meanwhile, so `body` is short.
  static func log(_ body: (DeferredMessages) -> Void) {
    Locks.console.withLock {
      body(DeferredMessages())
      if unsafe BufferedConsole.owner == nil { DeferredMessages.deliver() }
    }
  }

  /// The firmware's property mailbox, with the one buffer that the kernel has for it.
  static var mailbox: Mailbox<MemoryMappedBus> {
    unsafe Board.current.mailbox(on: .init(), buffer: PhysicalAddress(mailbox_buffer_start()))
  }

  /// Takes the port from whatever the firmware did with it and sets it up.
  static func open() {
    let pins = unsafe Board.current.gpio(on: MemoryMappedBus())
    pins.connectSerialPort()
    // The firmware connects the PL011 to the Bluetooth chip, on pins 32 and 33. A second pin that
    // feeds the receiver would garble what is typed.
    pins.select(.input, for: 32)
    pins.select(.input, for: 33)
    if !port.initialize(clockHertz: clockHertz()) {
      _ = port.initialize(clockHertz: usualClockHertz)
    }
  }

  /// What config.txt asks for, and the firmware's default.
  private static var usualClockHertz: UInt32 { 48_000_000 }

  /// The port's clock in Hz. A report outside 1 to 100 MHz is not believed: such a clock is asked
  /// to be the usual one.
  static func clockHertz() -> UInt32 {
    if let reported = try? mailbox.clockRate(of: .uart), isCredible(reported) { return reported }
    if let changed = try? mailbox.setClockRate(of: .uart, hertz: usualClockHertz),
      isCredible(changed)
    {
      return changed
    }
    return usualClockHertz
  }

  private static func isCredible(_ hertz: UInt32) -> Bool {
    1_000_000...100_000_000 ~= hertz
  }
}
