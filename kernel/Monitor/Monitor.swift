import Base
import Devices

/// The command line on the terminal: takes bytes, edits a line, runs what is entered.
///
/// ```swift
/// var monitor = Monitor(environment)
/// monitor.greet()
/// monitor.run(runArgument)
/// monitor.begin()
/// while true { if let byte = serialPort.receiveByte() { monitor.receive(byte) } }
/// ```
/// The command table is allocated once, by `init`; after that the monitor allocates nothing, so that
/// what it shows of the heap is not of its own making.
public struct Monitor<Environment: MonitorEnvironment> {
  let environment: Environment
  let commands: [Command<Environment>]
  private var editor = LineEditor()

  /// A monitor with these commands. The first of two commands of the same name is the one that runs.
  public init(_ environment: Environment, commands: [Command<Environment>] = Command.all) {
    self.environment = environment
    self.commands = commands
  }

  private var output: Environment.Output { environment.output }

  /// Writes what a person wants to see at boot: what runs, the memory map, the early heap, the pages
  /// and where the heap is.
  public func greet() {
    output.write("Roost ")
    output.write(environment.identity.version)
    output.write(" on ")
    output.write(environment.identity.board?.name ?? "unknown board")
    output.write("\n\n")
    output.writeMemoryMap(of: environment)
    output.write("\n")
    output.writePageStates(of: environment)
    output.write("\n")
    output.writeSummary(of: environment.earlyHeap)
    output.writeSummary(of: environment.heap)
    output.write("\nType help for the commands.\n")
  }

  /// Writes the prompt for the first line.
  public func begin() {
    output.write("roost> ")
  }

  /// Takes one byte from the terminal; runs the line when that enters it.
  public mutating func receive(_ byte: UInt8) {
    switch editor.receive(byte, echo: output) {
    case .editing: return
    case .completion: return complete()
    case .clearing: return clear()
    case .entered(let line): runParts(of: line)
    case .tooLong: output.write("line too long: at most 120 characters; nothing was run\n")
    case .unprintable:
      output.write(
        "line with a character that is no printable ASCII (shown as ?); nothing was run\n")
    case .abandoned: break
    }
    begin()
  }

  /// Clears the terminal's screen (ECMA-48, 8.3.39 ED), with the line in its first row.
  private mutating func clear() {
    output.write("\u{1b}[H\u{1b}[2J")
    begin()
    editor.redisplay(on: output)
  }

  /// Runs commands that were not typed here: `;` or a line feed parts them. Each is shown behind a
  /// prompt, as if it had been typed.
  public func run(_ script: some Sequence<UInt8>) {
    var parts = CommandParts()
    for byte in script {
      if let part = parts.take(byte) { runScripted(part) }
    }
    if let part = parts.take(CommandParts.separator) { runScripted(part) }
  }

  private func runScripted(_ part: CommandParts.Part) {
    guard part.text.word(at: 0) != nil else { return }
    begin()
    output.write(printable: part.text)
    output.write("\n")
    if !part.text.isPrintable {
      output.write(
        "command with a character that is no printable ASCII (shown as ?); it was not run\n")
    } else if part.isTooLong {
      output.write("command too long: at most 120 characters; it was not run\n")
    } else {
      runCommand(part.text)
    }
  }

  /// Completes the word before the cursor: a command, or for a command's first argument one of its kinds. A
  /// tab where there is nothing to complete is a blank, so that a line that is pasted means the same. Where
  /// several words begin so, they are listed.
  private mutating func complete() {
    var completion = Completion(editor.line, cursor: editor.cursor)
    forEachCandidate { completion.consider($0) }
    guard !completion.rest.isEmpty else { return listCandidates(completion) }
    editor.type(completion.rest, echo: output)
  }

  private mutating func listCandidates(_ completion: Completion) {
    output.write("\n")
    forEachCandidate { word in
      guard completion.matches(word) else { return }
      output.write(word)
      output.write("  ")
    }
    output.write("\n")
    begin()
    editor.redisplay(on: output)
  }

  /// Calls `body` with each word that may stand where the cursor is.
  private func forEachCandidate(_ body: (ShortText) -> Void) {
    var before = ShortText()
    var index = 0
    while index < editor.cursor {
      if editor.line[index] == UInt8(ascii: ";") {
        before = ShortText()
      } else {
        _ = before.append(editor.line[index])
      }
      index += 1
    }
    let isInWord = before.count > 0 && before[before.count - 1] != ASCII.space
    guard let name = before.word(at: 0), !(isInWord && before.word(at: 1) == nil) else {
      for command in commands { body(command.typedName) }
      return
    }
    let isFirst = before.word(at: isInWord ? 2 : 1) == nil
    for command in commands where isFirst && command.isNamed(name) {
      if name == "help" { for other in commands { body(other.typedName) } }
      var kind = 0
      while let word = command.kinds?(kind) {
        body(word)
        kind += 1
      }
      return
    }
  }

  private func runParts(of line: ShortText) {
    var parts = CommandParts()
    var index = 0
    while index <= line.count {
      let byte = index < line.count ? line[index] : CommandParts.separator
      if let part = parts.take(byte) { runCommand(part.text) }
      index += 1
    }
  }

  private func runCommand(_ line: ShortText) {
    guard let name = line.word(at: 0) else { return }
    for command in commands where command.isNamed(name) {
      return perform(command, line)
    }
    output.write("unknown command ")
    output.write(quoted: name)
    output.write("; type help for the commands\n")
  }

  private func perform(_ command: Command<Environment>, _ line: ShortText) {
    let call = CommandCall(
      environment: environment, command: command, commands: commands, line: line)
    do throws(CommandError) {
      try call.perform()
    } catch {
      output.write(error, in: call)
    }
  }
}

/// Parts commands at `;` and line feeds, a byte at a time.
private struct CommandParts {
  /// A command, without the spaces in front of it.
  struct Part {
    var text = ShortText()
    /// True when there was more than `text` holds.
    var isTooLong = false
  }

  static var separator: UInt8 { UInt8(ascii: ";") }

  private var part = Part()

  /// The part that `byte` ends; nil while it goes on.
  mutating func take(_ byte: UInt8) -> Part? {
    if byte == Self.separator || byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
      let whole = part
      part = Part()
      return whole
    }
    let byte = byte == ASCII.tab ? ASCII.space : byte  // a tab parts words as a blank does
    let isLeadingSpace = part.text.isEmpty && byte == ASCII.space
    if !isLeadingSpace, !part.text.append(byte) { part.isTooLong = true }
    return nil
  }
}

extension TextSink {
  /// `early heap size: 1048576 bytes, 1984 used, 4096 at most`
  fileprivate func writeSummary(of heap: EarlyHeapReport) {
    write("early heap size: ")
    write(decimal: heap.byteCount)
    write(" bytes, ")
    write(decimal: heap.usedBytes)
    write(" used, ")
    write(decimal: heap.peakBytes)
    write(" at most\n")
  }

  /// `heap size: 1048576 bytes, 0x0042f000 to 0x0052f000`, and whose it is.
  fileprivate func writeSummary(of heap: HeapReport) {
    write("heap size: ")
    write(decimal: heap.byteCount)
    write(" bytes, ")
    write(hex: heap.start.rawValue)
    write(" to ")
    write(hex: heap.start.rawValue &+ heap.byteCount)
    write("\n")
    field("allocator", heap.allocator)
  }
}
