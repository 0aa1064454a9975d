import Assembly
import Devices

/// What one panic tells a second: that it is one.
private nonisolated(unsafe) var isPanicking = false

/// Reports `reason` and stops. Never allocates and reads as little as it can; a panic inside a panic
/// is one line.
///
/// - Parameters:
///   - reason: one line, without its end.
///   - caller: the return address of the call that went wrong; 0 when the backtrace says enough.
///   - details: writes further lines, `key: value` each.
@inline(never)
func panic(
  _ reason: StaticString, caller: UInt = 0, status: Machine.Status = .panic,
  details: (PL011<MemoryMappedBus>) -> Void = { _ in }
) -> Never {
  let console = Console.port
  console.write("\n*** panic: ")
  console.write(reason)
  console.write("\n")
  if unsafe isPanicking { Machine.stop(.nestedFault) }
  unsafe isPanicking = true
  details(console)
  if caller != 0 { console.writeLine("caller", hex: caller) }
  Backtrace.write(frame: read_frame_pointer(), to: console)
  KernelState.write(to: console)
  Machine.stop(status)
}

extension TextSink {
  /// Writes `key: 0x...` and the end of the line.
  func writeLine(_ key: StaticString, hex value: UInt) {
    write(key)
    write(": ")
    write(hex: value)
    write("\n")
  }

  /// Writes `key: ` and a decimal, followed by what it counts.
  func writeLine(_ key: StaticString, _ value: Int, _ unit: StaticString = "") {
    write(key)
    write(": ")
    write(decimal: UInt(clamping: value))
    write(unit)
    write("\n")
  }
}
