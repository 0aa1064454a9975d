extension Report {
  /// A still picture of all histories, side by side, as SVG: address across, time down.
  ///
  /// - Parameter columns: cells across, where there are too many lives to draw each.
  func still(columns: Int = 215) -> [UInt8] {
    let panelWidth = 640.0
    let height = 620.0
    let count = Double(input.histories.count)
    var text = TextBytes()
    text.add(
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(panelWidth * count)) \(Int(height))" \
      width="\(Int(panelWidth * count))" height="\(Int(height))" font-family="system-ui, sans-serif" \
      font-size="12" fill="#45433d"><rect width="100%" height="100%" fill="#fbfaf6"/>

      """)
    let mostBytes = input.histories.map(\.byteCount).max() ?? 0
    for index in input.histories.indices {
      let panel = StillPanel(
        history: input.histories[index], figures: figures[index], mostBytes: max(mostBytes, 16),
        columns: columns)
      text.add("<g transform=\"translate(\(Int(panelWidth * Double(index))) 0)\">\n")
      panel.draw(title: "\(input.title): \(input.histories[index].name)", to: &text)
      text.add("</g>\n")
    }
    text.add(line: "</svg>")
    return text.bytes
  }
}

/// One history's part of a still picture.
private struct StillPanel {
  let history: HeapHistory
  let figures: [HeapFigures]
  /// The bytes that the picture is wide: the same for all panels.
  let mostBytes: Int
  let columns: Int

  private let x = 60.0
  private let y = 50.0
  private let width = 430.0
  private let height = 480.0
  private let curveX = 506.0
  private let curveWidth = 116.0

  private var stepCount: Int { max(history.steps.count, 1) }

  func draw(title: String, to text: inout TextBytes) {
    label(title, x, 20, "font-size=\"15\" font-weight=\"600\" fill=\"#24231f\"", to: &text)
    let peak = figures.reduce(0) { max($0, $1.liveBytes) }
    label(
      "\(history.steps.count) operations; \(history.byteCount) bytes used at most, "
        + "\(peak) live at the peak", x, 38, "", to: &text)
    rectangle(x, y, width, height, "fill=\"#efece3\" stroke=\"#a5a196\"", to: &text)
    if history.lives.count <= 4000 { drawLives(to: &text) } else { drawCells(to: &text) }
    drawAxes(to: &text)
    drawCurves(peak: peak, to: &text)
    drawLegend(to: &text)
  }

  // MARK: The map

  /// Every life as it is.
  private func drawLives(to text: inout TextBytes) {
    var paths: [Int: String] = [:]
    for life in history.lives {
      let left = x + width * Double(life.offset) / Double(mostBytes)
      let top = y + height * Double(max(life.born, 0)) / Double(stepCount)
      let w = width * Double(life.byteCount) / Double(mostBytes)
      let h = height * Double(life.died - max(life.born, 0)) / Double(stepCount)
      paths[StillColours.sizeClass(life.byteCount), default: ""] +=
        "M\(left.text(places: 2)) \(top.text(places: 2))h\(w.text(places: 2))"
        + "v\(h.text(places: 2))h-\(w.text(places: 2))z"
    }
    for (sizeClass, path) in paths.sorted(by: { $0.key < $1.key }) {
      let colour = StillColours.text(StillColours.colour(sizeClass))
      text.add(line: "<path fill=\"\(colour)\" d=\"\(path)\"/>")
    }
  }

  /// Cells that are each as dark as they are full, in the colour of the sizes that fill them.
  private func drawCells(to text: inout TextBytes) {
    let rows = columns * 9 / 8
    let raster = StillRaster(history, mostBytes: mostBytes, columns: columns, rows: rows)
    let cellWidth = width / Double(columns)
    let cellHeight = height / Double(rows)
    text.add(
      "<g transform=\"translate(\(x.text(places: 0)) \(y.text(places: 0))) "
        + "scale(\(cellWidth.text(places: 5)) \(cellHeight.text(places: 5)))\">\n")
    for (colour, path) in raster.paths() {
      text.add(line: "<path fill=\"\(colour)\" d=\"\(path)\"/>")
    }
    text.add(line: "</g>")
  }

  // MARK: Around it

  private func drawAxes(to text: inout TextBytes) {
    for part in 0...4 {
      let step = history.steps.count * part / 4
      let place = y + height * Double(part) / 4
      label("\(step)", x - 6, place + 4, "text-anchor=\"end\"", to: &text)
      let offset = mostBytes * part / 4
      let across = x + width * Double(part) / 4
      label(
        "\(offset / 1024) K", across, y + height + 16,
        part == 4 ? "text-anchor=\"end\"" : "text-anchor=\"middle\"", to: &text)
    }
    label(
      "operations", 14, y + height / 2,
      "text-anchor=\"middle\" transform=\"rotate(-90 14 \(Int(y + height / 2)))\"", to: &text)
    label(
      "bytes from the first segment", x + width / 2, y + height + 34, "text-anchor=\"middle\"",
      to: &text)
  }

  private func drawCurves(peak: Int, to text: inout TextBytes) {
    rectangle(curveX, y, curveWidth, height, "fill=\"#f4f2ec\" stroke=\"#a5a196\"", to: &text)
    guard !figures.isEmpty else { return }
    let stride = max(1, figures.count / 400)
    var live = "M\(curveX) \(y)"
    var split = ""
    for index in Swift.stride(from: 0, to: figures.count, by: stride) {
      let down = (y + height * Double(index + 1) / Double(stepCount)).text(places: 1)
      let bytes = Double(figures[index].liveBytes) / Double(mostBytes)
      live += "L\((curveX + curveWidth * bytes).text(places: 1)) \(down)"
      let across = (curveX + curveWidth * figures[index].fragmentation).text(places: 1)
      split += (split.isEmpty ? "M" : "L") + "\(across) \(down)"
    }
    live += "L\(curveX) \((y + height).text(places: 1))z"
    text.add(line: "<path fill=\"#8fb4cf\" d=\"\(live)\"/>")
    text.add(line: "<path fill=\"none\" stroke=\"#b3261e\" d=\"\(split)\"/>")
    label("live bytes", curveX + 14, 32, "", to: &text)
    rectangle(curveX, 23, 9, 9, "fill=\"#8fb4cf\"", to: &text)
    label("fragmentation", curveX + 14, 46, "", to: &text)
    rectangle(curveX, 37, 9, 9, "fill=\"#b3261e\"", to: &text)
    label("0", curveX, y + height + 16, "", to: &text)
    label(
      "\(mostBytes / 1024) K / 100 %", curveX + curveWidth, y + height + 16,
      "text-anchor=\"end\"", to: &text)
  }

  private func drawLegend(to text: inout TextBytes) {
    let present = Set(history.lives.map { StillColours.sizeClass($0.byteCount) }).sorted()
    for (index, sizeClass) in present.enumerated() {
      let left = x + Double(index % 9) * 62
      let top = 578 + Double(index / 9) * 18
      let colour = StillColours.text(StillColours.colour(sizeClass))
      rectangle(left, top, 10, 10, "fill=\"\(colour)\"", to: &text)
      label(StillColours.name(sizeClass), left + 14, top + 9, "", to: &text)
    }
  }

  private func label(
    _ words: String, _ x: Double, _ y: Double, _ attributes: String, to text: inout TextBytes
  ) {
    text.add(
      line: "<text x=\"\(x.text(places: 1))\" y=\"\(y.text(places: 1))\" \(attributes)>"
        + "\(words.markup)</text>")
  }

  private func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ attributes: String,
    to text: inout TextBytes
  ) {
    text.add(
      line: "<rect x=\"\(x.text(places: 1))\" y=\"\(y.text(places: 1))\" "
        + "width=\"\(width.text(places: 1))\" height=\"\(height.text(places: 1))\" \(attributes)/>")
  }
}

/// The colours of segments by size, as in the page's script.
enum StillColours {
  private static let stops: [(Double, Double, Double)] = [
    (29, 138, 125), (58, 134, 200), (94, 96, 206), (157, 78, 221), (214, 51, 108), (247, 103, 7),
    (242, 183, 5),
  ]
  static let free = (239.0, 236.0, 227.0)

  /// The doubling that a segment's size falls into: 0 up to 16 bytes, 16 above 512 KiB.
  static func sizeClass(_ byteCount: Int) -> Int {
    let doublings = Int.bitWidth - (max(byteCount, 1) - 1).leadingZeroBitCount
    return min(max(doublings - 4, 0), 16)
  }

  static func name(_ sizeClass: Int) -> String {
    guard sizeClass < 16 else { return "> 512 K" }
    let bytes = 1 << (sizeClass + 4)
    return bytes < 1024 ? "\u{2264} \(bytes)" : "\u{2264} \(bytes / 1024) K"
  }

  static func colour(_ sizeClass: Int) -> (Double, Double, Double) {
    let place = min(Double(sizeClass) / 14, 1) * Double(stops.count - 1)
    let low = min(Int(place), stops.count - 2)
    return mix(stops[low], stops[low + 1], place - Double(low))
  }

  static func mix(
    _ a: (Double, Double, Double), _ b: (Double, Double, Double), _ part: Double
  ) -> (Double, Double, Double) {
    (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part, a.2 + (b.2 - a.2) * part)
  }

  static func text(_ colour: (Double, Double, Double)) -> String {
    "#"
      + [colour.0, colour.1, colour.2].map { channel in
        let digits = String(Int(channel.rounded()), radix: 16)
        return digits.count < 2 ? "0" + digits : digits
      }.joined()
  }
}
