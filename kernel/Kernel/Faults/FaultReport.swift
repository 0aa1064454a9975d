import CShims
import Base
import Devices

/// Called by vectors.S, on the fault stack, for an exception that nobody expected.
@c(fault_report)
func faultReport(_ stored: UnsafePointer<fault_frame>) {
  if Panic.begin() == .nested { return unsafe faultNested(stored) }
  let frame = unsafe FaultFrame(stored)
  let console = Console.terminals
  console.write("\n*** fault: ")
  frame.writeHeadline(to: console)
  frame.writeRegisters(to: console)
  Backtrace.write(
    frame: frame.register(29), at: frame.elr, link: frame.register(30), to: console)
  Background.write(context: frame.register(22), to: console)
  Cores.write(to: console)
  KernelState.write(to: console)
  Shutdown.stop(.fault)
}

/// Called by vectors.S when the report itself faulted: one line, and the end.
@c(fault_nested)
func faultNested(_ stored: UnsafePointer<fault_frame>) {
  let frame = unsafe FaultFrame(stored)
  let console = Console.terminals
  Display.survive()
  console.write("\n*** fault while reporting: ")
  console.write(frame.syndrome.classDescription)
  console.write(" at ")
  console.write(hex: frame.elr)
  console.write(", address ")
  console.write(hex: frame.far)
  console.write("\n")
  Shutdown.stop(.nestedFault)
}

extension FaultFrame {
  /// What happened, in one or more lines.
  fileprivate func writeHeadline(to console: some TextSink) {
    guard isSynchronous else {
      console.write(kindDescription)
      console.write("\n")
      return Version.writeIdentity(to: console)
    }
    console.write(syndrome.classDescription)
    if syndrome.isDataAbort { console.write(syndrome.isWrite ? " on a write" : " on a read") }
    console.write("\n")
    Version.writeIdentity(to: console)
    if syndrome.isAbort { writeStatus(to: console) }
    if syndrome.hasAddress { console.field("address", hex: far) }
    if let number = syndrome.breakpointNumber { writeBreakpoint(number, to: console) }
    if syndrome.isAbort { FaultPlace(address: far, syndrome: syndrome).write(to: console) }
  }

  private func writeStatus(to console: some TextSink) {
    console.write("status: ")
    console.write(syndrome.faultStatusDescription)
    if let level = syndrome.level {
      console.write(", level ")
      console.write(decimal: UInt(level))
    }
    console.write("\n")
  }

  private func writeBreakpoint(_ number: UInt64, to console: some TextSink) {
    console.write("cause: ")
    console.write(
      number == 1
        ? "a check of Swift's failed (overflow, nil, bounds or precondition)" : "brk in assembly")
    console.write("\n")
  }

  /// All registers, three a line, and the system's.
  fileprivate func writeRegisters(to console: some TextSink) {
    var index = 0
    while index < 31 {
      console.write("x")
      console.write(decimal: UInt(index))
      console.write(": ")
      console.write(hex: register(index), digits: 16)
      console.write(index % 3 == 2 ? "\n" : index < 10 ? "   " : "  ")
      index += 1
    }
    console.write("sp: ")
    console.write(hex: sp, digits: 16)
    console.write("\n")
    write("elr", elr, "spsr", spsr, to: console)
    write("esr", UInt(syndrome.rawValue), "far", far, to: console)
  }

  private func write(
    _ a: StaticString, _ first: UInt, _ b: StaticString, _ second: UInt, to console: some TextSink
  ) {
    console.write(a)
    console.write(": ")
    console.write(hex: first, digits: 16)
    console.write("  ")
    console.write(b)
    console.write(": ")
    console.write(hex: second, digits: 16)
    console.write("\n")
  }
}
