/// What is known of one slot for guarded allocations, or of the allocation that spans it.
struct GuardRecord {
  enum State: UInt32 {
    /// Never used. The value of cleared memory.
    case unused = 0
    /// The first slot of an allocation that is in use, or was.
    case live, freed
    /// A further slot of the allocation that begins at `head`.
    case rest
  }

  var payload: UInt
  var byteCount: UInt
  var allocatedBy: UInt
  var freedBy: UInt
  /// Slots that the allocation spans, in its first slot.
  var span: UInt32
  /// The first slot of the allocation.
  var head: UInt32
  private var stateValue: UInt32
  private var unusedValue: UInt32 = 0

  init(
    _ state: State, payload: UInt = 0, byteCount: UInt = 0, allocatedBy: UInt = 0, span: Int = 1,
    head: Int
  ) {
    self.payload = payload
    self.byteCount = byteCount
    self.allocatedBy = allocatedBy
    freedBy = 0
    self.span = UInt32(truncatingIfNeeded: span)
    self.head = UInt32(truncatingIfNeeded: head)
    stateValue = state.rawValue
  }

  var state: State {
    get { State(rawValue: stateValue) ?? .unused }
    set { stateValue = newValue.rawValue }
  }
}

/// The records of all slots, in memory that the owner gave: the only type here that touches it.
@safe struct GuardRecords {
  private let start: UnsafeMutablePointer<GuardRecord>
  let count: Int

  /// Clears `memory`. Nil when it holds no record or is not 16-byte aligned.
  init?(memory: UnsafeMutableRawBufferPointer) {
    count = memory.count / MemoryLayout<GuardRecord>.stride
    guard count > 0, let base = memory.baseAddress, UInt(bitPattern: base) % 16 == 0 else {
      return nil
    }
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: memory.count)
    unsafe start = base.assumingMemoryBound(to: GuardRecord.self)
  }

  subscript(slot: Int) -> GuardRecord {
    get {
      precondition(0..<count ~= slot)
      return unsafe start[slot]
    }
    nonmutating set {
      precondition(0..<count ~= slot)
      unsafe start[slot] = newValue
    }
  }
}
