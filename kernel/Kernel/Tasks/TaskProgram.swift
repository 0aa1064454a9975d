import Base
import CShims
import Devices
import Monitor
import _Concurrency

/// Programs of tasks to look at, and to begin one's own with: docs/tasks.md.
enum TaskProgram {
  static func run(_ call: CommandCall<KernelEnvironment>) throws(CommandError) {
    guard let name = call.word(1) else { throw .missing(1) }
    if name == "primes" { return Primes.start() }
    if name == "echo" { return echo() }
    if name == "ticks" { return countTicks() }
    throw .wrong(1, "is no program of tasks: primes, echo, ticks")
  }

  /// Reads lines until one says `end`; the monitor waits.
  private static func echo() {
    let outcome = Outcome()
    Task(name: "echo") {
      if let bytes = await Terminal.claim() {
        say("echo: ", "type lines, and `end`")
        for await line in Lines(bytes: bytes) {
          if line == "end" { break }
          say("echo: ", line)
        }
        await Terminal.letGo()
      }
      outcome.finish(nil)
    }
    outcome.await()
  }

  /// Counts ten ticks of the timer.
  private static func countTicks() {
    let outcome = Outcome()
    Task(name: "ticks") {
      if let ticks = await Ticks.claim() {
        var count = 0
        for await _ in ticks {
          count += 1
          if count == 10 { break }
        }
        await Ticks.letGo()
        say("ticks: ", "\(count)")
      }
      outcome.finish(nil)
    }
    outcome.await()
  }

  /// Writes a line.
  static func say(_ words: StaticString, _ rest: String) {
    Console.buffered.write(words)
    for byte in rest.utf8 { Console.buffered.write(byte: byte) }
    Console.buffered.write("\n")
  }
}

/// Two tasks count primes, a third tells how far they are, and the prompt stays alive.
enum Primes {
  /// What the two workers have found. An actor: only one task is inside at a time, on whatever core.
  actor Tally {
    private var found = 0
    private var tested = 0

    func add(_ primes: Int, of numbers: Int) {
      found += primes
      tested += numbers
    }

    var progress: (tested: Int, found: Int) { (tested, found) }
  }

  static let limit = 200_000

  /// Returns at once: the tasks run on the other cores.
  static func start() {
    let tally = Tally()
    for first in [1, 2] {
      Task(name: "primes", priority: .low) {
        // A part at a time, and after each a chance for others.
        for start in stride(from: first * 1000 - 1000, to: limit, by: 2000) {
          let part = start..<start + 1000
          await tally.add(part.count(where: isPrime), of: part.count)
        }
      }
    }
    Task(name: "progress", priority: .high) {
      while true {
        try? await Task.sleep(for: .milliseconds(200))
        let (tested, found) = await tally.progress
        TaskProgram.say("primes: ", "\(found) among the first \(tested)")
        if tested >= limit { return }
      }
    }
  }

  static func isPrime(_ n: Int) -> Bool {
    guard n > 3 else { return n > 1 }
    if n % 2 == 0 { return false }
    var divisor = 3
    while divisor * divisor <= n {
      if n % divisor == 0 { return false }
      divisor += 2
    }
    return true
  }
}
