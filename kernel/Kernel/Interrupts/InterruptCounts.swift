import CShims
import Devices

/// How often each source has interrupted each core. A core writes its own row only, so rows need no lock;
/// who reads another's may be one behind.
@safe struct InterruptCounts {
  /// Deliveries of one source to one core.
  private struct Entry {
    /// All of them.
    var total: UInt = 0
    /// Those of the window that began at this count of the timer.
    var recent: UInt = 0
    var windowStart: UInt64 = 0
  }

  private let entries: UnsafeMutablePointer<Entry>
  private let sourceLimit: Int

  /// All zero, for sources with raw values below `sourceLimit`.
  init(sourceLimit: Int) {
    self.sourceLimit = sourceLimit
    let count = Int(Cores.limit) * sourceLimit
    unsafe entries = .allocate(capacity: count)
    unsafe entries.initialize(repeating: Entry(), count: count)
  }

  private func index(_ source: InterruptSource, _ core: UInt) -> Int {
    precondition(core < Cores.limit && source.rawValue < sourceLimit)
    return Int(core) * sourceLimit + Int(source.rawValue)
  }

  /// Counts one more of `source` on `core`, the core that runs this.
  ///
  /// - Parameters:
  ///   - now: the timer's count.
  ///   - window: ticks of the timer after which a new window begins.
  /// - Returns: how many there were in this window.
  func add(_ source: InterruptSource, core: UInt, now: UInt64, window: UInt64) -> UInt {
    let entry = unsafe entries + index(source, core)
    if unsafe now &- entry.pointee.windowStart >= window {
      unsafe entry.pointee.windowStart = now
      unsafe entry.pointee.recent = 0
    }
    unsafe entry.pointee.total &+= 1
    unsafe entry.pointee.recent &+= 1
    return unsafe entry.pointee.recent
  }

  /// How many of `source` there were on `core`.
  func count(of source: InterruptSource, core: UInt) -> UInt {
    unsafe entries[index(source, core)].total
  }
}
