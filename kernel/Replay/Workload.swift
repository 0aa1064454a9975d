/// Programs made up for measuring: each asks of its allocator what some kind of real program does.
///
/// Each is one pure function of a seed and a number of operations, and frees all in the end.
public enum Workload: CaseIterable, Sendable {
  /// Small payloads of many sizes, a few larger, live for random times.
  case smallMixed
  /// Arrays that double as they are appended to, several at a time.
  case growingArrays
  /// Buffers that are reallocated again and again, up and down.
  case reallocChains
  /// Messages freed in the order in which they were allocated.
  case producerConsumer
  /// Every other payload freed, then requests that do not fit the holes.
  case fragmentingComb
  /// Objects, their arrays, strings and dictionaries, as Embedded Swift allocates them.
  case swiftRuntime
  /// Hundreds of live payloads, of which hardly two have one size.
  case everySize
  /// Hash tables that double as they fill, and their entries.
  case hashTables
  /// Pairs of equal payloads, and one that takes the place of both.
  case equalPairs
  /// One payload that grows by a few bytes, thousands of times.
  case smallSteps

  /// The name in tables.
  public var name: StaticString {
    switch self {
    case .smallMixed: "small-mixed"
    case .growingArrays: "growing-arrays"
    case .reallocChains: "realloc-chains"
    case .producerConsumer: "producer-consumer"
    case .fragmentingComb: "fragmenting-comb"
    case .swiftRuntime: "swift-runtime"
    case .everySize: "every-size"
    case .hashTables: "hash-tables"
    case .equalPairs: "equal-pairs"
    case .smallSteps: "small-steps"
    }
  }

  /// How many operations a workload has if not told otherwise: on the board its trace takes less
  /// than half a megabyte, and the arena that it wants a few.
  public static var defaultOperationCount: Int { 20_000 }

  /// The workload's trace: the same for the same seed, on every machine.
  ///
  /// - Parameter operationCount: about as many operations, frees at the end included.
  public func trace(
    seed: UInt64 = 1, operationCount: Int = Workload.defaultOperationCount
  ) -> Trace {
    let writer = WorkloadWriter(seed: seed, operationCapacity: operationCount + 200)
    return switch self {
    case .smallMixed: Workload.smallMixed(writer, operationCount)
    case .growingArrays: Workload.growingArrays(writer, operationCount)
    case .reallocChains: Workload.reallocChains(writer, operationCount)
    case .producerConsumer: Workload.producerConsumer(writer, operationCount)
    case .fragmentingComb: Workload.fragmentingComb(writer, operationCount)
    case .swiftRuntime: Workload.swiftRuntime(writer, operationCount)
    case .everySize: Workload.everySize(writer, operationCount)
    case .hashTables: Workload.hashTables(writer, operationCount)
    case .equalPairs: Workload.equalPairs(writer, operationCount)
    case .smallSteps: Workload.smallSteps(writer, operationCount)
    }
  }
}

extension Workload {
  /// 31 of 32 requests are for up to 512 bytes, one for up to 16 KiB; the number of live payloads
  /// wanders about a tenth of all operations.
  private static func smallMixed(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    let target = max(1, count / 10)
    while writer.count + writer.live.count < count {
      if writer.live.isEmpty || !writer.random.chance(writer.live.count, in: 2 * target) {
        let limit = writer.random.chance(1, in: 32) ? 16384 : 512
        writer.allocate(writer.random.smallishSize(upTo: limit))
      } else {
        writer.freeAny()
      }
    }
    return writer.finish()
  }

  /// Eight arrays grow side by side: a larger buffer, then the old one freed, up to 32 KiB; then
  /// the array goes, or is kept for a while.
  private static func growingArrays(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    var buffers = (0..<8).map { _ in (identifier: writer.allocateApart(48), byteCount: 48) }
    while writer.count + writer.live.count + buffers.count < count {
      let index = writer.random.below(buffers.count)
      let old = buffers[index]
      let finished = writer.random.smallishSize(upTo: 32768) < old.byteCount
      let byteCount = finished ? 32 + 16 * writer.random.number(in: 1...4) : 2 * old.byteCount - 32
      buffers[index] = (writer.allocateApart(byteCount), byteCount)
      writer.free(old.identifier)
      if writer.random.chance(1, in: 4) { writer.allocate(writer.random.smallishSize(upTo: 2048)) }
      if writer.live.count > 200 { writer.freeAny() }
    }
    for buffer in buffers { writer.free(buffer.identifier) }
    return writer.finish()
  }

