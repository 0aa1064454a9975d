extension HeapHistory {
  /// The JSON that Perfetto and Chrome's tracing page read (Trace Event Format): counters for live bytes, free
  /// bytes, the largest free segment and the segments in use, and a slice for each of the payloads that
  /// lived longest. Times are microseconds; where only the order is known, a step takes one.
  public func perfetto(title: String, names: CallerNames, figures: [HeapFigures]) -> TextBytes {
    var text = TextBytes()
    text.add(line: "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")
    text.add(Self.metadata("process_name", "\(title): \(name)", thread: 0))
    // More points than that are more than a screen has columns; each is exact.
    let stride = max(1, steps.count / 5000)
    for index in Swift.stride(from: 0, to: figures.count, by: stride) {
      addCounters(figures[index], at: time(of: index), to: &text)
    }
    if let last = figures.last { addCounters(last, at: time(of: steps.count), to: &text) }
    addSlices(names, to: &text)
    text.add(line: "\n]}")
    return text
  }

  private static func metadata(_ kind: String, _ value: String, thread: Int) -> String {
    "{\"ph\":\"M\",\"pid\":1,\"tid\":\(thread),\"name\":\(kind.json),"
      + "\"args\":{\"name\":\(value.json)}}"
  }

  private func addCounters(_ figures: HeapFigures, at time: Double, to text: inout TextBytes) {
    let counters = [
      ("live bytes", figures.liveBytes), ("free bytes", figures.freeBytes),
      ("largest free", figures.largestFreeBytes), ("segments", figures.usedCount),
    ]
    for (name, value) in counters {
      text.add(
        ",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"\(name)\",\"ts\":\(time.text(places: 3)),"
          + "\"args\":{\"value\":\(value)}}")
    }
  }

  /// The 1,000 payloads with the longest lives, in as many lanes as overlap: slices of one lane must not.
  private func addSlices(_ names: CallerNames, to text: inout TextBytes) {
    let longest = lives.indices.sorted {
      lives[$0].died - lives[$0].born > lives[$1].died - lives[$1].born
    }.prefix(1000).sorted { lives[$0].born < lives[$1].born }
    var lanes: [Int] = []
    for index in longest where lives[index].died - lives[index].born > steps.count / 100 {
      let life = lives[index]
      let lane = lanes.firstIndex { $0 <= life.born } ?? lanes.count
      if lane == lanes.count {
        lanes.append(0)
        text.add(",\n" + Self.metadata("thread_name", "long-lived \(lane + 1)", thread: lane + 1))
      }
      lanes[lane] = life.died
      let from = time(of: life.born)
      let callers = chains[life.chain].addresses.map { names.text(of: $0).json }
      text.add(
        ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":\(lane + 1),\"name\":\"\(life.requestedByteCount) bytes\","
          + "\"ts\":\(from.text(places: 3)),\"dur\":\((time(of: life.died) - from).text(places: 3)),"
          + "\"args\":{\"payload\":\"\(placeText(life))\",\"segment bytes\":\(life.byteCount),"
          + "\"callers\":[\(callers.joined(separator: ","))]}}")
    }
  }

  private func placeText(_ life: Life) -> String {
    "0x" + String(address(at: life.offset + life.payloadOffset) ?? 0, radix: 16)
  }
}
