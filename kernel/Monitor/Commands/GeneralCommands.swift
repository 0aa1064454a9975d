import Base
import Devices

extension Command {
  /// Lists the commands, or tells about one.
  static var help: Command {
    Command("help", "[COMMAND]", "list the commands, or say how to use one (or keys)") {
      call throws(CommandError) in
      guard let name = call.word(0) else { return listCommands(of: call) }
      if name == "keys" { return call.output.writeKeys() }
      for command in call.commands where command.isNamed(name) {
        call.output.writeHelp(of: command, width: command.typedWidth)
        return call.output.writeKinds(of: command)
      }
      throw .wrong(0, "is not a command")
    }
  }

  private static func listCommands(of call: CommandCall<Environment>) {
    var width = 0
    for command in call.commands { width = max(width, command.typedWidth) }
    for command in call.commands { call.output.writeHelp(of: command, width: width) }
  }

  /// Columns that the command takes as it is typed.
  fileprivate var typedWidth: Int {
    name.utf8CodeUnitCount + (usage.utf8CodeUnitCount > 0 ? 1 + usage.utf8CodeUnitCount : 0)
  }

  /// Says what runs, and on what.
  static var version: Command {
    Command("version", "what runs, and on what") { call in
      let identity = call.environment.identity
      call.output.field("roost", identity.version)
      call.output.field("build", identity.build)
      call.output.write("build ID: ")
      call.output.write(hex: UInt(identity.buildID), digits: 16)
      call.output.write("\n")
      call.output.field("board", identity.board?.name ?? "unknown board")
      if let board = identity.board { call.output.field("revision", hex: UInt(board.code)) }
      if let firmware = identity.firmware { call.output.field("firmware", hex: UInt(firmware)) }
    }
  }

  /// Verifies the invariants of every part.
  static var check: Command {
    Command("check", "verify the invariants of pages and heap") { call in
      var isValid = true
      call.environment.forEachCheck { report in
        isValid = isValid && report.breach == nil
        call.output.writeCheck(report)
      }
      call.output.field("check", isValid ? "passed" : "failed")
    }
  }
}

extension TextSink {
  fileprivate func writeKeys() {
    write(
      """
      left right           a character (ctrl-B, ctrl-F)
      ctrl-left ctrl-right a word (alt-B, alt-F)
      home end             the line's ends (ctrl-A, ctrl-E); QEMU's console keeps ctrl-A: type it twice
      up down              older and newer lines (ctrl-P, ctrl-N)
      backspace delete     the character before, and under the cursor (ctrl-D)
      ctrl-W               the word before the cursor
      ctrl-U ctrl-K        the line, and what follows the cursor
      tab                  complete a command or a kind; elsewhere a blank
      ctrl-L               clear the screen
      ctrl-C               give the line up, or stop a command
      ctrl-A X             end QEMU

      """)
  }

  fileprivate func writeHelp<Environment>(of command: Command<Environment>, width: Int) {
    write(command.name)
    if command.usage.utf8CodeUnitCount > 0 { write(" ") }
    write(command.usage)
    write(spaces: width - command.typedWidth + 2)
    write(command.summary)
    if command.alias.utf8CodeUnitCount > 0 {
      write(" (also: ")
      write(command.alias)
      write(")")
    }
    write("\n")
  }

  /// The words that the first argument may be, in lines of 76 columns.
  fileprivate func writeKinds<Environment>(of command: Command<Environment>) {
    guard let kinds = command.kinds else { return }
    var column = 0
    var index = 0
    while let word = kinds(index) {
      if column + word.count > 74 {
        write("\n")
        column = 0
      }
      write(column == 0 ? "  " : " ")
      write(word)
      column += word.count + (column == 0 ? 2 : 1)
      index += 1
    }
    write("\n")
  }

  fileprivate func writeCheck(_ report: CheckReport) {
    write(report.part)
    if let breach = report.breach {
      write(": failed: ")
      write(breach.description)
      write(" at ")
      write(address: breach.address)
    } else {
      write(": passed")
    }
    write("\n")
  }
}
