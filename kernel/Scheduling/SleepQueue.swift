import Sync
import Synchronization

/// What sleeps until a moment. Lies in its owner, so that sleeping needs no memory.
public struct SleepWords: Sendable {
  /// What has become of it. Behind the queue's lock.
  public enum State: UInt8, Sendable {
    /// Not in the queue yet.
    case new
    /// In the queue.
    case asleep
    /// Its time has come.
    case woken
    /// Taken out before its time, or before it was put in.
    case cancelled
  }

  /// The count of the timer at which it wakes.
  public let deadline: UInt64
  /// Whatever its owner wants to find again.
  public var owner: UInt = 0
  var state = State.new
  var order: UInt64 = 0
  /// The length of the shortest way down to a missing child: the right one's is never longer than the left one's.
  var rank: UInt32 = 1
  var left: Sleeper?
  var right: Sleeper?
  var parent: Sleeper?

  /// Something that will sleep until the timer's count is `deadline`.
  public init(deadline: UInt64) { self.deadline = deadline }
}

/// A handle to something that sleeps. Its owner keeps it while it is asleep.
@safe public struct Sleeper: Equatable, Sendable {
  /// Where the words are.
  public nonisolated(unsafe) let words: UnsafeMutablePointer<SleepWords>

  /// The sleeper with these words.
  @unsafe @inline(__always)
  public init(_ words: UnsafeMutablePointer<SleepWords>) { unsafe self.words = words }

  /// The same words.
  @inline(__always) public static func == (a: Sleeper, b: Sleeper) -> Bool {
    unsafe a.words == b.words
  }

  fileprivate var left: Sleeper? {
    get { unsafe words.pointee.left }
    nonmutating set { unsafe words.pointee.left = newValue }
  }
  fileprivate var right: Sleeper? {
    get { unsafe words.pointee.right }
    nonmutating set { unsafe words.pointee.right = newValue }
  }
  fileprivate var parent: Sleeper? {
    get { unsafe words.pointee.parent }
    nonmutating set { unsafe words.pointee.parent = newValue }
  }
  fileprivate var rank: UInt32 {
    get { unsafe words.pointee.rank }
    nonmutating set { unsafe words.pointee.rank = newValue }
  }
  fileprivate var state: SleepWords.State {
    get { unsafe words.pointee.state }
    nonmutating set { unsafe words.pointee.state = newValue }
  }

  fileprivate func wakesBefore(_ other: Sleeper) -> Bool {
    let (mine, others) = unsafe (words.pointee.deadline, other.words.pointee.deadline)
    return mine != others
      ? mine < others : unsafe words.pointee.order < other.words.pointee.order
  }
}

/// The memory of a queue of sleepers: a lock, and behind it what that protects.
public struct SleepQueueWords {
  var first: Sleeper?
  var order: UInt64 = 0
  var count: UInt = 0

  /// What to keep for a queue, in bytes: two cache lines, the lock's first.
  public static var stride: Int { 128 }
}

/// Sleepers in the order of their deadlines: a leftist heap (Crane, 1972; removal from the middle as in Cho and
/// Sahni, 1998), whose nodes lie in the sleepers. No operation takes more than a few times log2 of their number
/// steps, and none allocates, so all of it may happen with interrupts masked.
@safe public struct SleepQueue<Processor: Sync.Processor> {
  private let base: UnsafeMutableRawPointer

  /// The queue in `memory`, which `initialize` has filled and which must stay.
  @unsafe @inline(__always)
  public init(memory: UnsafeMutableRawPointer) { unsafe base = memory }

  /// Makes a queue in which nobody sleeps, in `SleepQueueWords.stride` bytes at a multiple of 64.
  @unsafe public static func initialize(at memory: UnsafeMutableRawPointer) {
    unsafe memory.initializeMemory(as: LockWords.self, to: LockWords())
    unsafe (memory + LockWords.stride)
      .initializeMemory(as: SleepQueueWords.self, to: SleepQueueWords())
  }

  private var lock: SpinLock<Processor> {
    unsafe SpinLock(
      "sleepers", rank: 9, in: UnsafeRawPointer(base).assumingMemoryBound(to: LockWords.self))
  }

