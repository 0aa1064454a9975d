import Base
import CShims
import Heaps
import Memory
import Screen
import Sync

/// The live map beside the console: pages by owner, the heap's segments by size, the last minutes, and what
/// each core allocates. The timer's handler of core 0 draws it, for a quarter of a millisecond at a time: after
/// pieces that took t it rests for 24 t, so that it never takes more than 4 % of that core.
enum LiveMap {
  private nonisolated(unsafe) static var panel: LivePanel?
  private nonisolated(unsafe) static var isOn = false
  private nonisolated(unsafe) static var dueCount: UInt64 = 0
  private nonisolated(unsafe) static var spentCount: UInt64 = 0
  private nonisolated(unsafe) static var startCount: UInt64 = 0

  /// True where a panel is.
  static var isThere: Bool { unsafe panel != nil }

  /// Makes the panel and begins to draw. Called once, while one core runs.
  static func start(_ layout: PanelLayout, on pixels: PixelMemory, glyphs: GlyphCache) {
    unsafe panel = LivePanel(layout, PanelText(pixels: pixels, glyphs: glyphs))
    setOn(true)
  }

  /// Goes on, or stands still: then the heap is not watched for it.
  static func setOn(_ isOn: Bool) {
    Locks.heap.withLock {
      unsafe Self.isOn = isOn
      unsafe startCount = timer_count()
      unsafe spentCount = 0
      unsafe HeapObserver.isCounting = isOn
      HeapObserver.update()
    }
  }

  /// The part of core 0's time that drawing has taken since it began, in thousandths.
  static var costPerMille: Int {
    let elapsed = unsafe timer_count() &- startCount
    return Int(unsafe spentCount &* 1000 / max(1, elapsed))
  }

  /// Draws the next piece, if it is time. For the timer's handler of core 0.
  static func tick() {
    guard unsafe isOn else { return }
    let start = timer_count()
    guard unsafe start >= dueCount else { return }
    let limit = timer_frequency() / 4000
    var took: UInt64 = 0
    repeat {
      unsafe panel?.step(now: start)
      took = timer_count() &- start
    } while took < limit
    unsafe spentCount &+= took
    unsafe dueCount = start &+ took &* 25
  }
}

/// What the panel shows, and which piece comes next.
struct LivePanel {
  /// The pieces of a round.
  private enum Piece {
    case frame
    case pages(next: UInt)
    case heap(KernelHeap.SegmentListing)
    case numbers
    case chart
    case cores
    case rest
  }

  let layout: PanelLayout
  let text: PanelText
  var chart: Chart
  var shownHeapByteCount: UInt = 0
  var countsBefore: (UInt, UInt, UInt, UInt) = (0, 0, 0, 0)
  var countsTime: UInt64 = 0
  private var piece = Piece.frame
  private var pagesTime: UInt64 = 0
  private var roundTime: UInt64 = 0

  init(_ layout: PanelLayout, _ text: PanelText) {
    self.layout = layout
    self.text = text
    chart = layout.chart
  }

  var end: Int { layout.x + layout.width }
  var bright: UInt32 { Colour(15).rgb }
  var plain: UInt32 { Colour(7).rgb }
  var dim: UInt32 { 0x8A_94A4 }

  /// Draws the next piece: some tens of microseconds of work.
  mutating func step(now: UInt64) {
    let second = timer_frequency()
    switch piece {
    case .frame:
      drawFrame()
      piece = .pages(next: 0)
    case .pages(let next):
      pagesTime = now
      piece = drawPages(from: next).map { .pages(next: $0) } ?? .heap(.init())
    case .heap(var listing):
      drawSegments(of: &listing)
      piece = listing.isAtEnd ? .numbers : .heap(listing)
    case .numbers:
      drawNumbers()
      piece = .chart
    case .chart:
      if now &- roundTime >= second / 2 {
        roundTime = now
        addSample()
        piece = .cores
      } else {
        piece = .rest
      }
    case .cores:
      drawCores(now)
      piece = .rest
    case .rest:
      piece = now &- pagesTime >= second ? .pages(next: 0) : .heap(.init())
    }
  }

  /// What never changes: titles and legends.
  private func drawFrame() {
    text.pixels.fill(
      (layout.x - 9)..<(layout.x - 8), 0..<text.pixels.height, rgb: MapColour.free.rgb)
    text.begin(x: layout.x, y: 26, end: end, rgb: dim)
    text.legend("kernel", .owner(.kernel))
    text.legend("tables", .owner(.structures))
    text.legend("heap", .owner(.heap))
    text.legend("window", .owner(.window))
    text.legend("other", .owner(.general))
    text.legend("free", .free)
    text.begin(x: layout.x, y: 142, end: end, rgb: dim)
    text.legend("64", .size(0))
    text.legend("256", .size(1))
    text.legend("1K", .size(2))
    text.legend("4K", .size(3))
    text.legend("64K", .size(4))
    text.legend("more", .size(5))
    text.legend("free", .free)
    text.legend("top", .top)
    text.legend("freed last", .lastFreed)
    text.begin(x: layout.x, y: layout.chartY, end: end, rgb: bright)
    text.write("Last minutes  ")
    text.colour(dim)
    text.legend("occupied", .size(1))
    text.legend("fragmented", .lastFreed)
  }
}
