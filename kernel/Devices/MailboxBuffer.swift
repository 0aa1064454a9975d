import Base

/// What the memory of a mailbox question must be, and how the VideoCore addresses it.
public enum MailboxBuffer {
  /// Bytes that the buffer takes: whole cache lines, because it is invalidated after each call.
  public static var byteCount: UInt { 256 }

  /// The buffer's alignment in bytes: a cache line of the Cortex-A53. The mailbox itself needs 16,
  /// since the low four bits of a message carry the channel.
  public static var alignment: UInt { 64 }

  /// True when a buffer may start at `address`.
  public static func isUsable(_ address: PhysicalAddress) -> Bool {
    address.rawValue % alignment == 0 && address.rawValue <= aliasMask - byteCount + 1
  }

  /// `address` (below 1 GiB) as the VideoCore sees it through the alias that bypasses its L2 cache
  /// (BCM2835 ARM Peripherals, 1.2.4 "Bus addresses": 0xC0000000).
  public static func busAddress(of address: PhysicalAddress) -> UInt32 {
    UInt32(truncatingIfNeeded: address.rawValue & aliasMask) | 0xC000_0000
  }

  /// The address that the ARM uses for `busAddress`, whichever alias that is of.
  public static func physicalAddress(of busAddress: UInt32) -> PhysicalAddress {
    PhysicalAddress(UInt(busAddress) & aliasMask)
  }

  static var aliasMask: UInt { 0x3FFF_FFFF }
  static var propertyChannel: UInt32 { 8 }
}
