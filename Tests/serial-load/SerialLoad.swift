import Transfer

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Loads a kernel over a serial line, and is a terminal on that line afterwards. Exit status: 0 when the
/// kernel was started, 1 when it was not, 2 when the command line makes no sense, 130 after ctrl-C.
@main struct SerialLoad {
  static func main() {
    let arguments: Arguments
    do throws(Complaint) {
      arguments = try Arguments(CommandLine.arguments.dropFirst())
    } catch {
      Complaint.tell("serial-load: \(error.words)")
      exit(2)
    }
    if arguments.help { return print(Arguments.usage) }
    do throws(Complaint) {
      try load(arguments)
    } catch {
      Complaint.tell("serial-load: \(error.words)")
      exit(error.status)
    }
  }

  private static func load(_ arguments: Arguments) throws(Complaint) {
    let image = try KernelFile(arguments.image)
    var device = arguments.device
    if device == nil { device = try SerialPort.only() }
    let port = try SerialPort(device ?? "", baud: arguments.baud)
    Complaint.tell("serial-load: \(image.words) to \(port.path)")
    var session = Session(
      port, image.bytes,
      baud: arguments.baud, speeds: arguments.speeds, wait: arguments.wait)
    try session.run()
    if arguments.isTerminal { try Terminal(port).run(showing: session.text) }
  }
}

/// write(2), which a type's own `write` would hide.
private let putBytes = unsafe write

/// What ends the program: one line, and the status it ends with.
struct Complaint: Error {
  let words: String
  var status: Int32 = 1

  /// Writes a line where errors go.
  static func tell(_ line: String) { write(line + "\n") }

  /// Writes where errors go.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe putBytes(2, bytes, bytes.count)
  }

  /// What the system says of its last error.
  static var ofTheSystem: String { unsafe String(cString: strerror(errno)) }
}
