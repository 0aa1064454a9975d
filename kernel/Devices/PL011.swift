import Base

/// The ARM PrimeCell UART (PL011), 8 data bits, no parity, 1 stop bit, both FIFOs on, no interrupts.
///
/// A value without state of its own: the panic path can make one and write, whatever else is broken.
/// Register offsets and bits: PL011 Technical Reference Manual (ARM DDI 0183), chapter 3.
public struct PL011<Bus: RegisterBus>: TextSink {
  let registers: RegisterBlock<Bus>

  /// How often a wait reads the flag register before it gives up. At 115,200 baud a byte takes 87 us
  /// and a full FIFO 1.4 ms, and a read of the flag register takes more than 20 ns: the default is
  /// 2.6 ms at least, so that a port that runs is never given up.
  let polls: Int

  /// A port at `registers`; `polls` is for tests.
  public init(registers: RegisterBlock<Bus>, polls: Int = 1 << 17) {
    self.registers = registers
    self.polls = polls
  }

  /// Sets the port up from any state, as the TRM orders the steps (3.3.8 "Control register": disable,
  /// let the current character end, flush the FIFO, program, enable).
  ///
  /// - Parameter clockHertz: the UART's clock, from the mailbox (`clockRate(of: .uart)`).
  /// - Returns: false when the registers cannot divide that clock down to `baud`; then nothing was
  ///   written.
  public func initialize(clockHertz: UInt32, baud: UInt32 = 115_200) -> Bool {
    guard let divisor = BaudDivisor(clockHertz: clockHertz, baud: baud) else { return false }
    registers.bus.barrier()
    drain()
    registers.store(0, to: Offset.control)
    _ = registers.wait(for: 0, in: Flag.busy, at: Offset.flags, polls: polls)
    registers.store(0, to: Offset.lineControl)  // FEN = 0 empties the FIFOs
    registers.store(0, to: Offset.interruptMask)
    registers.store(0, to: Offset.dmaControl)
    registers.store(0x7FF, to: Offset.interruptClear)
    registers.store(0, to: Offset.receiveStatus)
    registers.store(divisor.integer, to: Offset.integerDivisor)
    registers.store(divisor.fraction, to: Offset.fractionalDivisor)
    // The write of LCRH is what latches both divisors (TRM 3.3.7), so it comes after them.
    registers.store(LineControl.eightBits | LineControl.fifos, to: Offset.lineControl)
    registers.store(
      Control.receive | Control.transmit | Control.enable, to: Offset.control)
    registers.bus.barrier()
    return true
  }

  /// The divisor that is set.
  public var divisor: BaudDivisor {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    return BaudDivisor(
      integer: registers.load(Offset.integerDivisor) & 0xFFFF,
      fraction: registers.load(Offset.fractionalDivisor) & 63)
  }

  /// Sends one byte, waiting for room in the FIFO; false when there was none in time and the byte
  /// is lost. A port whose clock has stopped costs output, and never the kernel.
  @discardableResult
  public func send(_ byte: UInt8) -> Bool {
    registers.bus.barrier()
    let hasRoom = registers.wait(
      for: 0, in: Flag.transmitFull, at: Offset.flags, polls: polls)
    if hasRoom { registers.store(UInt32(byte), to: Offset.data) }
    registers.bus.barrier()
    return hasRoom
  }

  /// True when `send` need not wait.
  public var canSend: Bool {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    return registers.load(Offset.flags) & Flag.transmitFull == 0
  }

  /// Sends one byte of text; a line feed is sent as carriage return and line feed.
  public func write(byte: UInt8) {
    if byte == UInt8(ascii: "\n") { send(UInt8(ascii: "\r")) }
    send(byte)
  }

  /// Waits until the last byte has left the pin (before a reset, or before a new baud rate), at
  /// most as long as a full FIFO takes. Does nothing when the port is off.
  public func flush() {
    registers.bus.barrier()
    drain()
    registers.bus.barrier()
  }

  private func drain() {
    guard registers.load(Offset.control) & Control.enable != 0 else { return }
    _ = registers.wait(for: 0, in: Flag.busy, at: Offset.flags, polls: polls)
  }

  /// The oldest character that has arrived, or nil. Never waits.
  public func receive() -> ReceivedCharacter? {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    guard registers.load(Offset.flags) & Flag.receiveEmpty == 0 else { return nil }
    let character = ReceivedCharacter(dataRegister: registers.load(Offset.data))
    // Any write clears the error flags (TRM 3.3.2); overrun stays set otherwise.
    if !character.errors.isEmpty { registers.store(0, to: Offset.receiveStatus) }
    return character
  }

  /// The next byte that arrived whole, or nil. Characters with a framing or parity error and breaks
  /// are dropped: what they hold is noise. Never waits.
  public func receiveByte() -> UInt8? {
    var left = PL011Limits.fifoDepth
    while left > 0, let character = receive() {
      if character.isWhole { return character.byte }
      left -= 1
    }
    return nil
  }
}

/// Facts of the PL011 that do not depend on the bus.
enum PL011Limits {
  /// Characters in a FIFO: 16, or 32 from revision r1p5 on.
  static var fifoDepth: Int { 32 }
}

/// Register offsets in bytes (TRM table 3-1).
private enum Offset {
  static var data: UInt { 0x00 }
  static var receiveStatus: UInt { 0x04 }
  static var flags: UInt { 0x18 }
  static var integerDivisor: UInt { 0x24 }
  static var fractionalDivisor: UInt { 0x28 }
  static var lineControl: UInt { 0x2C }
  static var control: UInt { 0x30 }
  static var interruptMask: UInt { 0x38 }
  static var interruptClear: UInt { 0x44 }
  static var dmaControl: UInt { 0x48 }
}

/// UARTFR (TRM 3.3.3).
private enum Flag {
  static var busy: UInt32 { 1 << 3 }
  static var receiveEmpty: UInt32 { 1 << 4 }
  static var transmitFull: UInt32 { 1 << 5 }
}

/// UARTLCR_H (TRM 3.3.7).
private enum LineControl {
  static var fifos: UInt32 { 1 << 4 }
  static var eightBits: UInt32 { 3 << 5 }
}

/// UARTCR (TRM 3.3.8).
private enum Control {
  static var enable: UInt32 { 1 << 0 }
  static var transmit: UInt32 { 1 << 8 }
  static var receive: UInt32 { 1 << 9 }
}
