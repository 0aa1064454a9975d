/// A character from the PL011 with what went wrong on the line (PL011 TRM, 3.3.1 "Data register").
public struct ReceivedCharacter: Equatable, Sendable {
  /// What can be wrong with a character. The raw values are bits 8 to 11 of UARTDR.
  public struct Errors: OptionSet, Sendable {
    /// The bits, bit 8 of UARTDR first.
    public let rawValue: UInt8

    /// The set with these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No valid stop bit: most often the wrong baud rate.
    public static var framing: Errors { Errors(rawValue: 1) }
    /// The parity bit was wrong.
    public static var parity: Errors { Errors(rawValue: 2) }
    /// The line was low for longer than a character.
    public static var lineBreak: Errors { Errors(rawValue: 4) }
    /// The FIFO was full, and characters after this one were lost. This one is whole.
    public static var overrun: Errors { Errors(rawValue: 8) }
  }

  /// The character's eight bits.
  public let byte: UInt8
  /// What went wrong.
  public let errors: Errors

  /// Takes a value of UARTDR apart.
  public init(dataRegister: UInt32) {
    byte = UInt8(truncatingIfNeeded: dataRegister)
    errors = Errors(rawValue: UInt8(truncatingIfNeeded: dataRegister >> 8) & 15)
  }

  /// True when `byte` is what was sent.
  public var isWhole: Bool { errors.isSubset(of: .overrun) }
}
