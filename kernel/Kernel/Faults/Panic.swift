import CShims
import Base
import Devices
import Heaps
import Memory

/// The one report that a kernel can make: the first core with something to say makes it.
enum Panic {
  /// What a core finds that wants to report.
  enum Turn {
    /// Nobody reports: this core does from now on, and the others are stopped.
    case first
    /// This core reports already: something went wrong with that.
    case nested
  }

  /// Claims the report. A core that comes second sleeps for ever: the first tells where it stands.
  static func begin() -> Turn {
    let core = core_number()
    switch claim_report(UInt64(core) + 1) {
    case 0:
      Cores.stopOthers()
      Display.beginReport()
      BufferedConsole.flushInReport()
      return .first
    case UInt64(core) + 1:
      Display.survive()
      return .nested
    default:
      store_core_state(core, CoreState.stopped.rawValue)
      halt_core()
    }
  }
}

/// Reports `reason` and stops. Never allocates and reads as little as it can; a panic inside a panic
/// is one line.
///
/// - Parameters:
///   - reason: one line, without its end.
///   - caller: the return address of the call that went wrong; 0 when the backtrace says enough.
///   - details: writes further lines, `key: value` each.
@inline(never)
func panic(
  _ reason: StaticString, caller: UInt = 0, status: Shutdown.Status = .panic,
  details: (Terminals) -> Void = { _ in }
) -> Never {
  let turn = Panic.begin()
  let console = Console.terminals
  console.write("\n*** panic: ")
  console.write(reason)
  console.write("\n")
  if turn == .nested { Shutdown.stop(.nestedFault) }
  Version.writeIdentity(to: console)
  details(console)
  if caller != 0 { console.field("caller", caller: caller) }
  Backtrace.write(frame: read_frame_pointer(), to: console)
  Background.write(context: 0, to: console)
  Cores.write(to: console)
  KernelState.write(to: console)
  Shutdown.stop(status)
}

/// Reports a misuse of a heap, or damage to it, and stops.
func panic(_ fault: HeapFault, caller: UInt) -> Never {
  panic("heap misused", caller: caller) { console in
    console.field("cause", fault.kind.description)
    console.field("address", address: fault.address)
    if fault.segment != 0 { console.field("segment", hex: fault.segment) }
    if fault.allocatedBy != 0 { console.field("allocated by", caller: fault.allocatedBy) }
    if fault.freedBy != 0 { console.field("freed by", caller: fault.freedBy) }
  }
}

/// Reports that a change of the kernel map was refused, and stops.
func panic(_ reason: StaticString, _ error: PagingError) -> Never {
  panic(reason) { console in
    console.field("cause", error.kind.description)
    console.field("address", address: error.address)
  }
}

/// Reports that the page array refused or found damage, and stops.
func panic(_ reason: StaticString, _ error: PageArrayError) -> Never {
  panic(reason) { console in
    console.field("cause", error.kind.description)
    console.field("frame", hex: error.frame.start.rawValue)
  }
}
