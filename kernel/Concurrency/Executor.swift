import CShims
import Scheduling
import Swift

/// Where a task runs: anywhere, on core 0 alone, or as an actor's only one. Compiled code hands it around as two
/// words, of which the second, a witness table for executors of one's own, is always 0 here.
@safe struct Executor: Equatable {
  /// 0, 1, or the address of an actor.
  let identity: UInt

  @inline(__always) init(identity: UInt) { self.identity = identity }

  /// Any core.
  @inline(__always) static var any: Self { Self(identity: 0) }
  /// Core 0, where `MainActor` lives.
  @inline(__always) static var main: Self { Self(identity: 1) }

  /// The actor's queue; nil when it is none.
  @inline(__always) var actor: SerialQueue? {
    guard identity > 1 else { return nil }
    return unsafe UnsafeMutableRawPointer(bitPattern: identity).map {
      unsafe SerialQueue(
        ($0 + CompilerLayout.objectHeader).assumingMemoryBound(to: SerialQueueWords.self))
    }
  }

  /// The actor that `job` stands for.
  @inline(__always) init(actorOf job: Job) {
    identity = unsafe UInt(bitPattern: job.words) &- UInt(CompilerLayout.objectHeader)
  }

  @inline(__always) func retain() {
    if let object = unsafe UnsafeMutableRawPointer(bitPattern: identity) {
      _ = unsafe retain_object(object)
    }
  }

  @inline(__always) func release() {
    if let object = unsafe UnsafeMutableRawPointer(bitPattern: identity) {
      unsafe release_object(object)
    }
  }
}
