import Base
import Monitor
import _Concurrency

/// What must end in a report, each on request.
enum TaskMisuse {
  static func run(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    guard let name = call.word(1) else { throw .missing(1) }
    if name == "twice" { return resumeTwice() }
    if name == "never" { return resumeNever() }
    if name == "fault" { return fault() }
    throw .wrong(1, "is no misuse of tasks: twice, never, fault")
  }

  private static func resumeTwice() {
    perform { await waitForTwo() }
  }

  private static func waitForTwo() async {
    await withCheckedContinuation { continuation in
      continuation.resume()
      continuation.resume()
    }
  }

  /// The task waits for ever, and stays in the list.
  private static func resumeNever() {
    Task(name: "forgotten") { await waitForNone() }
    for _ in 0..<1000 where Background.runNext(runsAll: true) {}
  }

  private static func waitForNone() async {
    await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
  }

  private static func fault() {
    perform { await outer() }
  }

  @inline(never) private static func outer() async {
    await middle()
    await Task.yield()
  }

  @inline(never) private static func middle() async {
    await inner(0)
    await Task.yield()
  }

  @inline(never) private static func inner(_ divisor: Int) async {
    await Task.yield()
    precondition(divisor != 0)
  }

  private static func perform(_ body: @escaping @Sendable () async -> Void) {
    let outcome = Outcome()
    Task(name: "misuse") {
      await body()
      outcome.finish(nil)
    }
    outcome.await()
  }
}
