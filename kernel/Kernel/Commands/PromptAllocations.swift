import Base
import Monitor

/// The payloads that `alloc` handed out and that are not freed yet: what `free` frees without more ado. Belongs
/// to core 0, where the monitor runs, and takes no memory of the heap that it tells about.
enum PromptAllocations {
  private nonisolated(unsafe) static var known: FixedList<256, UInt>?

  /// Notes a payload; the ones beyond the 256th are as the kernel's own.
  static func add(_ payload: UInt) {
    if unsafe known == nil { unsafe known = FixedList() }
    unsafe known?.append(payload)
  }

  /// Forgets a payload that was freed.
  static func remove(_ payload: UInt) {
    guard let list = unsafe known else { return }
    var rest = FixedList<256, UInt>()
    for other in list where other != payload { rest.append(other) }
    unsafe known = rest
  }

  /// Whose a live payload is.
  static func owner(of payload: UInt) -> PayloadOwner {
    guard let list = unsafe known else { return .kernel }
    for other in list where other == payload { return .prompt }
    return .kernel
  }
}
