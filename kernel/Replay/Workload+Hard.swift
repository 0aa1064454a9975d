// Workloads in which a heap with exact best fit has most to do: every size is another one, segments are cut and joined
// all the time, or one payload moves on and on.
extension Workload {
  /// Sizes spread evenly over the powers of two to 8 KiB, so that lists, tries and cuts have all to do; two in five
  /// operations free another one.
  static func everySize(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    let target = max(1, min(600, count / 10))
    while writer.count + writer.live.count < count {
      if writer.live.count < target || writer.random.chance(1, in: 2) {
        let most = 16 << writer.random.below(10)
        writer.allocate(most / 2 + writer.random.below(most / 2))
      }
      if writer.live.count >= target { writer.freeAny() }
    }
    return writer.finish()
  }

  /// Sixteen hash tables that double: a new one is filled from the old one, which goes then. Between that the
  /// entries come, a few sizes, and stay until their table begins anew.
  static func hashTables(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    var tables = (0..<16).map { _ in (identifier: writer.allocateApart(128), byteCount: 128) }
    var entries = [[Int]](repeating: [], count: tables.count)
    var entryCount = 0
    while writer.count + entryCount + tables.count < count {
      let index = writer.random.below(tables.count)
      entries[index].append(writer.allocateApart(24 + 8 * writer.random.below(4)))
      entryCount += 1
      // Three quarters full, at 16 bytes a place.
      guard entries[index].count * 64 > tables[index].byteCount * 3 else { continue }
      let old = tables[index]
      let isFull = old.byteCount >= 4096
      let byteCount = isFull ? 128 : 2 * old.byteCount
      tables[index] = (writer.allocateApart(byteCount), byteCount)
      writer.free(old.identifier)
      guard isFull else { continue }
      for entry in entries[index] { writer.free(entry) }
      entryCount -= entries[index].count
      entries[index] = []
    }
    for entry in entries.joined() { writer.free(entry) }
    for table in tables { writer.free(table.identifier) }
    return writer.finish()
  }

  /// Equal payloads allocated side by side in pairs and freed in turn, so that each free joins and each allocation cuts
  /// again, among some that stay for a while.
  static func equalPairs(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    while writer.count + writer.live.count < count {
      let byteCount = 64 * writer.random.number(in: 1...40)
      writer.allocate(byteCount / 2)
      if writer.live.count > 50 { writer.freeAny() }
      for _ in 0..<20 {
        let pair = (writer.allocateApart(byteCount), writer.allocateApart(byteCount))
        // A longer one takes the place of both.
        writer.free(pair.0)
        writer.free(pair.1)
        writer.free(writer.allocateApart(2 * byteCount))
      }
    }
    return writer.finish()
  }

  /// Three live payloads, of which one grows by small steps, thousands of times, as text that is read does.
  static func smallSteps(_ start: consuming WorkloadWriter, _ count: Int) -> Trace {
    var writer = start
    while writer.count < count {
      let text = writer.allocateApart(16)
      let neighbour = writer.allocateApart(100)
      writer.allocate(writer.random.smallishSize(upTo: 512))
      var byteCount = 16
      for _ in 0..<min(5000, max(1, count - writer.count)) {
        byteCount += writer.random.number(in: 1...24)
        writer.reallocate(text, byteCount)
      }
      writer.free(neighbour)
      writer.free(text)
      writer.freeAny()
    }
    return writer.finish()
  }
}
