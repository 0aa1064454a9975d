import CShims
import Base
import Devices
import Monitor

// What is typed, for programs. On core 0 alone.

/// The editor with the lines that were entered; nil before the first.
private nonisolated(unsafe) var lineEditor: LineEditor?

/// Reads a line, with the keys of the prompt (`help keys`): at most 120 characters of printable ASCII. A line that
/// is longer, or holds something else, is refused with a word, and asked for again.
///
/// Swift's own `readLine()` is the same without a prompt.
///
/// - Parameter prompt: shown in front of it; up to 7 characters keep line and prompt within 80 columns.
/// - Returns: the line without its end; nil after ctrl-C.
@export(interface) public func readLine(prompt: StaticString) -> String? {
  var editor = unsafe lineEditor ?? LineEditor()
  defer { unsafe lineEditor = editor }
  let console = Console.buffered
  console.write(prompt)
  while true {
    console.flush()
    Display.settle()
    guard let byte = SerialInput.nextUnlessInterrupted() else {
      console.write("^C\n")
      return nil
    }
    switch editor.receive(byte, echo: console) {
    case .editing: continue
    case .entered(let line): return String(line)
    case .abandoned: return nil
    case .completion: console.write(byte: 7)
    case .clearing:
      console.write("\u{1b}[H\u{1b}[2J")
      console.write(prompt)
      editor.redisplay(on: console)
    case .tooLong, .unprintable:
      console.write("at most 120 characters of printable ASCII\n")
      console.write(prompt)
    }
  }
}

/// What Swift's `readLine()` calls. Out: how many bytes the line has with its line feed; -1 where there is none, after
/// ctrl-C.
@c(swift_stdlib_readLine_stdin)
func readLineForSwift(_ line: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int {
  guard let text = readLine(prompt: "") else { return -1 }
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: text.utf8.count + 1)
  var count = 0
  for byte in text.utf8 {
    unsafe bytes[count] = byte
    count += 1
  }
  unsafe bytes[count] = UInt8(ascii: "\n")
  unsafe line.pointee = bytes  // the caller frees it
  return count + 1
}

/// The next byte that was typed; nil when there is none now. Keys such as the arrows are several (ECMA-48, 5.4).
@export(interface) public func readKey() -> UInt8? {
  Console.buffered.flush()
  return SerialInput.take(sleeps: false)
}

extension String {
  fileprivate init(_ line: ShortText) {
    self.init()
    reserveCapacity(line.count)
    var index = 0
    while index < line.count {
      unicodeScalars.append(Unicode.Scalar(line[index]))
      index += 1
    }
  }
}
