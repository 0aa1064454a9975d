/// The return addresses that led to a call of the heap, the innermost first: up to eight, held in
/// place. Never allocates.
public struct CallerChain: Equatable, Sendable {
  /// The most addresses that a chain holds.
  public static var capacity: Int { 8 }

  private var addresses = InlineArray<8, UInt>(repeating: 0)

  /// How many addresses there are: 0 to `capacity`.
  public private(set) var count = 0

  /// A chain without an address.
  public init() {}

  /// The address at `index`; 0 is the innermost.
  public subscript(index: Int) -> UInt {
    precondition(index >= 0 && index < count, "index past the end of a chain")
    return addresses[index]
  }

  /// Puts an address behind the outermost one; false, and nothing changed, when the chain is full.
  @discardableResult public mutating func append(_ address: UInt) -> Bool {
    guard count < Self.capacity else { return false }
    addresses[count] = address
    count += 1
    return true
  }

  /// True when both hold the same addresses.
  public static func == (a: CallerChain, b: CallerChain) -> Bool {
    guard a.count == b.count else { return false }
    var index = 0
    while index < a.count {
      if a.addresses[index] != b.addresses[index] { return false }
      index += 1
    }
    return true
  }
}
