import Base
import CShims
import Heaps
import Memory
import Monitor
import Screen
import Sync

extension Command<KernelEnvironment> {
  /// Draws memory and heap in the terminal, once or again and again.
  static var map: Command {
    Command(
      "map", "[plain|live|on|off] [N]",
      "draw pages and heap, live: N times a second until a key; on, off: the map on the screen"
    ) { call throws(CommandError) in
      guard let word = call.word(0) else { return MapText(call.output, isPlain: false).write() }
      if word == "live" {
        let rate = try call.number(1, or: 2)
        guard 1...10 ~= rate else { throw .wrong(1, "is not between 1 and 10") }
        return MapText(call.output, isPlain: false).writeLive(rate: rate)
      }
      guard call.word(1) == nil else { throw .unexpected(1) }
      if word == "plain" { return MapText(call.output, isPlain: true).write() }
      guard word == "on" || word == "off" else { throw .unexpected(0) }
      guard LiveMap.isThere else { throw .failed("no room for it on the screen") }
      if word == "off" { call.output.field("drawing took", perMille: LiveMap.costPerMille) }
      LiveMap.setOn(word == "on")
    }
  }
}

/// The map as text of 80 columns: Unicode blocks and the colours of a terminal, or plain ASCII.
private struct MapText {
  private let output: BufferedConsole
  private let isPlain: Bool
  private let isLive: Bool

  init(_ output: BufferedConsole, isPlain: Bool, isLive: Bool = false) {
    self.output = output
    self.isPlain = isPlain
    self.isLive = isLive
  }

  func write() {
    writePages()
    end()
    writeHeap()
    end()
    writeNumbers()
  }

  /// Draws in place until a key is pressed.
  func writeLive(rate: UInt) {
    let live = MapText(output, isPlain: false, isLive: true)
    output.write("\u{1B}[?25l\u{1B}[2J")
    var due = timer_count()
    while true {
      output.write("\u{1B}[H")
      live.write()
      output.write("any key ends it\u{1B}[J")
      output.flush()
      due = max(timer_count(), due &+ timer_frequency() / UInt64(rate))
      if SerialInput.waitsForKey(until: due) || Interruption.take() { break }
    }
    output.write("\u{1B}[?25h\n")
  }

  private func end() { output.write(isLive ? "\u{1B}[K\n" : "\n") }

  /// Colours what follows; 0 for the usual colour.
  private func set(_ colour: Colour?) {
    guard !isPlain else { return }
    guard let colour else { return output.write("\u{1B}[0m") }
    output.write("\u{1B}[38;5;")
    output.write(decimal: UInt(colour.number))
    output.write("m")
  }

  private func begin(row address: UInt) {
    output.write(hex: address, digits: 10)
    output.write(" ")
  }
}

// MARK: - Pages

extension MapText {
  private static var columns: Int { 64 }
  private static var pageCells: Int { 256 }

  private func writePages() {
    let frameCount = Locks.pages.withLock { unsafe KernelState.pages?.frameCount ?? 0 }
    guard frameCount > 0 else { return }
    let strip = Strip(
      x: 0, y: 0, width: Self.columns, rowCount: Self.pageCells / Self.columns, rowHeight: 2,
      unitCount: frameCount)
    var owners = InlineArray<256, UInt8>(repeating: 0)
    KernelState.forEachPageRun { run in
      guard let state = run.state, state != .free else { return }
      let code = state.mapOwner.map { $0.rawValue + 1 } ?? UInt8.max
      let frames = run.frames.lowerBound.number..<run.frames.upperBound.number
      for cell in strip.cells(touching: frames) where cell < Self.pageCells {
        if code != UInt8.max || owners[cell] == 0 { owners[cell] = code }
      }
    }
    output.write("Pages by owner; a cell is ")
    output.write(decimal: frameCount / UInt(Self.pageCells))
    output.write(" pages")
    end()
    for row in 0..<(Self.pageCells / Self.columns) {
      begin(row: strip.firstUnit(of: row * Self.columns) * PageFrame.byteCount)
      var last: UInt8?
      for column in 0..<Self.columns {
        let code = owners[row * Self.columns + column]
        write(owner: code, after: last)
        last = code
      }
      set(nil)
      end()
    }
    writeOwners()
  }

  private func write(owner code: UInt8, after last: UInt8?) {
    let owner = code == 0 || code == UInt8.max ? nil : MapColour.Owner(rawValue: code - 1)
    if isPlain {
      return output.write(byte: owner.map { $0.letter } ?? UInt8(ascii: code == 0 ? "." : " "))
    }
    if code != last { set((owner.map { MapColour.owner($0) } ?? .free).colour) }
    output.write(code == UInt8.max ? " " : owner == nil ? "░" : "█")
  }

