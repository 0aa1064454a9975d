import Base
import Devices

// The LED and the pins of the header, for programs. One core at a time: pins share registers.

/// The green ACT LED.
public enum ActivityLED {
  /// Its pin once the firmware was asked for the board.
  private nonisolated(unsafe) static var knownPin: UInt?

  private static var pin: UInt? {
    if let pin = unsafe knownPin { return pin }
    guard let code = try? Console.mailbox.boardRevision() else { return nil }
    unsafe knownPin = BoardRevision(code: code).activityPin
    return unsafe knownPin
  }

  /// Lights it, or not; does nothing on a board whose revision code is not known.
  @export(interface) public static func set(_ isLit: Bool) {
    guard let pin else { return }
    if pin >= 128 {
      try? Console.mailbox.drive(firmwarePin: UInt32(pin), high: isLit)
    } else {
      pins.select(.output, for: pin)
      pins.drive(pin, high: isLit)
    }
  }
}

/// A pin of the 40-pin header, by its GPIO number. 3.3 V: more destroys the chip.
public struct Pin: Sendable, Equatable {
  /// The GPIO number: 2 to 27.
  public let number: Int

  /// The pin GPIO `number`; nil when that is none of the header's free ones. 0 and 1 are for the board's add-on
  /// memory, 14 and 15 the serial port.
  public init?(_ number: Int) {
    guard 2...27 ~= number, number != 14, number != 15 else { return nil }
    self.number = number
  }

  /// What holds an input where nobody drives it.
  public enum Pull: Sendable {
    /// Nothing: it reads as anything.
    case none
    /// About 50 kOhm to 0 V.
    case down
    /// About 50 kOhm to 3.3 V.
    case up
  }

  /// Makes it an input.
  @export(interface) public func makeInput(pull: Pull = .none) {
    pins.select(.input, for: UInt(number))
    switch pull {
    case .none: pins.setPull(.none, for: UInt(number))
    case .down: pins.setPull(.down, for: UInt(number))
    case .up: pins.setPull(.up, for: UInt(number))
    }
  }

  /// Makes it an output, which drives what `set` said last.
  @export(interface) public func makeOutput() {
    pins.select(.output, for: UInt(number))
  }

  /// Drives the output to 3.3 V or to 0 V; 16 mA at most (BCM2835 ARM Peripherals, 6.1, and the pads' default of 8).
  @export(interface) public func set(_ isHigh: Bool) {
    pins.drive(UInt(number), high: isHigh)
  }

  /// True when the pin is at 3.3 V.
  @export(interface) public var isHigh: Bool { pins.isHigh(UInt(number)) }
}

private var pins: GPIO<MemoryMappedBus> { unsafe Board.current.gpio(on: MemoryMappedBus()) }
