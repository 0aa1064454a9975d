import Base
import Heaps

/// The one thing that a command complains about. The monitor makes one line of it.
public enum CommandError: Error, Sendable {
  /// The argument at this index, counted from 0, was not given.
  case missing(Int)
  /// The argument at this index was given and the command takes fewer.
  case unexpected(Int)
  /// The argument at this index is wrong; the words go on after it, as in `is not a number`.
  case wrong(Int, StaticString)
  /// The command could not be carried out.
  case failed(StaticString)
  /// The command could not be carried out for this address.
  case failedAt(StaticString, address: UInt)
  /// The heap refused this address.
  case misused(HeapFault, address: UInt)
  /// The command could not be carried out for this number of bytes.
  case failedFor(StaticString, byteCount: UInt)
}

extension TextSink {
  /// Writes the line that says what was wrong with `call`.
  func write<Environment>(_ error: CommandError, in call: CommandCall<Environment>) {
    write(call.command.name)
    write(": ")
    switch error {
    case .missing(let index):
      write(argument: index, of: call)
      write(" is missing")
      write(usageOf: call.command)
    case .unexpected(let index):
      write("unexpected ")
      write(quoted: call.word(index) ?? ShortText())
      write(usageOf: call.command)
    case .wrong(let index, let words):
      write(argument: index, of: call)
      write(" ")
      write(quoted: call.word(index) ?? ShortText())
      write(" ")
      write(words)
    case .failed(let words):
      write(words)
    case .failedAt(let words, let address):
      write(address: address)
      write(": ")
      write(words)
    case .misused(let fault, let address):
      write(address: address)
      write(": ")
      write(fault.kind.description)
      if fault.allocatedBy != 0 { write("; allocated by ", hex: fault.allocatedBy) }
      if fault.freedBy != 0 { write("; freed by ", hex: fault.freedBy) }
    case .failedFor(let words, let byteCount):
      write(decimal: byteCount)
      write(" bytes: ")
      write(words)
    }
    write("\n")
  }

  private func write(_ words: StaticString, hex address: UInt) {
    write(words)
    write(address: address)
  }

  private func write<Environment>(argument index: Int, of call: CommandCall<Environment>) {
    if let argument = call.command.argument(at: index) { write(argument.name) }
  }

  private func write<Environment>(usageOf command: Command<Environment>) {
    write("; usage: ")
    write(command.name)
    if command.usage.utf8CodeUnitCount > 0 { write(" ") }
    write(command.usage)
  }
}
