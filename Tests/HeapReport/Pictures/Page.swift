extension Report {
  /// One page with everything in it: opens from a file, asks the network for nothing.
  func page() -> [UInt8] {
    var text = TextBytes()
    let title = "\(input.title): the heap over time"
    text.add(
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title.markup)</title>
      <style>

      """)
    text.add(pageStyle)
    text.add("</style></head>\n<body>\n")
    text.add(body(title))
    text.add("<script type=\"application/json\" id=\"meta\">")
    var data: [PageData] = []
    for (history, figures) in zip(input.histories, figures) {
      data.append(PageData(history, figures))
    }
    text.add(metadata(data))
    text.add("</script>\n")
    for (index, data) in data.enumerated() {
      text.add("<script type=\"text/plain\" id=\"data\(index)\">")
      text.add(data.text)
      text.add("</script>\n")
    }
    text.add("<script>\n")
    text.add(pageScript)
    text.add("</script>\n</body></html>\n")
    return text.bytes
  }

  private func body(_ title: String) -> String {
    var body = pageBody
    let steps = input.histories[0].steps.count
    let about =
      input.build == 0
      ? "\(steps) operations of a trace, replayed by "
        + input.histories.map(\.name).joined(separator: " and ")
      : "\(steps) operations, recorded by build \(buildText)"
    let parts = [
      ("{title}", title.markup), ("{about}", about.markup), ("{summary}", summary.markup),
      ("{still}", String(decoding: still(columns: 90), as: UTF8.self)),
    ]
    for (mark, value) in parts {
      guard let range = body.firstRange(of: mark) else { continue }
      body.replaceSubrange(range, with: value)
    }
    return body
  }

  private var buildText: String {
    let digits = String(input.build, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  private func metadata(_ data: [PageData]) -> String {
    var nameNumbers: [UInt: Int] = [:]
    var callerNames: [String] = []
    for address in input.callers.sorted() {
      nameNumbers[address] = callerNames.count
      callerNames.append(names.text(of: address).json)
    }
    var histories: [String] = []
    for (index, history) in input.histories.enumerated() {
      let regions = history.regions.map { region in
        "[\"\(String(region.address, radix: 16))\",\(region.offset),\(region.byteCount)]"
      }
      let chains = history.chains.map { chain in
        "[" + chain.addresses.map { String(nameNumbers[$0] ?? 0) }.joined(separator: ",") + "]"
      }
      let figures = figures[index]
      let peak = figures.indices.max { figures[$0].liveBytes < figures[$1].liveBytes } ?? 0
      histories.append(
        """
        {"name":\(history.name.json),"byteCount":\(history.byteCount),\
        "steps":\(history.steps.count),"lives":\(history.lives.count),\
        "payloadOffset":\(history.lives.first?.payloadOffset ?? 8),\
        "stride":\(data[index].stride),"peak":\(peak),\
        "regions":[\(regions.joined(separator: ","))],"chains":[\(chains.joined(separator: ","))]}
        """)
    }
    return """
      {"recorded":\(input.build != 0),"timed":\(!input.histories[0].times.isEmpty),\
      "names":[\(callerNames.joined(separator: ","))],\
      "histories":[\(histories.joined(separator: ","))]}
      """
  }
}
