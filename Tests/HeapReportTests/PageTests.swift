import ChildPrograms
import Foundation
import HeapMeasurement
import HeapReport
import Record
import Replay
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

struct PageTests {
  private func report(
    _ workload: Workload, _ contestants: String = "best-fit", operationCount: Int = 600
  ) throws -> (report: Report, input: ReportInput) {
    let trace = workload.trace(seed: 11, operationCount: operationCount)
    let arguments = try ReportArguments(["--allocator", contestants, "--title", "a <b> & c", "t"])
    let input = try ReportInput(traces: [trace.repText()], named: arguments)
    return (Report(input, names: input.namesWithoutKernel), input)
  }

  @Test func pageAsksTheNetworkForNothing() throws {
    let page = String(decoding: try report(.smallMixed).report.bytes(.html), as: UTF8.self)
    for word in ["http:", "https:", "src=", "href=", "@import", "url(", "fetch(", "import("] {
      let found = page.replacing("http://www.w3.org/2000/svg", with: "").contains(word)
      #expect(!found, "\(word)")
    }
    #expect(page.contains("<title>a &lt;b&gt; &amp; c: the heap over time</title>"))
    // Without a script there is the still picture, and the figures.
    let start = try #require(page.firstRange(of: "<noscript>")?.upperBound)
    let end = try #require(page.firstRange(of: "</noscript>")?.lowerBound)
    let fallback = page[start..<end]
    #expect(fallback.contains("</svg>") && fallback.contains("live at the peak: "))
    #expect(!fallback.contains("{still}") && !fallback.contains("{summary}"))
  }

  @Test func stillPictureIsXML() throws {
    for count in [20, 600, 12_000] {
      let bytes = try report(.smallMixed, "best-fit,first-fit", operationCount: count).report
        .bytes(.svg)
      let parser = XMLParser(data: Data(bytes))
      let isXML = parser.parse()
      #expect(isXML, "\(count): \(String(describing: parser.parserError))")
      #expect(bytes.count < 1_500_000)
    }
  }

  /// What a browser makes of the page: its script has the same heap before it as the library.
  @Test func browserShowsWhatTheHistorySays() throws {
    guard let browser = Browser() else { return print(Browser.leftOut) }
    let (report, input) = try report(.reallocChains, "best-fit,first-fit", operationCount: 900)
    let file = try TemporaryFile(report.bytes(.html), suffix: ".html")
    for step in [0, 411, input.histories[0].steps.count - 1] {
      let life = input.histories[0].lives.last { $0.born <= step && step < $0.died }
      let place = (life?.offset ?? 0) + 1
      let page = try browser.show(file.path, "#operation=\(step + 1)&offset=\(place)")
      #expect(page.contains("data-state=\"ready\""))
      for (history, figures) in zip(input.histories, report.figures) {
        let list = try #require(page.list(of: history.name))
        #expect(list["live"] == ["\(grouped(figures[step].liveBytes)) bytes"])
        #expect(list["largest free"] == ["\(grouped(figures[step].largestFreeBytes)) bytes"])
        #expect(
          list["free"]
            == ["\(grouped(figures[step].freeBytes)) bytes in \(grouped(figures[step].freeCount))"])
      }
      guard let life else { continue }
      let list = try #require(page.list(of: "best-fit"))
      #expect(list["segment"] == ["\(grouped(life.byteCount)) bytes"])
      #expect(list["born"] == ["operation \(grouped(life.born + 1))"])
    }
  }

  @Test func browserShowsARecordingsCallers() throws {
    guard let browser = Browser() else { return print(Browser.leftOut) }
    let events = [
      HeapEvent(.allocate, time: 0, address: 0x463100, byteCount: 100, callers: chain(0x201000)),
      HeapEvent(.free, time: 1000, address: 0x463900),
    ]
    let input = try ReportInput(
      recordings: [Array(recordingText(events).utf8)], named: try ReportArguments(["t"]))
    let names = CallerNames([0x201000: CallerName(function: "Node.init<A>()")])
    let file = try TemporaryFile(Report(input, names: names).bytes(.html), suffix: ".html")
    let offset = input.histories[0].lives[0].offset + 1
    let page = try browser.show(file.path, "#operation=2&offset=\(offset)")
    let list = try #require(page.list(of: "recorded"))
    #expect(list["payload at"] == ["0x00463100"])
    #expect(list["born"] == ["operation 1, 0.0 µs"])
    #expect(list["asked by"] == ["", "Node.init&lt;A&gt;()"])
  }

  /// valgrind's own viewer, with a file of ours as if it had been picked there.
  @Test func dhatsViewerShowsIt() throws {
    guard let browser = Browser() else { return print(Browser.leftOut) }
    let viewer = ["/usr/libexec/valgrind", "/usr/lib/valgrind"].first {
      FileManager.default.fileExists(atPath: $0 + "/dh_view.html")
    }
    guard let viewer else { return print("left out: no valgrind is installed") }
    let history = try smallRecording()
    let names = CallerNames([0x201000: CallerName(function: "Node.init()")])
    let data = String(
      decoding: history.dhat(title: "boot", names: names).bytes, as: UTF8.self)
    let page = try String(contentsOfFile: viewer + "/dh_view.html", encoding: .utf8)
      .replacingOccurrences(of: "dh_view.", with: "file://\(viewer)/dh_view.")
    let pick = """
      <script>
      window.addEventListener("load", () => {
        gFilename = "boot.json"; gData = \(data); buildTree(); displayTree(0, 0, 0);
      });
      </script>
      """
    let file = try TemporaryFile(Array((page + pick).utf8), suffix: ".html")
    let shown = try browser.show(file.path, "")
    #expect(shown.contains("PP 1/1") || shown.contains("PP 1."), "\(shown)")
    #expect(!shown.contains("class=\"error\""))
    let bytes = history.lives.reduce(0) { $0 + $1.requestedByteCount }
    #expect(shown.contains("\(grouped(bytes)) bytes"), "\(bytes): \(shown)")
  }

  private func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for index in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: index) }
    return String(digits)
  }
}

/// A browser without a window.
private struct Browser {
  static let leftOut = "left out: no chromium is installed (apt-get install chromium)"
  private let path: String

  init?() {
    let names = ["chromium", "chromium-browser", "google-chrome"]
    guard let path = names.lazy.compactMap(find).first else { return nil }
    self.path = path
  }

  /// The page after its script has run.
  func show(_ file: String, _ fragment: String) throws -> String {
    let folder = NSTemporaryDirectory() + "roost-browser-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try Child.run(
      path,
      [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + folder,
        "--dump-dom", "file://\(file)\(fragment)",
      ]
    ).output
  }
}

extension String {
  /// The values beside each word of the list that the page shows for a history.
  fileprivate func list(of history: String) -> [String: [String]]? {
    guard let start = firstRange(of: "<dl data-of=\"\(history)\">"),
      let end = self[start.upperBound...].firstRange(of: "</dl>")
    else { return nil }
    var list: [String: [String]] = [:]
    var word = ""
    for match in self[start.upperBound..<end.lowerBound].matches(of: /<(dt|dd)[^>]*>(.*?)<\/d[td]>/)
    {
      if match.output.1 == "dt" {
        word = String(match.output.2)
      } else {
        list[word, default: []].append(String(match.output.2))
      }
    }
    return list
  }
}
