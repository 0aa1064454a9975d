/// The forms of one report.
public struct Report: Sendable {
  let input: ReportInput
  let names: CallerNames
  /// The figures after each step, for each history.
  public let figures: [[HeapFigures]]

  /// A report of `input`, in which callers have these names.
  public init(_ input: ReportInput, names: CallerNames) {
    self.input = input
    self.names = names
    figures = input.histories.map { $0.figures() }
  }

  /// The report in one form.
  public func bytes(_ form: ReportArguments.Output.Form) -> [UInt8] {
    let first = input.histories[0]
    return switch form {
    case .rep: input.trace.repText()
    case .heaptrack: first.heaptrack(title: input.title, names: names).bytes
    case .dhat: first.dhat(title: input.title, names: names).bytes
    case .perfetto: first.perfetto(title: input.title, names: names, figures: figures[0]).bytes
    case .html: page()
    case .svg: still()
    }
  }

  /// Figures for people: `key: value` lines, and who asked for most.
  public var summary: String {
    var text = TextBytes()
    for (history, figures) in zip(input.histories, figures) {
      if input.histories.count > 1 { text.add(line: "\(history.name):") }
      add(history, figures, to: &text)
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func add(
    _ history: HeapHistory, _ figures: [HeapFigures], to text: inout TextBytes
  ) {
    let peak = figures.indices.max { figures[$0].liveBytes < figures[$1].liveBytes }
    let last = figures.last ?? HeapFigures()
    text.add(line: "operations: \(history.steps.count)")
    text.add(
      line: "refused: \(history.steps.count { if case .refuse = $0 { true } else { false } })")
    text.add(line: "heap used at most: \(history.byteCount) bytes")
    if let peak {
      text.add(
        line: "live at the peak: \(figures[peak].liveBytes) bytes in \(figures[peak].usedCount) "
          + "segments, at operation \(peak + 1)")
      text.add(line: "free at the peak: \(Self.free(figures[peak]))")
    }
    text.add(line: "live at the end: \(last.liveBytes) bytes in \(last.usedCount) segments")
    text.add(line: "free at the end: \(Self.free(last))")
    for (chain, bytes, count) in history.totals().prefix(10) where history.chains.count > 1 {
      let callers = history.chains[chain].addresses.map(names.text)
      text.add(
        line: "allocated: \(bytes) bytes in \(count) by "
          + (callers.isEmpty ? "unknown callers" : callers.joined(separator: " < ")))
    }
  }

  private static func free(_ figures: HeapFigures) -> String {
    "\(figures.freeBytes) bytes in \(figures.freeCount) segments, the largest "
      + "\(figures.largestFreeBytes), fragmentation \((figures.fragmentation * 100).text(places: 1)) %"
  }
}

extension HeapHistory {
  /// What each chain of callers allocated, the most first.
  func totals() -> [(chain: Int, byteCount: Int, count: Int)] {
    var totals = chains.indices.map { (chain: $0, byteCount: 0, count: 0) }
    for life in lives where life.born >= 0 {
      totals[life.chain].byteCount += life.requestedByteCount
      totals[life.chain].count += 1
    }
    return totals.filter { $0.count > 0 }.sorted { $0.byteCount > $1.byteCount }
  }
}
