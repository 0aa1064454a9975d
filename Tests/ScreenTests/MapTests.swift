import Testing

@testable import Screen

@Suite struct MapTests {
  /// Every unit is in the cell that begins with it or before it, and cells follow each other without a gap.
  @Test(arguments: [
    (100, 7, 1000), (616, 39, 1 << 20), (376, 10, 245_760), (64, 1, 20), (8, 8, 64),
  ])
  func cellsCoverAllUnits(_ width: Int, _ rows: Int, _ units: Int) {
    let strip = Strip(
      x: 0, y: 0, width: width, rowCount: rows, rowHeight: 4, unitCount: UInt(units))
    var last = 0
    for unit in stride(from: UInt(0), to: UInt(units), by: max(1, units / 997)) {
      let cell = strip.cell(of: unit)
      #expect(cell >= last && cell < strip.cellCount)
      #expect(strip.firstUnit(of: cell) <= unit + 1)
      #expect(strip.firstUnit(of: cell + 1) > unit || strip.firstUnit(of: cell + 1) == unit + 1)
      last = cell
    }
    #expect(strip.cell(of: UInt(units)) == strip.cellCount)
    #expect(strip.firstUnit(of: 0) == 0)
  }

  /// What is used is always seen; what is free never hides it.
  @Test func usedWinsOverFree() {
    let strip = Strip(x: 0, y: 0, width: 10, rowCount: 1, rowHeight: 4, unitCount: 1000)
    #expect(strip.cells(touching: 250..<260) == 2..<3)
    #expect(strip.cells(touching: 250..<350) == 2..<3)
    #expect(strip.cells(touching: 200..<400) == 2..<4)
    #expect(strip.cells(within: 250..<260).isEmpty)
    #expect(strip.cells(within: 250..<420) == 3..<4)
    #expect(strip.cells(within: 200..<400) == 2..<4)
    #expect(strip.cells(touching: 999..<1000) == 9..<10)
  }

  @Test func fillsRowsLikeText() {
    let rig = ScreenRig(width: 32, height: 32)
    let pixels = rig.pixels()
    let strip = Strip(x: 4, y: 3, width: 10, rowCount: 3, rowHeight: 5, unitCount: 30)
    pixels.fill(0..<32, 0..<32, rgb: 0)
    strip.fill(8..<22, rgb: 0x123456, on: pixels)
    for y in 0..<32 {
      for x in 0..<32 {
        let (column, row) = (x - 4, (y - 3) / 5)
        let isInside = 0..<10 ~= column && y >= 3 && row < 3 && (y - 3) % 5 < 4
        let cell = row * 10 + column
        #expect(rig[x, y] == (isInside && 8..<22 ~= cell ? 0x123456 : 0), "\(x), \(y)")
      }
    }
    strip.fill(-5..<99, rgb: 1, on: pixels)
    #expect(rig.fencesStand)
  }

  @Test func chartStaysInItsFrame() {
    let rig = ScreenRig(width: 64, height: 40)
    let pixels = rig.pixels()
    pixels.fill(0..<64, 0..<40, rgb: 0)
    var chart = Chart(x: 10, y: 5, width: 30, height: 21)
    let colours = ChartColours(background: 1, grid: 2, area: 3, edge: 4, line: 5)
    for sample in 0..<75 {
      chart.add(sample * 40 - 500, 1500 - sample * 30, colours: colours, on: pixels)
    }
    #expect(chart.column == 15)
    for y in 0..<40 {
      for x in 0..<64 {
        let isInside = 10..<40 ~= x && 5..<26 ~= y
        #expect((rig[x, y] != 0) == isInside, "\(x), \(y): \(rig[x, y])")
      }
    }
    // The first goes over the whole height, from the sample before; the second has the line's own row alone.
    for _ in 0..<2 { chart.add(0, 1000, colours: colours, on: pixels) }
    #expect(rig[10 + 15, 5] == 5 && rig[10 + 15, 25] == 5)
    #expect(rig[10 + 16, 5] == 5 && rig[10 + 16, 25] == 4)
  }

  @Test func layouts() throws {
    #expect(PanelLayout(width: 640, height: 480) == nil)
    #expect(PanelLayout(width: 1000, height: 1000) == nil)
    #expect(PanelLayout(width: 1280, height: 400) == nil)
    for (width, height) in [(1056, 480), (1280, 720), (1366, 768), (1920, 1080), (4096, 4096)] {
      let layout = try #require(PanelLayout(width: width & ~7, height: height))
      #expect(layout.consoleColumns >= 80)
      #expect(layout.consoleColumns * 8 + 16 <= layout.x)
      #expect(layout.x + layout.width <= width)
      #expect(layout.heapY + layout.heapRowCount * PanelLayout.heapRowHeight <= layout.chartY)
      #expect(layout.coresY + 20 + 4 * 18 <= height, "\(width) x \(height)")
    }
  }

  @Test func sizeClasses() {
    #expect(
      [16, 64, 65, 256, 1024, 1025, 4096, 65536, 65537].map { MapColour.sizeClass(of: $0) } == [
        0, 0, 1, 1, 2, 3, 3, 4, 5,
      ])
  }
}
