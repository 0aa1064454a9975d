import CShims
import Scheduling
import Swift
import Synchronization

/// What a task is made of. It lies behind the header of a `TaskObject`, whose references keep it:
///
/// ```
///   object  ┌────────────────┐
///        0  │ header         │  counts references
///       16  │ TaskWords      │
///           │ result         │  what the operation returns, in place
///           │ first context  │  of the operation
///           │ contexts       │  `TaskMemory`: of what it calls
///           └────────────────┘
/// ```
@safe struct TaskWords: ~Copyable {
  /// At 16: the task in a queue.
  var job: JobWords
  /// At 40: the executor on which it goes on.
  var executor: Executor
  /// At 48: the timer's count when it was made.
  let startTime: UInt64
  /// At 56 and 64, known to the compiler: where it goes on, and with which context.
  var resume: UnsafeRawPointer
  var context: UnsafeMutableRawPointer

  /// 0, or 1 once it is cancelled.
  let isCancelled = Atomic<UInt>(0)
  /// 0, the first of the tasks that wait for this one, or 1 once it has ended.
  let waiters = Atomic<UInt>(0)

  var memory: TaskMemory
  /// The code of the operation, for people: where the task begins.
  let operation: UnsafeRawPointer
  /// The operation's closure, which the task owns unless it is an `async let`.
  var closure: UnsafeMutableRawPointer?
  var ownsClosure: Bool
  /// What it does, for people.
  var state = TaskState.queued
  let result: UnsafeMutableRawPointer
  /// False when the result lies with an `async let`, which destroys it.
  let ownsResult: Bool
  let destroyResult: (@convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer?) -> Void)?
  /// Bytes of the object.
  let byteCount: Int
  var name: StaticString?

  // The tree of tasks, behind `TaskTree`'s lock.
  var parent: TaskReference?
  var group: TaskGroupReference?
  var firstChild: TaskReference?
  var lastChild: TaskReference?
  var nextSibling: TaskReference?
  var previousSibling: TaskReference?
  var handlers: CancellationHandler?
  /// The list of whoever cancels it; only that one puts it there, once.
  var nextCancelled: TaskReference?

  // The list of all tasks, behind `TaskRegistry`'s lock.
  var newer: TaskReference?
  var older: TaskReference?
}

/// What a task does.
public enum TaskState: UInt8, Sendable {
  /// It waits in a queue for a core.
  case queued
  /// A core runs it.
  case running
  /// It waits for another task.
  case awaitingTask
  /// It waits for a task of a group.
  case awaitingGroup
  /// It waits for a continuation to be resumed.
  case awaitingContinuation
  /// It has ended, and somebody still holds it.
  case ended

  /// The state in words.
  public var words: StaticString {
    switch self {
    case .queued: "queued"
    case .running: "running"
    case .awaitingTask: "awaits a task"
    case .awaitingGroup: "awaits its group"
    case .awaitingContinuation: "suspended"
    case .ended: "ended"
    }
  }
}

/// The object whose references keep a task. It has no field of its own: all is in the words behind its header.
final class TaskObject {
  init() {}

  deinit {
    unsafe TaskReference(
      UnsafeMutableRawPointer(Builtin.projectTailElems(self, UInt64.self))
        .assumingMemoryBound(to: TaskWords.self)
    ).destroy()
  }
}

/// A handle to a task. Whoever has one without a reference knows why the task lives.
@safe struct TaskReference: Equatable {
  let words: UnsafeMutablePointer<TaskWords>

  @unsafe @inline(__always) init(_ words: UnsafeMutablePointer<TaskWords>) {
    unsafe self.words = words
  }

  @inline(__always) init(_ job: Job) {
    unsafe words = UnsafeMutableRawPointer(job.words).assumingMemoryBound(to: TaskWords.self)
  }

  /// The task that `object` is.
  @unsafe @inline(__always) init(object: UnsafeMutableRawPointer) {
    unsafe words = (object + CompilerLayout.objectHeader).assumingMemoryBound(to: TaskWords.self)
  }

  @inline(__always) static func == (a: Self, b: Self) -> Bool { unsafe a.words == b.words }

  @inline(__always) var job: Job {
    unsafe Job(UnsafeMutableRawPointer(words).assumingMemoryBound(to: JobWords.self))
  }

  /// The object, as the compiler's code knows it.
  @inline(__always) var object: UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(words) - CompilerLayout.objectHeader
  }

  @inline(__always) func retain() { _ = unsafe retain_object(object) }
  @inline(__always) func release() { unsafe release_object(object) }

  @inline(__always) var isCancelled: Bool {
    unsafe words.pointee.isCancelled.load(ordering: .acquiring) != 0
  }

  @inline(__always) var hasEnded: Bool {
    unsafe words.pointee.waiters.load(ordering: .acquiring) == 1
  }

  /// Called when the last reference is gone.
  fileprivate func destroy() {
    TaskRegistry.remove(self)
    if hasEnded, unsafe words.pointee.ownsResult {
      unsafe words.pointee.destroyResult?(words.pointee.result, nil)
    }
    unsafe words.pointee.memory.freeSlabs()
    unsafe words.deinitialize(count: 1)
  }
}
