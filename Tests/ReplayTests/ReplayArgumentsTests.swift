import HeapMeasurement
import Testing

struct ReplayArgumentsTests {
  private func arguments(_ words: String...) throws(UsageError) -> ReplayArguments {
    try ReplayArguments(words)
  }

  @Test func readsEveryOption() throws {
    let all = try arguments(
      "--allocator", "first-fit,system", "--arena", "65536", "--check", "--once", "--json", "a",
      "b")
    #expect(all.contestants == [.firstFit, .system])
    #expect(all.arena == .bytes(65536))
    #expect(all.checks && all.once && all.json && !all.help)
    #expect(all.files == ["a", "b"])
    #expect(try arguments("a", "--smallest-arena").arena == .smallest)
    #expect(try arguments("--help").help)
  }

  @Test func hasDefaults() throws {
    let plain = try arguments("a")
    #expect(plain.contestants == [Contestant.allCases[0]])
    #expect(plain.arena == .roomy)
    #expect(!plain.checks && !plain.once && !plain.json && !plain.help)
  }

  @Test func measuresAllButNone() throws {
    let all = try arguments("--allocator", "all", "a")
    #expect(all.contestants == Contestant.allCases.filter { $0 != .none })
  }

  @Test(arguments: [
    ([], "no FILE given; see --help"),
    (["--json"], "no FILE given; see --help"),
    (["--fast", "a"], "unknown option --fast"),
    (["a", "--allocator"], "--allocator needs a name"),
    (
      ["--allocator", "worst-fit", "a"],
      "--allocator worst-fit: unknown, expected one of \(Contestant.names)"
    ),
    (["--allocator", "", "a"], "--allocator : unknown, expected one of \(Contestant.names)"),
    (["a", "--arena"], "--arena needs a number of bytes"),
    (["--arena", "0", "a"], "--arena 0: expected a number of bytes up to 4294967296"),
    (["--arena", "-1", "a"], "--arena -1: expected a number of bytes up to 4294967296"),
    (["--arena", "1M", "a"], "--arena 1M: expected a number of bytes up to 4294967296"),
    (
      ["--arena", "4294967297", "a"],
      "--arena 4294967297: expected a number of bytes up to 4294967296"
    ),
    (
      ["--arena", "4096", "--smallest-arena", "a"],
      "--arena and --smallest-arena: choose one, once"
    ),
    (
      ["--allocator", "system,none", "--check", "a"],
      "--check: none does not keep payloads apart"
    ),
  ])
  func refuses(words: [String], message: String) {
    #expect(throws: UsageError(message: message)) { try ReplayArguments(words) }
  }
}