  @inline(__always) private var words: UnsafeMutablePointer<SleepQueueWords> {
    unsafe (base + LockWords.stride).assumingMemoryBound(to: SleepQueueWords.self)
  }

  /// Puts `sleeper` in, unless it was cancelled before.
  ///
  /// - Returns: nil when it was cancelled; else whether it is the first to wake.
  public func insert(_ sleeper: Sleeper) -> Bool? {
    lock.withLock {
      guard sleeper.state == .new else { return nil }
      sleeper.state = .asleep
      unsafe sleeper.words.pointee.order = words.pointee.order
      unsafe words.pointee.order &+= 1
      unsafe words.pointee.count &+= 1
      unsafe words.pointee.first = merge(words.pointee.first, sleeper)
      return unsafe words.pointee.first == sleeper
    }
  }

  /// Takes `sleeper` out before its time.
  ///
  /// - Returns: true when it was asleep: the caller wakes it, and nobody else will.
  public func cancel(_ sleeper: Sleeper) -> Bool {
    lock.withLock {
      let before = sleeper.state
      if before == .new || before == .asleep { sleeper.state = .cancelled }
      guard before == .asleep else { return false }
      remove(sleeper)
      return true
    }
  }

  /// Takes the first out whose time has come at `now`: the caller wakes it.
  public func takeDue(at now: UInt64) -> Sleeper? {
    lock.withLock {
      guard let first = unsafe words.pointee.first, unsafe first.words.pointee.deadline <= now
      else { return nil }
      first.state = .woken
      remove(first)
      return first
    }
  }

  /// When the first wakes; nil when nobody sleeps.
  public var nextDeadline: UInt64? {
    lock.withLock { unsafe words.pointee.first.map { unsafe $0.words.pointee.deadline } }
  }

  /// How many sleep.
  public var count: UInt { lock.withLock { unsafe words.pointee.count } }
}

// MARK: - The heap, behind the lock

extension SleepQueue {
  /// The heap of both, whose root has no parent.
  private func merge(_ a: Sleeper?, _ b: Sleeper?) -> Sleeper? {
    guard let a else { return b }
    guard let b else { return a }
    let (root, other) = b.wakesBefore(a) ? (b, a) : (a, b)
    root.right = merge(root.right, other)
    root.right?.parent = root
    root.parent = nil
    settle(root)
    return root
  }

  /// Puts the longer side of `node` left. Out: whether its rank has changed.
  @discardableResult private func settle(_ node: Sleeper) -> Bool {
    let (left, right) = (node.left?.rank ?? 0, node.right?.rank ?? 0)
    if left < right { (node.left, node.right) = (node.right, node.left) }
    let rank = min(left, right) + 1
    defer { node.rank = rank }
    return rank != node.rank
  }

  private func remove(_ node: Sleeper) {
    let rest = merge(node.left, node.right)
    var parent = node.parent
    rest?.parent = parent
    if let parent {
      if parent.left == node { parent.left = rest } else { parent.right = rest }
    } else {
      unsafe words.pointee.first = rest
    }
    while let node = parent, settle(node) { parent = node.parent }
    (node.left, node.right, node.parent) = (nil, nil, nil)
    node.rank = 1
    unsafe words.pointee.count &-= 1
  }

  /// What is wrong with the heap; nil when nothing is. For tests: linear.
  public var breach: StaticString? {
    lock.withLock {
      var count: UInt = 0
      let found = unsafe breach(below: words.pointee.first, parent: nil, &count)
      return unsafe found ?? (count == words.pointee.count ? nil : "the count is wrong")
    }
  }

  private func breach(below node: Sleeper?, parent: Sleeper?, _ count: inout UInt) -> StaticString?
  {
    guard let node else { return nil }
    count += 1
    if node.parent != parent { return "a parent is wrong" }
    if let parent, node.wakesBefore(parent) { return "a child wakes before its parent" }
    let (left, right) = (node.left?.rank ?? 0, node.right?.rank ?? 0)
    if left < right { return "the right side is longer" }
    if node.rank != right + 1 { return "a rank is wrong" }
    return breach(below: node.left, parent: node, &count)
      ?? breach(below: node.right, parent: node, &count)
  }
}