  private func writeOwners() {
    output.write(spaces: 13)
    for owner in MapColour.Owner.allCases {
      if isPlain {
        output.write(byte: owner.letter)
      } else {
        set(MapColour.owner(owner).colour)
        output.write("█")
        set(nil)
      }
      output.write(" ")
      output.write(owner.word)
      output.write("  ")
    }
    output.write(isPlain ? ". free" : "░ free")
    end()
  }
}

// MARK: - Heap

extension MapText {
  private func writeHeap() {
    let cells = HeapCells(.now)
    guard cells.bytes.count > 0 else { return }
    output.write("Heap from ")
    output.write(hex: VirtualAddress(pointer: cells.bytes.start).rawValue)
    output.write(" on, by use and size; a cell is ")
    output.write(decimal: cells.cellByteCount)
    output.write(" bytes")
    end()
    for row in 0..<(HeapCells.count / HeapCells.columns) {
      output.write("+")
      output.write(hex: UInt(row * HeapCells.columns) * cells.cellByteCount)
      output.write("  ")
      var last: Int?
      for column in 0..<HeapCells.columns {
        let cell = row * HeapCells.columns + column
        last = write(cell, of: cells, after: last)
      }
      set(nil)
      end()
    }
    writeSizes()
  }

  /// Draws a cell; a number that stands for its colour.
  private func write(_ cell: Int, of cells: borrowing HeapCells, after last: Int?) -> Int {
    if isPlain {
      let level = cells.level(cell, of: 10)
      output.write(
        byte: level == 0 ? UInt8(ascii: ".") : level == 10 ? UInt8(ascii: "#") : 0x30 + UInt8(level)
      )
      return 0
    }
    let level = cells.level(cell, of: 8)
    let code = cells.isLastFreed(cell) ? -1 : level == 0 ? -2 : cells.sizeClass(cell)
    if code != last {
      let colour: MapColour =
        code == -1 ? .lastFreed : code == -2 ? .free : MapColour.size(code)
      set(colour.colour)
    }
    output.write(Self.blocks(level))
    return code
  }

  private static func blocks(_ eighths: UInt) -> StaticString {
    switch eighths {
    case 0: "░"
    case 1: "▁"
    case 2: "▂"
    case 3: "▃"
    case 4: "▄"
    case 5: "▅"
    case 6: "▆"
    case 7: "▇"
    default: "█"
    }
  }

  private func writeSizes() {
    output.write(spaces: 13)
    if isPlain {
      output.write(". free   1 to 9: tenths in use   # full")
    } else {
      for sizeClass in 0..<MapColour.sizeClassCount {
        set(MapColour.size(sizeClass).colour)
        output.write("█")
        set(nil)
        output.write(" ")
        output.write(Self.sizes(sizeClass))
        output.write("  ")
      }
      output.write("░ free  ")
      set(MapColour.lastFreed.colour)
      output.write("░")
      set(nil)
      output.write(" freed last")
    }
    end()
  }

  private static func sizes(_ sizeClass: Int) -> StaticString {
    switch sizeClass {
    case 0: "64"
    case 1: "256"
    case 2: "1K"
    case 3: "4K"
    case 4: "64K"
    default: "more"
    }
  }

  private func writeNumbers() {
    guard let heap = KernelHeap.statistics else { return }
    line("used bytes", heap.usedBytes)
    line("free bytes", heap.freeBytes)
    line("largest free", heap.largestFreeBytes)
    line("live payloads", heap.liveCount)
    output.write("fragmentation: ")
    output.write(decimal: heap.fragmentationPerMille / 10)
    output.write(" %")
    end()
  }

  private func line(_ key: StaticString, _ value: Int) {
    output.write(key)
    output.write(": ")
    output.write(decimal: value)
    end()
  }
}

extension MapColour.Owner {
  fileprivate var word: StaticString {
    switch self {
    case .kernel: "kernel"
    case .structures: "tables"
    case .heap: "heap"
    case .window: "window"
    case .general: "other"
    }
  }

  fileprivate var letter: UInt8 {
    switch self {
    case .kernel: UInt8(ascii: "k")
    case .structures: UInt8(ascii: "t")
    case .heap: UInt8(ascii: "h")
    case .window: UInt8(ascii: "w")
    case .general: UInt8(ascii: "o")
    }
  }
}
