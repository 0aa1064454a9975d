import Assembly
import Devices

/// How often each source has interrupted each core. A core writes its own row only, so rows need no lock;
/// who reads another's may be one behind.
@safe struct InterruptCounts {
  private let counts: UnsafeMutablePointer<UInt>

  /// All zero.
  init() {
    let count = Int(Cores.limit) * InterruptSource.limit
    unsafe counts = .allocate(capacity: count)
    unsafe counts.initialize(repeating: 0, count: count)
  }

  private func index(_ source: InterruptSource, _ core: UInt) -> Int {
    precondition(core < Cores.limit)
    return Int(core) * InterruptSource.limit + Int(source.rawValue)
  }

  /// Counts one more of `source` on `core`, the core that runs this.
  func add(_ source: InterruptSource, core: UInt) { unsafe counts[index(source, core)] &+= 1 }

  /// How many of `source` there were on `core`.
  func count(of source: InterruptSource, core: UInt) -> UInt {
    unsafe counts[index(source, core)]
  }
}