  /// Sixty-four buffers: three reallocations in four grow one by up to a half, the fourth shrinks
  /// it; one that passes 16 KiB is replaced by a new one. Small payloads come between them.
  private static func reallocChains(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    var chains = (0..<64).map { _ in (identifier: writer.allocateApart(16), byteCount: 16) }
    while writer.count + writer.live.count + chains.count < count {
      let index = writer.random.below(chains.count)
      var chain = chains[index]
      if chain.byteCount > 16384 {
        writer.free(chain.identifier)
        chain = (writer.allocateApart(16), 16)
      } else {
        let change = writer.random.number(in: 1...(chain.byteCount / 2 + 8))
        let shrinks = writer.random.chance(1, in: 4)
        chain.byteCount = max(16, chain.byteCount + (shrinks ? -change : change))
        writer.reallocate(chain.identifier, chain.byteCount)
      }
      chains[index] = chain
      if writer.random.chance(1, in: 8) { writer.allocate(writer.random.smallishSize(upTo: 256)) }
      if writer.live.count > 400 { writer.freeAny() }
    }
    for chain in chains { writer.free(chain.identifier) }
    return writer.finish()
  }

  /// Bursts of messages of four kinds into a queue, bursts of frees out of it.
  private static func producerConsumer(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    let sizes = [24, 64, 200, 1500]
    var queue: [Int] = []
    var first = 0
    while writer.count + queue.count - first < count {
      for _ in 0..<writer.random.number(in: 1...64) {
        queue.append(writer.allocateApart(sizes[writer.random.below(sizes.count)]))
      }
      let waiting = queue.count - first
      let consumed = waiting > 500 ? waiting - 250 : writer.random.number(in: 0...min(waiting, 64))
      for index in first..<(first + consumed) { writer.free(queue[index]) }
      first += consumed
    }
    for identifier in queue[first...] { writer.free(identifier) }
    return writer.finish()
  }

  /// Rounds of: a row of payloads of nearly one size; every other one freed; then payloads a
  /// little larger than the holes, and some a little smaller.
  private static func fragmentingComb(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    let rounds = 4
    for round in 1...rounds {
      let tooth = 48 << round
      let teeth = (0..<(count / rounds / 5)).map { _ in
        writer.allocateApart(tooth - writer.random.below(16))
      }
      for index in stride(from: 0, to: teeth.count, by: 2) { writer.free(teeth[index]) }
      for _ in 0..<(teeth.count / 2) {
        writer.allocate(tooth + writer.random.number(in: -24...40))
      }
      for index in stride(from: 1, to: teeth.count, by: 2) { writer.free(teeth[index]) }
      while writer.live.count > teeth.count / 4 { writer.freeAny() }
    }
    return writer.finish()
  }

  /// Nodes of a few classes (16 bytes of header and some fields), each with now and then a string
  /// or an array of its own that goes with it; and dictionaries that are rehashed as they grow.
  private static func swiftRuntime(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    let classes = [24, 32, 40, 48, 64, 96]
    var owners: [(node: Int, storage: Int)] = []
    var table = (identifier: writer.allocateApart(64), byteCount: 64)
    while writer.count + writer.live.count + 2 * owners.count + 1 < count {
      if writer.live.count + owners.count < 40 || writer.random.chance(9, in: 17) {
        let byteCount = classes[writer.random.below(classes.count)]
        if writer.random.chance(1, in: 3) {
          let node = writer.allocateApart(byteCount)
          let storage = writer.allocateApart(32 + writer.random.smallishSize(upTo: 1024))
          owners.append((node, storage))
        } else {
          writer.allocate(byteCount)
        }
      } else if !owners.isEmpty && writer.random.chance(1, in: 3) {
        owners.swapAt(writer.random.below(owners.count), owners.count - 1)
        let owner = owners.removeLast()
        writer.free(owner.storage)
        writer.free(owner.node)
      } else if !writer.live.isEmpty {
        writer.freeAny()
      }
      if writer.random.chance(1, in: 100) {
        let byteCount = table.byteCount > 32768 ? 64 : 2 * table.byteCount
        let rehashed = writer.allocateApart(byteCount)
        writer.free(table.identifier)
        table = (rehashed, byteCount)
      }
    }
    for owner in owners {
      writer.free(owner.storage)
      writer.free(owner.node)
    }
    writer.free(table.identifier)
    return writer.finish()
  }
}
