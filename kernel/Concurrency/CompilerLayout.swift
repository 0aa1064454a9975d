import Scheduling
import Swift
import Synchronization

// Everything in this file is Swift 6.3's own and no promised interface: what compiled code reads and writes without
// asking. `make check-tasks-layout` compares it with what the compiler at hand emits.

/// Byte offsets in what compiled code makes or reads.
enum CompilerLayout {
  /// In every async function's context: its caller's context.
  static var contextParent: Int { 0 }
  /// In every async function's context: where its caller goes on.
  static var contextResume: Int { 8 }
  /// The bytes of that header.
  static var contextHeader: Int { 16 }

  /// In the context of a continuation: 0 at first, 1 once the task waits, 2 once it is resumed. Compiled code changes
  /// 0 to 1 and returns, or finds 2 and goes on.
  static var continuationState: Int { 24 }
  /// In the context of a continuation: where the value goes. Compiled code writes it before it resumes.
  static var continuationResult: Int { 40 }

  /// In a task: where it goes on, and the context for that. Compiled code reads the second.
  static var taskResume: Int { 56 }
  static var taskContext: Int { 64 }

  /// The kind, in the low byte of its first word, of the record that describes a task's result.
  static var resultOption: UInt { 4 }

  /// Bytes that compiled code keeps for an `async let`, and for the context of one call to it.
  static var asyncLetRoom: Int { 640 }

  /// Bytes of an object before its first field, and of an actor's queue behind them.
  static var objectHeader: Int { 16 }
  static var actorQueue: Int { 96 }
}

/// The record that tells what a task's result is: value witnesses, as the compiler makes them for Embedded Swift.
@safe struct ResultOption {
  let flags: UInt
  let next: UnsafeRawPointer?
  let byteCount: Int
  let alignmentMask: Int
  let copy: UnsafeRawPointer?
  let storeTag: UnsafeRawPointer?
  let destroy: (@convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer?) -> Void)?

  /// The one among `options`; nil when there is none: a result without bytes.
  static func find(_ options: UnsafeRawPointer?) -> UnsafePointer<ResultOption>? {
    var option = unsafe options?.assumingMemoryBound(to: ResultOption.self)
    while unsafe option != nil, let here = unsafe option,
      unsafe here.pointee.flags & 0xff != CompilerLayout.resultOption
    {
      unsafe option = unsafe here.pointee.next?.assumingMemoryBound(to: ResultOption.self)
    }
    return unsafe option
  }
}

/// A reference to an async function: where its code is from here, and how large its context is.
@safe struct AsyncFunction {
  let code: UnsafeRawPointer
  let contextByteCount: Int

  init(_ reference: UnsafeRawPointer) {
    unsafe code = reference + Int(reference.load(as: Int32.self))
    unsafe contextByteCount = Int(reference.load(fromByteOffset: 4, as: UInt32.self))
  }
}

extension UnsafeMutableRawPointer {
  /// The word `offset` bytes on.
  @inline(__always) subscript(word offset: Int) -> UInt {
    get { unsafe load(fromByteOffset: offset, as: UInt.self) }
    nonmutating set { unsafe storeBytes(of: newValue, toByteOffset: offset, as: UInt.self) }
  }

  /// The word there, for several cores.
  @inline(__always) func atomic(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
    unsafe (self + offset).assumingMemoryBound(to: Atomic<UInt>.self)
  }
}
