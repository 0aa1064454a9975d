/// The PL011's clock divisor: the UART clock divided by 16 times the baud rate, in 64ths
/// (PL011 TRM, 3.3.6 "Fractional baud rate register").
public struct BaudDivisor: Equatable, Sendable {
  /// IBRD: 1 to 65,535.
  public let integer: UInt32
  /// FBRD, in 64ths: 0 to 63, and 0 where `integer` is 65,535.
  public let fraction: UInt32

  /// The divisor nearest to `clockHertz / (16 * baud)`; nil where the registers cannot hold it.
  public init?(clockHertz: UInt32, baud: UInt32) {
    guard baud != 0 else { return nil }
    // 64 * clock / (16 * baud) = 4 * clock / baud, rounded half up.
    let sixtyFourths = (UInt64(clockHertz) * 4 + UInt64(baud) / 2) / UInt64(baud)
    guard sixtyFourths >= 64, sixtyFourths <= 65535 * 64 else { return nil }
    integer = UInt32(sixtyFourths / 64)
    fraction = UInt32(sixtyFourths % 64)
  }

  /// What the registers hold.
  init(integer: UInt32, fraction: UInt32) {
    self.integer = integer
    self.fraction = fraction
  }

  /// The rate that this divisor gives, in baud, rounded down.
  public func baud(clockHertz: UInt32) -> UInt32 {
    UInt32(UInt64(clockHertz) * 4 / UInt64(integer * 64 + fraction))
  }
}
