import CShims
import Devices
import _Concurrency

// What drivers deliver to tasks. Handlers on core 0 yield, so only core 0 changes who reads, with interrupts masked.

/// What is typed, for a task instead of the monitor.
@MainActor enum Terminal {
  fileprivate nonisolated(unsafe) static var reader: AsyncStream<UInt8>.Continuation?

  /// The bytes from here on, until `letGo`; nil when somebody reads already.
  static func claim() -> AsyncStream<UInt8>? {
    let (stream, continuation) = AsyncStream.makeStream(
      of: UInt8.self, bufferingPolicy: .bufferingOldest(1000))
    let mask = mask_interrupts()
    defer { restore_interrupts(mask) }
    guard unsafe reader == nil else { return nil }
    unsafe reader = continuation
    return stream
  }

  /// Gives what is typed back to the monitor.
  static func letGo() {
    let mask = mask_interrupts()
    let old = unsafe reader
    unsafe reader = nil
    restore_interrupts(mask)
    old?.finish()
  }
}

/// Lines of what is typed, without their ends.
struct Lines: AsyncSequence {
  let bytes: AsyncStream<UInt8>

  struct Iterator: AsyncIteratorProtocol {
    var bytes: AsyncStream<UInt8>.Iterator

    mutating func next(isolation actor: isolated (any Actor)?) async -> String? {
      var line: [UInt8] = []
      while let byte = await bytes.next(isolation: actor) {
        if byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
          return String(decoding: line, as: UTF8.self)
        }
        line.append(byte)
      }
      return nil
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator()) }
}

/// The ticks of core 0, a hundred a second.
@MainActor enum Ticks {
  fileprivate nonisolated(unsafe) static var reader: AsyncStream<UInt64>.Continuation?

  /// The timer's count at each tick from here on, the newest one only, until `letGo`; nil when somebody reads already.
  static func claim() -> AsyncStream<UInt64>? {
    let (stream, continuation) = AsyncStream.makeStream(
      of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
    let mask = mask_interrupts()
    defer { restore_interrupts(mask) }
    guard unsafe reader == nil else { return nil }
    unsafe reader = continuation
    return stream
  }

  /// Ends the stream.
  static func letGo() {
    let mask = mask_interrupts()
    let old = unsafe reader
    unsafe reader = nil
    restore_interrupts(mask)
    old?.finish()
  }
}

// MARK: - Called by handlers

extension Background {
  /// Hands what the port has received to whoever reads it.
  static func deliver(_ bytes: inout ByteQueue) {
    guard let reader = unsafe Terminal.reader else { return }
    while let byte = bytes.removeFirst() { reader.yield(byte) }
  }

  /// Called at each tick of each core.
  static func ticked() {
    if core_number() == 0, let reader = unsafe Ticks.reader { reader.yield(timer_count()) }
  }
}
