import Base

/// The way from a driver to its registers. On the board it is `MemoryMappedBus`; in tests a fake
/// that plays the device and records the traffic. Drivers are generic over it, so a call costs what
/// the instruction costs.
///
/// Every address is a multiple of 4.
public protocol RegisterBus {
  /// Reads a 32-bit register, or a word of memory that is shared with a device. The read happens
  /// exactly once.
  func load(_ address: PhysicalAddress) -> UInt32

  /// Writes a 32-bit register, or a word of memory that is shared with a device. The write happens
  /// exactly once.
  func store(_ value: UInt32, to address: PhysicalAddress)

  /// Completes every access before it. Drivers put one before their first write and one after their
  /// last read, because the bus keeps order only within one peripheral (BCM2835 ARM Peripherals,
  /// 1.3 "Peripheral access precautions for correct memory ordering").
  func barrier()

  /// Writes cached bytes back, so that a device that reads memory past the caches finds them.
  func cleanCache(from start: PhysicalAddress, byteCount: UInt)

  /// Forgets cached bytes, so that the next load finds what a device wrote past the caches. The
  /// range must fill whole cache lines.
  func invalidateCache(from start: PhysicalAddress, byteCount: UInt)

  /// Does nothing for at least `cycles` processor cycles.
  func wait(cycles: Int)
}

/// One peripheral's registers: a bus and the address of the first register.
public struct RegisterBlock<Bus: RegisterBus> {
  /// The way to the registers.
  public let bus: Bus
  /// The address of the register at offset 0.
  public let base: PhysicalAddress

  /// The registers that start at `base`, a multiple of 4.
  public init(bus: Bus, base: PhysicalAddress) {
    self.bus = bus
    self.base = base
  }

  /// Reads the register `offset` bytes after the first.
  @inline(__always)
  public func load(_ offset: UInt) -> UInt32 {
    bus.load(PhysicalAddress(base.rawValue &+ offset))
  }

  /// Writes the register `offset` bytes after the first.
  @inline(__always)
  public func store(_ value: UInt32, to offset: UInt) {
    bus.store(value, to: PhysicalAddress(base.rawValue &+ offset))
  }

  /// Reads the register at `offset` until `mask` picks the bits `value` from it; false when that
  /// has not come about after `polls` reads. A device that is off or absent must not stop the kernel.
  public func wait(for value: UInt32, in mask: UInt32, at offset: UInt, polls: Int) -> Bool {
    var left = polls
    while left > 0 {
      if load(offset) & mask == value { return true }
      left -= 1
    }
    return false
  }
}
