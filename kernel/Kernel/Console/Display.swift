import CShims
import Base
import Devices
import Handoff
import Memory
import Screen
import Sync

/// The display, where there is one: it shows what the serial line shows.
///
/// Its memory is the VideoCore's, which reads it past the ARM's caches. It is mapped as Normal memory that is
/// not cached: stores gather in the write buffer and none needs a clean, so that the last line of a report
/// is there when the core stands still. Write-back memory would want a clean after each change, and its dirty
/// lines come out in any order. The price, slow loads, is not paid: what is shown is remembered in cells.
///
/// Who writes text holds the console's line (`BufferedConsole`) or its lock, and so has the screen as well.
enum Display {
  private nonisolated(unsafe) static var screen: TextScreen?
  private nonisolated(unsafe) static var lastRefresh: UInt64 = 0

  /// The framebuffer; nil without a display.
  nonisolated(unsafe) private(set) static var framebuffer: Framebuffer?

  /// True while the screen is being changed. A fault that finds it so leaves the screen alone.
  private nonisolated(unsafe) static var isAtWork = false

  /// Takes a byte of text. Before there is a screen, it is kept.
  static func receive(_ byte: UInt8) {
    if unsafe screen == nil { return keep_early_text(byte) }
    unsafe isAtWork = true
    unsafe screen?.receive(byte)
    unsafe isAtWork = false
  }

  /// Draws what has changed, if the last time was 40 ms ago. For the owner of the console's line.
  static func refreshIfDue() {
    guard unsafe screen != nil else { return }
    let now = timer_count()
    if unsafe now &- lastRefresh >= timer_frequency() / 25 { refresh(now) }
  }

  /// Draws what has changed, when nobody is inside a line. For a core that is about to wait.
  static func settle() {
    guard unsafe screen?.isBehind ?? false else { return }
    Locks.console.withLock {
      if unsafe BufferedConsole.owner == nil { refresh(timer_count()) }
    }
  }

  /// Draws a little of what has changed. For the timer's handler.
  static func tick() {
    guard unsafe screen?.isBehind ?? false else { return }
    Locks.console.withLock {
      if unsafe BufferedConsole.owner == nil { unsafe screen?.refresh(limit: 64) }
    }
  }

  private static func refresh(_ now: UInt64) {
    unsafe lastRefresh = now
    unsafe isAtWork = true
    unsafe screen?.refresh()
    unsafe isAtWork = false
  }
}

// MARK: - Reports

extension Display {
  /// Makes the screen the report's, wherever its last writer was stopped.
  static func beginReport() {
    unsafe isAtWork = false
    unsafe Terminals.isSerialOnly = false
  }

  /// Called when a report fails in its turn: if that was the screen's doing, the serial line goes on alone.
  static func survive() {
    if unsafe isAtWork { unsafe Terminals.isSerialOnly = true }
  }

  /// Draws all, at the end of a report: the other cores are stopped.
  static func refreshInReport() {
    if unsafe !Terminals.isSerialOnly { refresh(timer_count()) }
  }
}

// MARK: - Opening

extension Display {
  /// Asks the firmware for a picture and shows what was said so far. Without a display, or where it answers
  /// nonsense, the serial line is all there is.
  static func open() {
    guard let wish = unsafe KernelState.handoff?.options.screen, wish != .off else { return }
    do throws(FramebufferError) {
      guard let size = try size(wish) else { return }
      let found = try Console.mailbox.makeFramebuffer(size.wholeCells)
      try requireForeign(found.range)
      guard map(found.range), let made = makeScreen(found) else {
        return tell("out of memory")
      }
      unsafe framebuffer = found
      unsafe screen = made
    } catch {
      return tell(error.description)
    }
    for index in 0..<early_text_length() { unsafe screen?.receive(early_text_byte(index)) }
    refresh(timer_count())
  }

  private static func tell(_ words: StaticString) {
    Console.terminals.write("roost: no screen: ")
    Console.terminals.write(words)
    Console.terminals.write("\n")
  }

  private static func size(_ wish: BootOptions.Screen) throws(FramebufferError) -> DisplaySize? {
    if case .size(let width, let height) = wish {
      return DisplaySize(width: width, height: height)
    }
    return try Console.mailbox.displaySize()
  }

  /// Refuses a picture in memory that is the ARM's or a device's.
  private static func requireForeign(_ range: PhysicalRange) throws(FramebufferError) {
    guard let memory = unsafe KernelState.handoff?.memory, range.end.rawValue <= 0x4000_0000 else {
      throw .foreignMemory
    }
    for ours in memory where ours.overlaps(range) { throw .foreignMemory }
    for devices in Board.current.deviceRanges where devices.overlaps(range) { throw .foreignMemory }
  }

  private static func map(_ range: PhysicalRange) -> Bool {
    let mapping = Mapping(.readWrite, kind: .normalNonCacheable, purpose: .shared, isPinned: true)
    let start = range.start.rawValue.roundedDown(to: PageFrame.byteCount)
    guard let end = range.end.rawValue.roundedUp(to: PageFrame.byteCount) else { return false }
    return KernelAddressSpace.mapLower(
      VirtualRange(start: VirtualAddress(start), byteCount: end - start),
      to: PhysicalAddress(start), as: mapping)
  }

  /// A screen over the whole picture, or beside the live map where there is room, its cells in pages of
  /// their own.
  private static func makeScreen(_ found: Framebuffer) -> TextScreen? {
    let layout = PanelLayout(width: Int(found.width), height: Int(found.height))
    let columns = layout?.consoleColumns ?? Int(found.width) / Glyph.width
    let rows = Int(found.height) / Glyph.height
    guard let start = unsafe UnsafeMutableRawPointer(bitPattern: found.range.start.rawValue),
      let memory = unsafe pages(TextScreen.byteCount(columns: columns, rows: rows))
    else { return nil }
    let pixels = unsafe PixelMemory(
      start: start, width: Int(found.width), height: Int(found.height), pitch: Int(found.pitch),
      order: found.startsWithRed ? .rgb : .bgr)
    pixels.fill(0..<pixels.width, 0..<pixels.height, rgb: Colour.background.rgb)
    let (x, y) = ((Int(found.width) % 8) / 2 & ~1, (Int(found.height) % 16) / 2)
    let made = unsafe TextScreen(
      columns: columns, rows: rows, x: x, y: y, on: pixels, memory: memory)
    if let layout, let glyphs = made?.glyphs { LiveMap.start(layout, on: pixels, glyphs: glyphs) }
    return made
  }

  private static func pages(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
    let count = (UInt(byteCount) + PageFrame.byteCount - 1) / PageFrame.byteCount
    let frames = Locks.pages.withLock {
      unsafe try? KernelState.pages?.allocateRun(frameCount: count)
    }
    guard let frames,
      let start = unsafe UnsafeMutableRawPointer(bitPattern: frames.lowerBound.start.rawValue)
    else { return nil }
    return unsafe UnsafeMutableRawBufferPointer(start: start, count: Int(frames.byteCount))
  }
}
