import Foundation
import HeapMeasurement
import HeapReport
import Heaps
import Replay
import Testing

struct HistoryTests {
  /// The heap's own walk, after every operation, finds what the history says.
  @Test(arguments: Workload.allCases)
  func segmentsAreTheHeaps(workload: Workload) throws {
    let trace = workload.trace(seed: 7, operationCount: 250)
    let history = try HeapHistory(replaying: trace, on: .bestFit, arena: .bytes(1 << 20))
    #expect(history.steps.count == trace.operations.count)
    let arena = Arena(byteCount: 1 << 20, touched: false)
    guard let heap = unsafe SegmentHeap(memory: arena.memory) else {
      Issue.record("no heap")
      return
    }
    let base = unsafe UInt(bitPattern: arena.memory.baseAddress) + history.regions[0].address
    var payloads = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: trace.identifierCount)
    for (index, operation) in trace.operations.enumerated() {
      let identifier = operation.identifier
      switch operation.kind {
      case .allocate:
        unsafe payloads[identifier] = heap.allocate(byteCount: operation.byteCount, alignment: 16)
      case .reallocate:
        unsafe payloads[identifier] = try heap.reallocate(
          payloads[identifier], byteCount: operation.byteCount, alignment: 16)
      case .free: unsafe try heap.deallocate(payloads[identifier])
      case .freeNil: break
      }
      let used = heap.segments.filter { !$0.isFree }
      let alive = history.alive(after: index)
      #expect(used.map { Int($0.payload - base) - 8 } == alive.map(\.offset))
      #expect(used.map(\.byteCount) == alive.map(\.byteCount))
      if used.count != alive.count { return }
    }
  }

  /// The trace that docs/ offers to try.
  @Test func theSampleReplays() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let bytes = try [UInt8](Data(contentsOf: root.appending(path: "docs/examples/boot.rep")))
    let trace = try Trace(parsing: bytes.span)
    let history = try HeapHistory(replaying: trace, on: .bestFit, arena: .bytes(1 << 20))
    #expect(trace.operations.count == 663 && history.steps.count == 663)
    #expect(history.figures().map { $0.liveBytes }.max() == 25_214)
  }

  /// The figures against a model that looks at everything each time.
  @Test(arguments: Workload.allCases, [Contestant.bestFit, .firstFit])
  func figuresAreThoseOfAModel(workload: Workload, contestant: Contestant) throws {
    let history = try history(workload, on: contestant, seed: 3, operationCount: 300)
    let figures = history.figures()
    #expect(figures.count == history.steps.count)
    for step in history.steps.indices { #expect(figures[step] == model(history, after: step)) }
  }

  @Test func figuresOfARecording() throws {
    let history = try smallRecording()
    let figures = history.figures()
    for step in history.steps.indices { #expect(figures[step] == model(history, after: step)) }
  }

  private func model(_ history: HeapHistory, after step: Int) -> HeapFigures {
    var figures = HeapFigures()
    let alive = history.alive(after: step)
    for region in history.regions {
      var end = region.offset
      for life in alive where region.offset..<region.end ~= life.offset {
        note(life.offset - end, in: &figures)
        end = life.end
        figures.liveBytes += life.requestedByteCount
        figures.usedBytes += life.byteCount
        figures.usedCount += 1
      }
      note(region.end - end, in: &figures)
    }
    return figures
  }

  private func note(_ gap: Int, in figures: inout HeapFigures) {
    guard gap > 0 else { return }
    figures.freeBytes += gap
    figures.freeCount += 1
    figures.largestFreeBytes = max(figures.largestFreeBytes, gap)
  }

  @Test func nothingOverlaps() throws {
    for contestant in [Contestant.bestFit, .firstFit, .bump] {
      let history = try history(.reallocChains, on: contestant)
      for step in history.steps.indices {
        let alive = history.alive(after: step)
        for (left, right) in zip(alive, alive.dropFirst()) { #expect(left.end <= right.offset) }
        if let last = alive.last { #expect(last.end <= history.byteCount) }
      }
    }
  }

  @Test func recordingKeepsAddressesAndTimes() throws {
    let history = try smallRecording()
    #expect(history.regions.map(\.address) == [0x463000, 0xffff_0000_0010_0000])
    #expect(history.times == [0, 10, 2020, 2030, 2040, 3050])
    #expect(history.chains.count == 3)
    #expect(
      history.steps == [
        .allocate(0), .free(1), .reallocate(from: 0, to: 2), .refuse(byteCount: 1 << 30),
        .allocate(3), .free(2),
      ])
    #expect(history.lives.map(\.born) == [0, -1, 2, 4])
    #expect(history.lives.map(\.died) == [2, 1, 5, 6])
    #expect(history.lives.map(\.payload) == [0, 1, 0, 3])
    let places = history.lives.map { history.address(at: $0.offset + $0.payloadOffset) }
    #expect(places == [0x463100, 0x463200, 0x463400, 0xffff_0000_0010_0010])
  }

  @Test func refusedRequestsChangeNothing() throws {
    let trace = Workload.smallMixed.trace(seed: 2, operationCount: 2000)
    let history = try HeapHistory(replaying: trace, on: .bestFit, arena: .bytes(4096))
    #expect(history.steps.count == trace.operations.count)
    #expect(history.steps.contains { if case .refuse = $0 { true } else { false } })
    #expect(history.steps.contains(.nothing))
    #expect(history.byteCount <= 4096)
  }

  /// Sets of numbers against the library's, over word and level boundaries.
  @Test(arguments: [1, 64, 65, 4096, 5000])
  func figuresOfAStaircase(count: Int) throws {
    var builder = TraceBuilder()
    for _ in 0..<count {
      let identifier = builder.addIdentifier()
      try builder.allocate(identifier, byteCount: 24)
    }
    for identifier in stride(from: 0, to: count, by: 3) { try builder.free(identifier) }
    for identifier in stride(from: 1, to: count, by: 3) { try builder.free(identifier) }
    let history = try HeapHistory(replaying: builder.trace, on: .bestFit, arena: .roomy)
    let figures = history.figures()
    let steps = history.steps.count
    for step in [0, count / 2, count - 1, count, (count + steps) / 2, steps - 1] where step < steps
    {
      #expect(figures[step] == model(history, after: step))
    }
  }
}
