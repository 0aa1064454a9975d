/// Where the parts of the live map are, beside the console. All in pixels.
///
/// ```
///   ┌───────────────┬──────────────────┐
///   │               │ pages by owner   │  title, legend, strip
///   │   console     │ the heap         │  title, legend, strip
///   │   80 columns  │ the last minutes │  title, chart
///   │   or more     │ cores            │  title, a bar each
///   └───────────────┴──────────────────┘
/// ```
public struct PanelLayout: Equatable, Sendable {
  /// Columns of the console.
  public let consoleColumns: Int
  /// The left edge of the panel's parts.
  public let x: Int
  /// The width of its parts.
  public let width: Int
  /// The upper edge of the heap's strip.
  public let heapY = 164
  /// Rows of the heap's strip.
  public let heapRowCount: Int
  /// The upper edge of the chart's title.
  public let chartY: Int

  /// Pixels from a row of the heap's strip to the next.
  public static var heapRowHeight: Int { 8 }
  /// The upper edge of the pages' strip, its rows, and pixels from one to the next.
  public static var pages: (y: Int, rowCount: Int, rowHeight: Int) { (48, 10, 6) }
  /// The chart's height.
  public static var chartHeight: Int { 81 }
  /// The panel's least width: the legends fit.
  public static var leastWidth: Int { 376 }

  /// The layout for a picture; nil where it has no room beside 80 columns of text.
  public init?(width pictureWidth: Int, height pictureHeight: Int) {
    let room = pictureWidth - 80 * Glyph.width - 32
    guard room >= Self.leastWidth, pictureHeight >= 480 else { return nil }
    width = min(640, room) & ~7
    x = pictureWidth - 8 - width
    consoleColumns = (x - 16) / Glyph.width
    let rows = (pictureHeight - heapY - 250) / Self.heapRowHeight
    heapRowCount = max(8, min(rows, 60))
    chartY = heapY + heapRowCount * Self.heapRowHeight + 14
  }

  /// The strip of all pages.
  public func pagesStrip(frameCount: UInt) -> Strip {
    Strip(
      x: x, y: Self.pages.y, width: width, rowCount: Self.pages.rowCount,
      rowHeight: Self.pages.rowHeight, unitCount: frameCount)
  }

  /// The strip of the heap's bytes: its first region, and behind it what it has claimed of its window.
  public func heapStrip(byteCount: UInt) -> Strip {
    Strip(
      x: x, y: heapY, width: width, rowCount: heapRowCount, rowHeight: Self.heapRowHeight,
      unitCount: byteCount)
  }

  /// The chart of occupancy and fragmentation.
  public var chart: Chart {
    Chart(x: x, y: chartY + 20, width: width, height: Self.chartHeight)
  }

  /// The upper edge of the title above the cores' bars.
  public var coresY: Int { chartY + 20 + Self.chartHeight + 12 }
}
