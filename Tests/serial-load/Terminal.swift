#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The person's terminal, connected with the port until ctrl-] or the end of the input.
struct Terminal {
  private let port: SerialPort

  init(_ port: SerialPort) { self.port = port }

  private static var leave: UInt8 { 0x1D }  // ctrl-]

  /// - Parameter text: what the board has said already.
  func run(showing text: [UInt8]) throws(Complaint) {
    Complaint.tell("serial-load: this is the board's terminal now; ctrl-] leaves")
    let before = makeRaw()
    defer { restore(before) }
    show(text)
    while true {
      let canRead = try port.wait(milliseconds: 1000, other: 0)
      show(try port.receive())
      guard canRead else { continue }
      var typed = [UInt8](repeating: 0, count: 256)
      let count = unsafe read(0, &typed, typed.count)
      if count <= 0 { return }
      let keys = typed[..<count]
      let end = keys.firstIndex(of: Self.leave) ?? keys.endIndex
      try send(Array(keys[..<end]))
      if end < keys.endIndex { return }
    }
  }

  private func send(_ bytes: [UInt8]) throws(Complaint) {
    var rest = bytes
    while !rest.isEmpty {
      rest.removeFirst(try port.send(rest))
      if !rest.isEmpty { try port.wait(milliseconds: 10, orToWrite: true) }
    }
  }

  private func show(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR, errno != EAGAIN { return }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  /// Every key goes to the board, ctrl-C too. Out: the settings before; nil where the input is no terminal.
  private func makeRaw() -> termios? {
    var settings = termios()
    guard SerialPort.isTerminal(0), unsafe tcgetattr(0, &settings) == 0 else { return nil }
    let before = settings
    unsafe cfmakeraw(&settings)
    settings.c_oflag |= tcflag_t(OPOST)
    unsafe tcsetattr(0, TCSADRAIN, &settings)
    return before
  }

  private func restore(_ settings: termios?) {
    guard var settings else { return }
    unsafe tcsetattr(0, TCSADRAIN, &settings)
    show(Array("\n".utf8))
  }
}
