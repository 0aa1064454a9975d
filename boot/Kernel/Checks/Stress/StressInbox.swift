import Synchronization

/// Where cores leave blocks for one core to free: a few slots, each an address or 0.
struct StressInbox: ~Copyable {
  static var capacity: Int { 8 }

  private let slots: InlineArray<8, Atomic<UInt>>

  init() { slots = InlineArray { _ in Atomic(0) } }

  /// Leaves `address` in a slot; false when it is taken. The block's bytes are handed over with it.
  func put(_ address: UInt, at index: Int) -> Bool {
    slots[index].compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing)
      .exchanged
  }

  /// Takes what is in a slot; 0 when that is nothing.
  func take(_ index: Int) -> UInt {
    slots[index].exchange(0, ordering: .acquiringAndReleasing)
  }
}
