import Scheduling
import Swift
import Sync

/// What a task group is made of. What changes is behind `TaskTree`'s lock.
@usableFromInline final class TaskGroupStorage: @unchecked Sendable {
  /// The task whose group it is.
  private let parent: TaskReference
  /// True when nobody wants the results.
  let discardsResults: Bool
  /// Tasks that have not ended.
  private var pendingCount = 0
  /// Tasks that have ended and were not asked for, each with a reference.
  private var ended = JobList()
  /// The parent, when it waits.
  private var waiter: TaskReference?
  private var isCancelled = false

  @usableFromInline init(discardsResults: Bool) {
    guard let task = unsafe TaskSystem.here.pointee.task else {
      TaskSystem.report("a task group outside of any task")
    }
    parent = task
    self.discardsResults = discardsResults
  }

  /// Adds the child whose object is `object`, with the reference that comes with it, and lets it run.
  @usableFromInline func add(_ object: UnsafeMutableRawPointer) {
    let child = unsafe TaskReference(object: object)
    let cancels = TaskTree.lock.withLock {
      pendingCount += 1
      unsafe child.words.pointee.group = TaskGroupReference(self)
      return isCancelled
    }
    TaskTree.add(child, to: parent, isCancelled: cancels)
    TaskSystem.enqueue(child)
  }

  /// True when a task was added that has not been taken.
  @usableFromInline var isEmpty: Bool {
    TaskTree.lock.withLock { pendingCount == 0 && ended.isEmpty }
  }

  @usableFromInline var wasCancelled: Bool {
    TaskTree.lock.withLock { isCancelled } || parent.isCancelled
  }

  /// Cancels every task of the group, those to come too.
  @usableFromInline func cancelAll() {
    TaskTree.lock.withLock { isCancelled = true }
    TaskTree.cancelChildren(of: parent, in: TaskGroupReference(self))
  }

  /// The next that has ended, with its reference, or nil when none is left. `hasNext` was awaited first.
  @usableFromInline func takeEnded() -> UnsafeMutableRawPointer? {
    let task = TaskTree.lock.withLock { ended.removeFirst() }
    return unsafe task.map { unsafe TaskReference($0).object }
  }

  /// Lets `task` wait for the next. Out: false when it need not.
  fileprivate func await(by task: TaskReference) -> Bool {
    unsafe task.words.pointee.state = .awaitingGroup
    let waits = TaskTree.lock.withLock {
      guard ended.isEmpty && pendingCount > 0 else { return false }
      waiter = task
      return true
    }
    if !waits { unsafe task.words.pointee.state = .running }
    return waits
  }

  /// `child` has ended, and is out of the tree.
  fileprivate func childEnded(_ child: TaskReference) {
    let isDiscarding = discardsResults
    let waiting: TaskReference? = TaskTree.lock.withLock {
      pendingCount -= 1
      if !discardsResults { ended.append(child.job) }
      guard !discardsResults || pendingCount == 0 else { return nil }
      defer { waiter = nil }
      return waiter
    }
    // From here on the group may be gone.
    if isDiscarding { child.release() }
    if let waiting { TaskSystem.enqueue(waiting) }
  }
}

/// A group, as tasks and compiled code hold it: the parent keeps it as long as a child may ask.
@safe struct TaskGroupReference: Equatable {
  private let address: UnsafeMutableRawPointer

  @unsafe init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

  init(_ group: TaskGroupStorage) { unsafe address = Unmanaged.passUnretained(group).toOpaque() }

  static func == (a: Self, b: Self) -> Bool { unsafe a.address == b.address }

  func await(by task: TaskReference) -> Bool {
    unsafe Unmanaged<TaskGroupStorage>.fromOpaque(address).takeUnretainedValue().await(by: task)
  }

  func childEnded(_ child: TaskReference) {
    unsafe Unmanaged<TaskGroupStorage>.fromOpaque(address).takeUnretainedValue().childEnded(child)
  }
}
