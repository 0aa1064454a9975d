import Record

/// Puts a history together, one step at a time.
struct HistoryNotes {
  /// Where a payload lies.
  struct Place {
    var offset: Int
    var byteCount: Int
    var payloadOffset: Int
    var requestedByteCount: Int
    var alignment = 16
  }

  private(set) var lives: [HeapHistory.Life] = []
  private(set) var steps: [HeapHistory.Step] = []
  private var chains: [CallerChain] = [CallerChain()]
  private var chainNumbers: [[UInt]: Int] = [[]: 0]
  init(stepCapacity: Int) { steps.reserveCapacity(stepCapacity) }

  /// The number of a chain, the same for the same callers.
  mutating func number(of chain: CallerChain) -> Int {
    let key = (0..<chain.count).map { chain[$0] }
    if let number = chainNumbers[key] { return number }
    chains.append(chain)
    chainNumbers[key] = chains.count - 1
    return chains.count - 1
  }

  /// A life that began before the first step.
  mutating func before(_ place: Place) -> Int { begin(place, born: -1, payload: nil, chain: 0) }

  mutating func allocate(_ place: Place, chain: Int = 0) -> Int {
    let life = begin(place, born: steps.count, payload: nil, chain: chain)
    steps.append(.allocate(life))
    return life
  }

  mutating func reallocate(_ old: Int, _ place: Place, chain: Int = 0) -> Int {
    let life = begin(place, born: steps.count, payload: lives[old].payload, chain: chain)
    lives[old].died = steps.count
    steps.append(.reallocate(from: old, to: life))
    return life
  }

  mutating func free(_ life: Int) {
    lives[life].died = steps.count
    steps.append(.free(life))
  }

  mutating func refuse(byteCount: Int) { steps.append(.refuse(byteCount: byteCount)) }

  mutating func nothing() { steps.append(.nothing) }

  /// The history so far, without times and regions; its offsets are the places that were noted.
  func history() -> HeapHistory {
    var lives = lives
    for index in lives.indices where lives[index].died == .max { lives[index].died = steps.count }
    return HeapHistory(
      name: "", regions: [], lives: lives, steps: steps, times: [], chains: chains)
  }

  /// The same in one region that begins with the first segment.
  func historyOfOneRegion() -> HeapHistory {
    var history = history()
    guard let start = lives.map(\.offset).min(), let end = lives.map(\.end).max() else {
      return history
    }
    for index in history.lives.indices { history.lives[index].offset -= start }
    history.regions = [
      HeapHistory.Region(address: UInt(bitPattern: start), offset: 0, byteCount: end - start)
    ]
    return history
  }

  private mutating func begin(_ place: Place, born: Int, payload: Int?, chain: Int) -> Int {
    lives.append(
      HeapHistory.Life(
        offset: place.offset, byteCount: place.byteCount, payloadOffset: place.payloadOffset,
        requestedByteCount: place.requestedByteCount, alignment: place.alignment, born: born,
        died: .max, payload: payload ?? lives.count, chain: chain))
    return lives.count - 1
  }
}
