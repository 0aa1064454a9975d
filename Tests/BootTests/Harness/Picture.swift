import Foundation
import Screen
import Testing

/// What a display shows, as QEMU's `screendump` writes it.
struct Picture {
  let width: Int
  let height: Int
  private let bytes: [UInt8]

  /// Reads a PPM file of 8 bits a colour.
  init?(ppm: [UInt8]) {
    var fields: [Int] = []
    var index = 2
    while fields.count < 3, index < ppm.count {
      let digits = ppm[index...].prefix { 0x30...0x39 ~= $0 }
      if let number = Int(String(decoding: digits, as: UTF8.self)) { fields.append(number) }
      index += digits.count + 1
    }
    guard ppm.starts(with: Array("P6".utf8)), fields.count == 3, fields[2] == 255,
      ppm.count - index == fields[0] * fields[1] * 3
    else { return nil }
    (width, height) = (fields[0], fields[1])
    bytes = Array(ppm[index...])
  }

  /// The pixel as 0xRRGGBB.
  subscript(x: Int, y: Int) -> UInt32 {
    let at = (y * width + x) * 3
    return UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
  }

  /// The text in cells from (`x`, `y`) on: what is none of ASCII's glyphs shows as `?`.
  func text(columns: Int, rows: Int, x: Int = 0, y: Int = 0) -> [String] {
    (0..<rows).map { row in
      let line = (0..<columns).map { character(x + $0 * Glyph.width, y + row * Glyph.height) }
      return String(String.UnicodeScalarView(line)).trimmingTrailingSpaces
    }
  }

  private func character(_ x: Int, _ y: Int) -> Unicode.Scalar {
    // No ASCII glyph but the underscore has a dot in the last row, and none in the first column there.
    let background = self[x, y + 15]
    let rows = (0..<16).map { row in
      (0..<8).reduce(UInt8(0)) { $0 << 1 | (self[x + $1, y + row] == background ? 0 : 1) }
    }
    return Self.glyphs[rows] ?? "?"
  }

  private static let glyphs: [[UInt8]: Unicode.Scalar] = {
    var glyphs: [[UInt8]: Unicode.Scalar] = [:]
    for scalar in UInt32(0x20)...0x7E {
      let bitmap = Glyph(scalar).bitmap
      glyphs[(0..<16).map { bitmap.row($0) }] = Unicode.Scalar(scalar)
    }
    return glyphs
  }()
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}

extension Machine {
  /// What the display shows now.
  func picture(_ location: SourceLocation = #_sourceLocation) throws -> Picture {
    _ = output  // so that the emulator does not wait for us while we wait for its answer
    let file = folder.appending(path: "screen.ppm")
    let line = try #require(EmulatorControl(folder.appending(path: "control").path))
    try line.run(#"{"execute":"screendump","arguments":{"filename":"\#(file.path)"}}"#)
    let bytes = Array(try Data(contentsOf: file))
    return try #require(Picture(ppm: bytes), sourceLocation: location)
  }

  /// Waits until all `cells` of `strip` have `colour`.
  func showsCells(
    _ cells: Range<Int>, of strip: Strip, _ colour: MapColour,
    _ location: SourceLocation = #_sourceLocation
  ) async throws {
    var wrong = 0
    for _ in 0..<300 {
      let picture = try picture(location)
      wrong = 0
      for cell in cells {
        let place = strip.place(of: cell)
        for row in 0..<(strip.rowHeight - 1) where picture[place.x, place.y + row] != colour.rgb {
          wrong += 1
        }
      }
      if wrong == 0 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("\(wrong) pixels of another colour in cells \(cells)", sourceLocation: location)
  }

  /// Waits until the display shows `text` somewhere in `columns` by `rows` cells, and until two pictures in a row show
  /// the same there: one may be taken while a line is drawn.
  ///
  /// - Returns: the picture.
  @discardableResult
  func shows(
    _ text: String, columns: Int, rows: Int, y: Int = 0,
    _ location: SourceLocation = #_sourceLocation
  ) async throws -> Picture {
    var lines: [String] = []
    for _ in 0..<300 {
      let picture = try picture(location)
      let before = lines
      lines = picture.text(columns: columns, rows: rows, y: y)
      if lines == before, lines.contains(where: { $0.contains(text) }) { return picture }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record(
      "no \"\(text)\" on the screen:\n\(lines.joined(separator: "\n"))", sourceLocation: location)
    return try picture(location)
  }
}

/// QEMU's control socket (QMP): a line of JSON asks, a line answers.
private final class EmulatorControl {
  private let socket: CInt

  struct Refusal: Error { let answer: String }

  /// Connects to the socket at `path`; nil when nobody listens.
  init?(_ path: String) {
    socket = Foundation.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let text = Array(path.utf8)
    guard text.count < 108 else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: text) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    unsafe setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let result = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, $0, size)
      }
    }
    guard result == 0, (try? run(#"{"execute":"qmp_capabilities"}"#)) != nil else { return nil }
  }

  deinit { close(socket) }

  /// Sends `command` and waits for its answer; events between are skipped.
  func run(_ command: String) throws {
    let bytes = Array((command + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(socket, $0.baseAddress, $0.count) }
    while true {
      let line = readLine()
      if line.contains("\"return\"") { return }
      if line.isEmpty || line.contains("\"error\"") { throw Refusal(answer: line) }
    }
  }

  private func readLine() -> String {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(socket, &byte, 1) == 1, byte != 10 { line.append(byte) }
    return String(decoding: line, as: UTF8.self)
  }
}
