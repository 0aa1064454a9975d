/// A misuse of a lock, noticed instead of a hang.
public struct LockFault: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The core holds the lock already.
    case takenTwice
    /// The lock is given back, and nobody holds it.
    case notHeld
    /// The lock is given back by a core that does not hold it.
    case heldByOther
    /// The holder did not give the lock back in time.
    case waitedTooLong
    /// The core holds a lock that may only be taken after this one.
    case wrongOrder
  }

  /// What was wrong.
  public let kind: Kind
  /// The lock's name.
  public let lock: StaticString
  /// The core that met the fault.
  public let core: UInt
  /// The address of the call that met the fault.
  public let caller: UInt
  /// The core that held the lock; nil when none did.
  public let holder: UInt?
  /// The address of the call with which the holder took the lock; 0 when none did.
  public let holderCaller: UInt

  /// The fault with these parts.
  public init(
    kind: Kind, lock: StaticString, core: UInt, caller: UInt, holder: UInt?, holderCaller: UInt
  ) {
    self.kind = kind
    self.lock = lock
    self.core = core
    self.caller = caller
    self.holder = holder
    self.holderCaller = holderCaller
  }

  /// Equal in all that can be compared: names are compared by content.
  public static func == (a: Self, b: Self) -> Bool {
    a.kind == b.kind && a.core == b.core && a.caller == b.caller && a.holder == b.holder
      && a.holderCaller == b.holderCaller && a.lock.isSameText(as: b.lock)
  }
}

extension LockFault.Kind {
  /// The fault in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .takenTwice: "lock taken twice by one core"
    case .notHeld: "lock given back that nobody holds"
    case .heldByOther: "lock given back by a core that does not hold it"
    case .waitedTooLong: "lock not given back in time"
    case .wrongOrder: "lock taken out of order"
    }
  }
}

extension StaticString {
  fileprivate func isSameText(as other: StaticString) -> Bool {
    guard utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
    for index in 0..<utf8CodeUnitCount {
      if unsafe utf8Start[index] != other.utf8Start[index] { return false }
    }
    return true
  }
}
