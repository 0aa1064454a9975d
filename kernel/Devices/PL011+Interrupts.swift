// Receiving by interrupt (PL011 TRM, 3.3.10 to 3.3.13 and 3.5).
extension PL011 {
  /// Lets the port interrupt when characters have arrived: the FIFO is a quarter full, or holds
  /// something and the line was idle for 32 bit times.
  public func enableReceiveInterrupt() {
    registers.bus.barrier()
    // A quarter: soon enough that a FIFO of 16 does not overrun at 115,200 baud within 1 ms.
    registers.store(Interrupt.receiveQuarter, to: InterruptOffset.levels)
    registers.store(Interrupt.receive | Interrupt.receiveTimeout, to: InterruptOffset.mask)
    registers.bus.barrier()
  }

  /// Keeps the port from interrupting. What arrives waits in the FIFO.
  public func disableReceiveInterrupt() {
    registers.bus.barrier()
    registers.store(0, to: InterruptOffset.mask)
    registers.bus.barrier()
  }

  /// Moves what has arrived into `queue`, and takes the interrupt back. When the queue is full the rest
  /// stays in the FIFO, with the interrupt disabled.
  ///
  /// - Returns: false when the queue is full: the reader calls `enableReceiveInterrupt` once it has
  ///   taken something.
  public func receive(into queue: inout ByteQueue) -> Bool {
    while !queue.isFull {
      guard let character = receive() else {
        registers.store(Interrupt.receiveTimeout, to: InterruptOffset.clear)
        registers.bus.barrier()
        return true
      }
      if character.isWhole { _ = queue.append(character.byte) } else { queue.damagedCount &+= 1 }
    }
    disableReceiveInterrupt()
    return false
  }
}

private enum InterruptOffset {
  static var levels: UInt { 0x34 }
  static var mask: UInt { 0x38 }
  static var clear: UInt { 0x44 }
}

private enum Interrupt {
  static var receive: UInt32 { 1 << 4 }
  static var receiveTimeout: UInt32 { 1 << 6 }
  /// UARTIFLS: receive at 1/4, transmit at 1/8.
  static var receiveQuarter: UInt32 { 1 << 3 }
}
