/// How many frames are in each state.
struct PageCounters {
  var free: UInt = 0
  /// By `PageReservation.rawValue`.
  var reserved = InlineArray<16, UInt>(repeating: 0)
  /// By `PageUse.rawValue`.
  var allocated = InlineArray<16, UInt>(repeating: 0)

  subscript(state: PageState) -> UInt {
    get {
      switch state {
      case .free: free
      case .reserved(let reason): reserved[Int(reason.rawValue)]
      case .allocated(let use): allocated[Int(use.rawValue)]
      }
    }
    set {
      switch state {
      case .free: free = newValue
      case .reserved(let reason): reserved[Int(reason.rawValue)] = newValue
      case .allocated(let use): allocated[Int(use.rawValue)] = newValue
      }
    }
  }

  /// Notes that `count` frames went from one state to another. Wraps rather than traps, since a
  /// counter may have been overwritten; `check()` tells.
  mutating func move(_ count: UInt, from old: PageState, to new: PageState) {
    self[old] &-= count
    self[new] &+= count
  }

  static func == (a: Self, b: Self) -> Bool {
    guard a.free == b.free else { return false }
    for index in 0..<16 where a.reserved[index] != b.reserved[index] { return false }
    for index in 0..<16 where a.allocated[index] != b.allocated[index] { return false }
    return true
  }
}
