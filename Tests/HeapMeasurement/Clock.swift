#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time since some moment in nanoseconds; never goes back.
@inline(__always) func nanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// What two looks at the clock, one after the other, differ by at least.
func clockCost() -> UInt64 {
  var cost = UInt64.max
  for _ in 0..<1000 {
    let start = nanoseconds()
    cost = min(cost, nanoseconds() - start)
  }
  return cost
}
