import CShims
import Base
import Devices
import Monitor
import Sync

extension Command<KernelEnvironment> {
  /// Shows how often each interrupt came.
  static var interrupts: Command {
    Command("interrupts", "how often each interrupt came on each core") { call in
      call.output.writeInterrupts()
    }
  }

  /// Shows the time since the counter began, and the same by the system timer.
  static var uptime: Command {
    Command("uptime", "the time since boot") { call in
      let timer = ProcessorTimer()
      let nanoseconds = timer.nanoseconds(timer.count)
      let system = unsafe Board.current.systemTimer(on: MemoryMappedBus()).microseconds
      call.output.field("uptime", seconds: nanoseconds)
      call.output.field("system timer", seconds: system * 1000)
      call.output.field("counter", count: timer.frequency)
    }
  }

  /// Shows the cores, or lets all of them write at once.
  static var cores: Command {
    Command("cores", "[talk]", "the cores and what they do, or a few lines of each at once") {
      call throws(CommandError) in
      if try call.option(0, "talk") { return talk() }
      for core in 0..<Cores.limit {
        call.output.write("core ")
        call.output.write(decimal: core)
        call.output.write(": ")
        call.output.write(Cores.state(of: core).description)
        call.output.write("\n")
      }
    }
  }

  private static func talk() {
    for core in 1..<Cores.limit { try? Cores.begin(on: core) { writeLines() } }
    writeLines()
    for core in 1..<Cores.limit where Cores.state(of: core) == .online { Cores.finish(on: core) }
  }

  private static func writeLines() {
    for line in UInt(1)...8 {
      Console.buffered.write("core ")
      Console.buffered.write(decimal: core_number())
      Console.buffered.write(" writes its line ")
      Console.buffered.write(decimal: line)
      Console.buffered.write(" of 8, and no other core writes into it\n")
    }
  }

  /// Shows the locks.
  static var locks: Command {
    Command("locks", "how often each lock was taken, and waited for") { call in
      call.output.write("lock           taken     waited\n")
      call.output.write(Locks.heap)
      call.output.write(Locks.maps)
      call.output.write(Locks.pages)
      call.output.write(Locks.console)
    }
  }

  /// Makes allocations fail.
  static var fail: Command {
    Command("fail", "[N|every|off] [N]", "make the N-th allocation of the heap fail") {
      call throws(CommandError) in
      guard let word = call.word(0) else { return call.output.writeFailures() }
      if word == "off" {
        guard call.word(1) == nil else { throw .unexpected(1) }
        AllocationFailures.disarm()
      } else if word == "every" {
        AllocationFailures.arm(try positive(1, of: call), again: true)
      } else {
        let number = try positive(0, of: call)
        guard call.word(1) == nil else { throw .unexpected(1) }
        AllocationFailures.arm(number, again: false)
      }
      call.output.writeFailures()
    }
  }

  private static func positive(
    _ index: Int, of call: CommandCall<KernelEnvironment>
  ) throws(CommandError) -> UInt {
    let number = try call.number(index)
    guard number > 0 else { throw .wrong(index, "is not at least 1") }
    return number
  }
}

extension TextSink {
  func writeInterrupts() {
    write("interrupt            handler   ")
    for core in 0..<Cores.limit {
      write("     core ")
      write(decimal: core)
    }
    write("\n")
    Interrupts.forEach { source, name, count in
      write(source.description, width: 16)
      if let number = source.number {
        write(decimal: number, width: 3)
      } else {
        write(spaces: 3)
      }
      write(spaces: 2)
      write(name ?? "unexpected", width: 10)
      for core in 0..<Cores.limit { write(decimal: count(core), width: 11) }
      write("\n")
    }
  }

  fileprivate func write(_ lock: Locks.Lock) {
    write(lock.name, width: 9)
    write(decimal: lock.acquireCount, width: 11)
    write(decimal: lock.waitCount, width: 11)
    write("\n")
  }

  fileprivate func writeFailures() {
    let status = AllocationFailures.status
    field("allocations until one fails", count: status.left)
    field("failed so far", count: status.total)
  }

  /// Writes `key: 12.345 s`.
  fileprivate func field(_ key: StaticString, seconds nanoseconds: UInt64) {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    write(key)
    write(": ")
    write(decimal: UInt(seconds))
    write(".")
    let thousandths = UInt(rest / 1_000_000)
    if thousandths < 100 { write("0") }
    if thousandths < 10 { write("0") }
    write(decimal: thousandths)
    write(" s\n")
  }
}
