import Base
import Replay
import Testing

@testable import Memory

/// Random operations against a dictionary from pages to what they are mapped to.
@Suite struct RandomTests {
  /// The arena: 8 MiB across a boundary of 1 GiB.
  static let base = gib - 4 * mib
  static let pageCount = 2048
  static let operations = 150

  struct Page: Equatable {
    var physical: UInt
    var mapping: Mapping
  }

  final class Run {
    let fixture: AddressSpaceFixture
    var random: SplitMix64
    var model: [Int: Page] = [:]
    var prepared: Range<Int> = 0..<0
    var done: [String: Int] = [:]

    init(seed: UInt64, half: AddressHalf) throws {
      fixture = try AddressSpaceFixture(half, frames: 24)
      random = SplitMix64(seed: seed)
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func againstAModel(seed: UInt64) throws {
    let half = MapTests.halves[Int(seed) % MapTests.halves.count]
    let run = try Run(seed: seed, half: half)
    for step in 0..<Self.operations {
      let context = "seed \(seed), step \(step)"
      let (name, pages) = run.step(context)
      run.done[name, default: 0] += 1
      run.fixture.verify("\(context): \(name) \(pages)")
      run.compare(
        step % 25 == 0 ? 0..<Self.pageCount : pages.lowerBound - 1..<pages.upperBound + 1,
        "\(context): \(name) \(pages)")
    }
    run.compareRuns("seed \(seed)")
    for name in ["map", "unmap", "unmap some", "prepare", "map refused"] {
      #expect(run.done[name] != nil, "seed \(seed) never came to \(name)")
    }
    try run.finish("seed \(seed)")
  }
}

extension RandomTests.Run {
  typealias Page = RandomTests.Page

  /// Does one operation on both; returns its name and the pages.
  func step(_ context: String) -> (String, Range<Int>) {
    let pages = randomPages()
    let range = fixture.range(
      RandomTests.base + UInt(pages.lowerBound) * page, UInt(pages.count) * page)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<45: return (map(pages, range, context), pages)
    case 45..<70: return (unmap(pages, range, skippingHoles: false, context), pages)
    case 70..<94: return (unmap(pages, range, skippingHoles: true, context), pages)
    default: return (prepare(pages, range, context), pages)
    }
  }

  /// One page, a few, some blocks, or the same again as something that is mapped.
  private func randomPages() -> Range<Int> {
    let limit = RandomTests.pageCount
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let start = Int.random(in: 0..<4, using: &random) * 512
      return start..<min(limit, start + 512 * Int.random(in: 1...2, using: &random))
    case 1:
      let start = Int.random(in: 0..<limit, using: &random)
      return start..<min(limit, start + Int.random(in: 1...600, using: &random))
    default:
      let start = Int.random(in: 0..<limit, using: &random)
      return start..<min(limit, start + Int.random(in: 1...8, using: &random))
    }
  }

  private func attempt(
    _ name: String, expecting error: PagingError?, _ context: String,
    _ change: () throws -> Void, then apply: () -> Void
  ) -> String {
    let before = fixture.source.snapshot
    if let error {
      #expect(throws: error, "\(context): \(name)") { try change() }
      #expect(fixture.source.snapshot == before, "\(context): \(name)")
      return name + " refused"
    }
    do {
      try change()
      apply()
      return name
    } catch let error as PagingError where error.kind == .outOfTables {
      #expect(fixture.source.snapshot == before, "\(context): \(name)")
      return name + " without frames"
    } catch {
      Issue.record("\(context): \(name): \(error)")
      return name
    }
  }

  private func error(_ kind: PagingError.Kind, atPage number: Int?) -> PagingError? {
    number.map { PagingError(kind, at: fixture.at(RandomTests.base + UInt($0) * page)) }
  }

