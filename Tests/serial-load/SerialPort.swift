#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A serial port that this program has to itself: 8 data bits, no parity, 1 stop bit, no flow control, and
/// nothing that the system would do to the bytes (termios(3), "Raw mode").
final class SerialPort {
  let path: String
  private let descriptor: CInt

  init(_ path: String, baud: UInt32) throws(Complaint) {
    self.path = path
    descriptor = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw Complaint(words: Self.whyNotOpened(path)) }
    guard Self.isTerminal(descriptor) else {
      throw Complaint(words: "\(path) is not a serial port")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Complaint(words: "\(path) is in use by another program")
    }
    try setSpeed(baud)
  }

  deinit { close(descriptor) }

  /// True when `descriptor` is a terminal, as a serial port is.
  static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

  private static func whyNotOpened(_ path: String) -> String {
    switch errno {
    case ENOENT, ENODEV, ENXIO: "\(path): no such device; is the cable plugged in?"
    case EACCES: "\(path): permission denied; are you in its group (often dialout)?"
    case EBUSY: "\(path) is in use by another program"
    default: "\(path): \(Complaint.ofTheSystem)"
    }
  }

  /// The one serial cable that this machine has.
  static func only() throws(Complaint) -> String {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    var paths: [String] = []
    for pattern in ["/dev/ttyUSB*", "/dev/ttyACM*", "/dev/cu.usbserial*", "/dev/cu.usbmodem*"] {
      guard unsafe glob(pattern, 0, nil, &found) == 0 else { continue }
      for index in 0..<Int(unsafe found.gl_pathc) {
        if let path = unsafe found.gl_pathv[index] { paths.append(unsafe String(cString: path)) }
      }
      unsafe globfree(&found)
    }
    switch paths.count {
    case 1: return paths[0]
    case 0:
      throw Complaint(
        words: "no serial cable found; name it, as in make load SERIAL=/dev/ttyUSB0")
    default:
      let list = paths.joined(separator: ", ")
      throw Complaint(words: "several serial cables: SERIAL= one of \(list)")
    }
  }
}

// MARK: - Bytes

extension SerialPort {
  /// What has arrived, without waiting.
  func receive() throws(Complaint) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(descriptor, &buffer, buffer.count)
    if count > 0 { return Array(buffer[..<count]) }
    if count < 0, errno == EAGAIN || errno == EINTR { return [] }
    throw pulled
  }

  /// Sends as much of `bytes` as the system takes. Out: how many those are.
  func send(_ bytes: [UInt8]) throws(Complaint) -> Int {
    let count = unsafe write(descriptor, bytes, bytes.count)
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return 0 }
    throw pulled
  }

  private var pulled: Complaint {
    Complaint(words: "\(path) is gone: was the cable pulled?")
  }

  /// Waits for something to read or, where `orToWrite`, for room; at most so many milliseconds.
  ///
  /// - Parameter other: another descriptor to read from.
  /// - Returns: whether `other` can be read.
  @discardableResult
  func wait(milliseconds: Int32, orToWrite: Bool = false, other: CInt = -1)
    throws(Complaint) -> Bool
  {
    let events = Int16(POLLIN) | (orToWrite ? Int16(POLLOUT) : 0)
    var polled = [
      pollfd(fd: descriptor, events: events, revents: 0),
      pollfd(fd: other, events: Int16(POLLIN), revents: 0),
    ]
    guard unsafe poll(&polled, 2, milliseconds) >= 0 || errno == EINTR else { throw pulled }
    if polled[0].revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0,
      polled[0].revents & Int16(POLLIN) == 0
    {
      throw pulled
    }
    return polled[1].revents & Int16(POLLIN | POLLHUP) != 0
  }

  /// Lets what was sent leave, and sets the port to `baud`.
  func setSpeed(_ baud: UInt32) throws(Complaint) {
    guard let speed = Self.code(of: baud) else {
      throw Complaint(words: "\(baud) baud is no rate of this system's")
    }
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { throw pulled }
    unsafe cfmakeraw(&settings)
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD | CS8)
    settings.c_cflag &= ~tcflag_t(CSTOPB | PARENB)
    settings.c_cflag &= ~tcflag_t(truncatingIfNeeded: Int(CRTSCTS))
    unsafe cfsetispeed(&settings, speed)
    unsafe cfsetospeed(&settings, speed)
    guard unsafe tcsetattr(descriptor, TCSADRAIN, &settings) == 0 else { throw pulled }
  }

  private static func code(of baud: UInt32) -> speed_t? {
    #if canImport(Glibc)
      switch baud {
      case 115_200: speed_t(B115200)
      case 230_400: speed_t(B230400)
      case 460_800: speed_t(B460800)
      case 921_600: speed_t(B921600)
      default: nil
      }
    #else
      speed_t(baud)  // the rate itself, where the driver knows it
    #endif
  }
}

/// Milliseconds of a clock that only goes on.
func milliseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
}
