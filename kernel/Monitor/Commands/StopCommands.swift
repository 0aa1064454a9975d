import Base

extension Command {
  /// Makes the kernel fail.
  static var panic: Command {
    Command("panic", "[KIND]", "fail, and show the report") { call throws(CommandError) in
      var kind = PanicKind.request
      if let word = call.word(0) {
        guard let named = PanicKind(word) else { throw .wrong(0, PanicKind.choices) }
        kind = named
      }
      try call.environment.panic(kind)
      throw .failed("the kernel went on")
    }.offering(PanicKind.self)
  }

  /// Starts the board again.
  static var reboot: Command {
    Command("reboot", "start the board again") { call in
      call.output.write("rebooting\n")
      call.environment.reboot()
    }
  }

  /// Stops the board.
  static var halt: Command {
    Command("halt", "stop the board") { call in
      call.output.write("halted\n")
      call.environment.halt()
    }
  }
}