  private func map(_ pages: Range<Int>, _ range: VirtualRange, _ context: String) -> String {
    let mapping = Mapping(
      Permissions.allCases.randomElement(using: &random) ?? .readOnly,
      purpose: PagePurpose.allCases.randomElement(using: &random) ?? .memory)
    let skew = Bool.random(using: &random) ? 0 : UInt.random(in: 0..<4096, using: &random) * page
    let physical = RandomTests.base + UInt(pages.lowerBound) * page + skew
    let taken = pages.first { model[$0] != nil }
    return attempt("map", expecting: error(.alreadyMapped, atPage: taken), context) {
      try fixture.space.map(range, to: PhysicalAddress(physical), as: mapping)
    } then: {
      for (index, number) in pages.enumerated() {
        model[number] = Page(physical: physical + UInt(index) * page, mapping: mapping)
      }
    }
  }

  private func unmap(
    _ pages: Range<Int>, _ range: VirtualRange, skippingHoles: Bool, _ context: String
  ) -> String {
    let hole = skippingHoles ? nil : pages.first { model[$0] == nil }
    let name = skippingHoles ? "unmap some" : "unmap"
    var released: [UInt] = []
    return attempt(name, expecting: error(.notMapped, atPage: hole), context) {
      try fixture.space.unmap(range, skippingHoles: skippingHoles) { physical, count in
        released += stride(from: physical.rawValue, to: physical.rawValue + count, by: 4096)
      }
    } then: {
      #expect(released == pages.compactMap { model[$0]?.physical }, "\(context): released")
      for number in pages { model[number] = nil }
    }
  }

  /// Prepares `pages` or, where some are prepared, releases those.
  private func prepare(_ pages: Range<Int>, _ range: VirtualRange, _ context: String) -> String {
    guard prepared.isEmpty else { return releasePrepared(context) }
    do {
      try fixture.space.prepareTables(for: range)
      prepared = pages
      return "prepare"
    } catch  where error.kind == .alreadyMapped {
      let number = Int((error.address - fixture.at(RandomTests.base).rawValue) / page)
      #expect(model[number] != nil, "\(context): prepare stopped by \(number)")
      return "prepare refused"
    } catch {
      #expect(error.kind == .outOfTables, "\(context): prepare")
      return "prepare without frames"
    }
  }

  private func releasePrepared(_ context: String) -> String {
    #expect(throws: Never.self, "\(context): release") {
      try fixture.space.releaseTables(
        for: fixture.range(
          RandomTests.base + UInt(prepared.lowerBound) * page, UInt(prepared.count) * page))
    }
    prepared = 0..<0
    return "release"
  }

  /// Compares what hardware and `translate` say of `pages` with the model.
  func compare(_ pages: Range<Int>, _ context: String) {
    for number in pages.clamped(to: 0..<RandomTests.pageCount) {
      let offset = RandomTests.base + UInt(number) * page + 0x28
      let expected = model[number].map {
        Architecture.expected($0.mapping, at: $0.physical + 0x28)
      }
      let found = fixture.access(offset)
      let translation = fixture.space.translate(fixture.at(offset))
      guard
        found != expected || translation?.mapping != model[number]?.mapping
          || translation?.physical.rawValue != expected?.physical
      else { continue }
      Issue.record("\(context): page \(number) is \(String(describing: found))")
    }
  }

  /// Compares the runs of `walk` with the model, page by page.
  func compareRuns(_ context: String) {
    var walked: [Int: Page] = [:]
    fixture.space.walk { run in
      let start = fixture.space.half.offset(of: run.range.start) - RandomTests.base
      for index in 0..<run.range.byteCount / page {
        walked[Int(start / page + index)] = Page(
          physical: run.physical.rawValue + index * page, mapping: run.mapping)
      }
    }
    #expect(walked == model, "\(context): walk")
  }

  /// Unmaps and releases everything: only the root may be left.
  func finish(_ context: String) throws {
    if !prepared.isEmpty { _ = releasePrepared(context) }
    let arena = UInt(RandomTests.pageCount) * page
    try fixture.space.unmap(fixture.range(RandomTests.base, arena), skippingHoles: true)
    fixture.verify(context)
    #expect(fixture.source.live == [fixture.space.root.number], "\(context)")
  }
}
