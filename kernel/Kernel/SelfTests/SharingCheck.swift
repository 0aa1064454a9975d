import CShims
import Base
import Synchronization

/// Proves that Swift's retain and release are atomic: every core keeps and drops references to the same
/// instances, and each instance must end exactly once, when the last of them is gone.
enum SharingCheck {
  private static var instanceCount: Int { 16 }
  private static var roundCount: Int { 2000 }

  /// How many instances have ended.
  private final class Tally {
    let ended = Atomic<Int>(0)
  }

  private final class Shared {
    let tally: Tally
    let uses = Atomic<Int>(0)

    init(_ tally: Tally) { self.tally = tally }

    deinit { tally.ended.wrappingAdd(1, ordering: .relaxed) }
  }

  /// What keeps a reference for a while: one element for each core, which its core alone changes.
  private final class Holder {
    var kept: Shared?
  }

  /// Runs it on all cores, and says so; ends the kernel when a count is wrong.
  static func verify() {
    let tally = Tally()
    let useCount = share(tally)
    let cores = Int(Cores.onlineCount)
    guard useCount == cores * roundCount, tally.ended.load(ordering: .relaxed) == instanceCount
    else { panic("instances shared by the cores were lost or ended twice") }
    Console.log { console in
      console.write("self-test shared instances: passed, ")
      console.write(decimal: UInt(cores))
      console.write(" cores\n")
    }
  }

  /// Lets the cores share instances until all are gone; how often they were used.
  @inline(never) private static func share(_ tally: Tally) -> Int {
    let instances = (0..<instanceCount).map { _ in Shared(tally) }
    for core in 1..<Cores.limit where Cores.state(of: core) == .online {
      try? Cores.begin(on: core) { use(instances, from: Int(core)) }
    }
    use(instances, from: 0)
    for core in 1..<Cores.limit where Cores.state(of: core) == .online { Cores.finish(on: core) }
    guard tally.ended.load(ordering: .relaxed) == 0 else { return -1 }
    return instances.reduce(0) { $0 + $1.uses.load(ordering: .relaxed) }
  }

  @inline(never) private static func use(_ instances: [Shared], from start: Int) {
    let holder = Holder()
    for round in 0..<roundCount {
      let instance = instances[(start + round) % instances.count]
      holder.kept = instance  // a retain of this one, a release of the last
      holder.kept?.uses.wrappingAdd(1, ordering: .relaxed)
    }
  }
}
