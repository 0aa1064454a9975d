import Base
import Devices

/// What a driver did on the bus. Addresses are absolute.
enum Traffic: Equatable {
  case load(UInt)
  case store(UInt32, UInt)
  case barrier
  case clean(UInt, UInt)
  case invalidate(UInt, UInt)
  case wait(Int)
}

/// A bus that keeps a record, and plays a device: a load gives what the script says next for its
/// address (the last entry for ever), or else what was stored there, or else 0.
final class RecordingBus: RegisterBus {
  private(set) var traffic: [Traffic] = []
  var script: [UInt: [UInt32]] = [:]
  var words: [UInt: UInt32] = [:]
  /// Called after each store, with value and address.
  var onStore: (UInt32, UInt) -> Void = { _, _ in }

  func load(_ address: PhysicalAddress) -> UInt32 {
    let at = address.rawValue
    precondition(at % 4 == 0, "misaligned load")
    traffic.append(.load(at))
    guard var answers = script[at], let next = answers.first else { return words[at] ?? 0 }
    if answers.count > 1 {
      answers.removeFirst()
      script[at] = answers
    }
    return next
  }

  func store(_ value: UInt32, to address: PhysicalAddress) {
    let at = address.rawValue
    precondition(at % 4 == 0, "misaligned store")
    traffic.append(.store(value, at))
    words[at] = value
    onStore(value, at)
  }

  func barrier() { traffic.append(.barrier) }

  func cleanCache(from start: PhysicalAddress, byteCount: UInt) {
    traffic.append(.clean(start.rawValue, byteCount))
  }

  func invalidateCache(from start: PhysicalAddress, byteCount: UInt) {
    traffic.append(.invalidate(start.rawValue, byteCount))
  }

  func wait(cycles: Int) { traffic.append(.wait(cycles)) }

  func forget() { traffic = [] }

  /// Every value that was stored at `address`, in order.
  func stores(to address: UInt) -> [UInt32] {
    traffic.compactMap { if case .store(let value, address) = $0 { value } else { nil } }
  }

  /// How often `address` was loaded.
  func loadCount(of address: UInt) -> Int {
    traffic.count { $0 == .load(address) }
  }
}
