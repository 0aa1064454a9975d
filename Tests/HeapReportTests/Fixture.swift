import HeapMeasurement
import HeapReport
import Record
import Replay

/// A history of a made-up workload.
func history(
  _ workload: Workload = .smallMixed, on contestant: Contestant = .bestFit, seed: UInt64 = 1,
  operationCount: Int = 600, arena: ArenaChoice = .roomy
) throws -> HeapHistory {
  try HeapHistory(
    replaying: workload.trace(seed: seed, operationCount: operationCount), on: contestant,
    arena: arena)
}

/// What the writer of recordings makes of events.
func recordingText(_ events: [HeapEvent]) -> String {
  var bytes: [UInt8] = []
  var writer = RecordingWriter(
    RecordingHeader(
      identity: 1, build: 0xabc, imageStart: 0x200000, textEnd: 0x263000,
      ticksPerSecond: 1_000_000, depth: 2, firstSequence: 0, eventCount: events.count,
      heapStart: 0x463000, heapEnd: 0x563000))
  writer.begin { bytes.append($0) }
  for event in events { writer.write(event) { bytes.append($0) } }
  writer.end { bytes.append($0) }
  return String(decoding: bytes, as: UTF8.self)
}

func chain(_ addresses: UInt...) -> CallerChain {
  var chain = CallerChain()
  for address in addresses { chain.append(address) }
  return chain
}

/// A recording of a payload from before, one that moves, one that is refused, and a leak far above.
func smallRecording() throws -> HeapHistory {
  let a = chain(0x201000, 0x202000)
  let b = chain(0x203000, 0x202000)
  let events = [
    HeapEvent(.allocate, time: 10, address: 0x463100, byteCount: 100, callers: a),
    HeapEvent(.free, time: 20, address: 0x463200, callers: b),
    HeapEvent(
      .reallocate, time: 2030, address: 0x463400, oldAddress: 0x463100, byteCount: 300, callers: b),
    HeapEvent(.allocate, time: 2040, address: 0, byteCount: 1 << 30, callers: a),
    HeapEvent(.allocate, time: 2050, address: 0xffff_0000_0010_0010, byteCount: 8, callers: a),
    HeapEvent(.free, time: 3060, address: 0x463400, callers: b),
  ]
  let bytes = Array(recordingText(events).utf8)
  var reader = RecordingReader()
  try read(bytes, into: &reader)
  return HeapHistory(try reader.finish())
}

private func read(_ bytes: [UInt8], into reader: inout RecordingReader) throws(RecordingError) {
  try reader.read(bytes.span)
}

extension HeapHistory {
  /// The lives that go on after a step, in the order of their places.
  func alive(after step: Int) -> [Life] {
    lives.filter { $0.born <= step && step < $0.died }.sorted { $0.offset < $1.offset }
  }
}
