// What check.sh compiles to see where the compiler at hand puts things. Never linked.
import _Concurrency

@inline(never) public func give(_ continuation: UnsafeContinuation<Int, Never>) {
  continuation.resume(returning: 0x5eed)
}

public func suspend() async -> Int { await withUnsafeContinuation { give($0) } }

public func makeTask() { Task { 0x5eed } }

public func bind(_ n: Int) async -> Int {
  async let a = n &+ 1
  return await a
}

public actor Plain {
  var value = 0x5eed
  public func next() -> Int {
    value &+= 1
    return value
  }
}

public func hop(_ actor: Plain) async -> Int { await actor.next() }
