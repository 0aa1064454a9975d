import Base
import CShims
import Memory
import Monitor
import Record

extension Command<KernelEnvironment> {
  /// Records the heap's calls, tells about the recording, or sends it.
  static var trace: Command {
    Command(
      "trace", "[start|stop|save|drop] [DEPTH|FRAME] [SIZE]",
      "record the heap's calls, with DEPTH callers, in SIZE bytes; send what was recorded"
    ) { call throws(CommandError) in
      guard let word = call.word(0) else { return call.output.writeTrace() }
      if word == "start" {
        try startTrace(call)
      } else if word == "save" {
        guard call.word(2) == nil else { throw .unexpected(2) }
        try saveTrace(call)
      } else if word == "stop" || word == "drop" {
        guard call.word(1) == nil else { throw .unexpected(1) }
        if word == "stop" { HeapTrace.stop() } else { HeapTrace.drop() }
        call.output.writeTrace()
      } else {
        throw .unexpected(0)
      }
    }
  }

  private static func startTrace(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    let depth = try call.number(1, or: UInt(HeapTrace.usualDepth))
    let byteCount = try call.number(2, or: HeapTrace.usualByteCount)
    guard 1...UInt(CallerChain.capacity) ~= depth else { throw .wrong(1, "is not between 1 and 8") }
    guard HeapTrace.byteCounts ~= byteCount else { throw .wrong(2, "is not between 4K and 1G") }
    guard HeapTrace.start(depth: Int(depth), byteCount: byteCount) else {
      throw .failedFor("out of memory", byteCount: byteCount)
    }
    call.output.writeTrace()
  }

  /// Sends the recording as text, from a frame on if one is asked for. It is stopped, so that what is sent
  /// later belongs to what was sent before.
  private static func saveTrace(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    let frame = try call.number(1, or: 0)
    guard frame < 1 << 31 else { throw .wrong(1, "is too large") }
    HeapTrace.stop()
    guard let status = HeapTrace.status else { throw .failed("nothing is recorded") }
    let heap = KernelHeap.range ?? .none
    let header = unsafe RecordingHeader(
      identity: HeapTrace.identity, build: Version.identity, imageStart: image_start(),
      textEnd: text_end(), ticksPerSecond: timer_frequency(), depth: status.depth,
      firstSequence: status.startSequence,
      eventCount: Int(status.endSequence - status.startSequence), heapStart: heap.start.pointer,
      heapEnd: heap.start.pointer + heap.byteCount)
    unsafe Terminals.isSerialOnly = true
    var writer = RecordingWriter(header, from: Int(frame))
    writer.begin { Console.buffered.write(byte: $0) }
    HeapTrace.forEachEvent(in: status.startSequence..<status.endSequence) { event in
      if Interruption.isRequested { return }  // what was sent is whole frames: the rest can follow
      writer.write(event) { Console.buffered.write(byte: $0) }
    }
    let isCut = Interruption.take()
    let count = isCut ? 0 : writer.end { Console.buffered.write(byte: $0) }
    unsafe Terminals.isSerialOnly = false
    if isCut {
      call.output.write("\n")
      throw .failed("stopped by ctrl-C; trace save FRAME goes on from a frame")
    }
    call.output.field("frames", count: count)
  }
}

extension TextSink {
  /// Tells about the recording.
  fileprivate func writeTrace() {
    guard let status = HeapTrace.status else { return field("trace", "off, nothing recorded") }
    field("trace", status.isOn ? "on" : "stopped")
    field("depth", count: status.depth)
    field("ring", bytes: status.byteCount)
    field("room", count: status.capacity)
    field("events", count: status.endSequence)
    field("lost", count: status.startSequence)
    let milliseconds = status.ticks / max(1, timer_frequency() / 1000)
    field("milliseconds", count: milliseconds)
    field("events a second", count: status.endSequence &* 1000 / max(1, milliseconds))
  }
}
