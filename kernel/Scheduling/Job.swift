/// The words with which everything begins that can wait in a queue: a task, or an actor with tasks to run.
/// The place of `next` and `flags` in a task is the Swift compiler's (`SwiftJob`), behind an object's header:
///
/// ```
///    0  next        the one behind it in whatever queue it is in
///    8  link        for a second list at the same time
///   16  flags       bits 0 to 7 the kind, 8 to 15 the priority
///   20  number      counts tasks, for people
/// ```
public struct JobWords {
  var next: Job?
  /// A second list's link: cancellation walks a tree of tasks with it.
  public var link: Job?
  var flags: UInt32
  /// The number that people see.
  public var number: UInt32

  /// The words of something that is in no queue.
  public init(kind: Job.Kind, priority: UInt8, number: UInt32 = 0) {
    next = nil
    link = nil
    flags = UInt32(kind.rawValue) | UInt32(priority) << 8
    self.number = number
  }
}

/// Something that a core can run. A handle: whoever made the words keeps them while it is queued, and it is
/// in one queue at a time.
@safe public struct Job: Equatable, Sendable {
  /// What kind of thing it is.
  public enum Kind: UInt8, Sendable {
    /// A task.
    case task = 0
    /// An actor that has tasks to run.
    case actor = 192
  }

  /// Where the words are.
  public nonisolated(unsafe) let words: UnsafeMutablePointer<JobWords>

  /// The job with these words.
  @unsafe @inline(__always)
  public init(_ words: UnsafeMutablePointer<JobWords>) { unsafe self.words = words }

  /// The same words.
  @inline(__always) public static func == (a: Job, b: Job) -> Bool {
    unsafe a.words == b.words
  }

  /// What it is.
  @inline(__always) public var kind: Kind {
    unsafe words.pointee.flags & 0xff == UInt32(Kind.actor.rawValue) ? .actor : .task
  }

  /// How urgent it is: Swift's `TaskPriority.rawValue`.
  @inline(__always) public var priority: UInt8 {
    get { UInt8(truncatingIfNeeded: unsafe words.pointee.flags >> 8) }
    nonmutating set {
      unsafe words.pointee.flags = words.pointee.flags & ~0xff00 | UInt32(newValue) << 8
    }
  }

  /// The place of its priority among the four that queues tell apart, 0 the most urgent.
  @inline(__always) public var level: Int {
    let priority = priority
    return priority > 0x15 ? 0 : priority > 0x11 ? 1 : priority > 0x09 ? 2 : 3
  }

  /// The link of a second list.
  @inline(__always) public var link: Job? {
    get { unsafe words.pointee.link }
    nonmutating set { unsafe words.pointee.link = newValue }
  }

  @inline(__always) var next: Job? {
    get { unsafe words.pointee.next }
    nonmutating set { unsafe words.pointee.next = newValue }
  }
}

/// Jobs in the order in which they came.
public struct JobList {
  private(set) var first: Job?
  private var last: Job?

  /// No job.
  public init() {
    first = nil
    last = nil
  }

  /// True when there is none.
  public var isEmpty: Bool { first == nil }

  /// Puts `job` behind the last.
  @inline(__always) public mutating func append(_ job: Job) {
    job.next = nil
    if let last { last.next = job } else { first = job }
    last = job
  }

  /// Takes the first away.
  @inline(__always) public mutating func removeFirst() -> Job? {
    guard let job = first else { return nil }
    first = job.next
    if first == nil { last = nil }
    job.next = nil
    return job
  }
}

/// Jobs by priority, and those of one level in the order in which they came: 64 bytes.
struct LeveledJobs {
  static var levels: Int { 4 }

  private var lists = InlineArray<4, JobList>(repeating: JobList())

  var isEmpty: Bool { highestLevel == nil }

  /// The most urgent level that has a job.
  @inline(__always) var highestLevel: Int? {
    for level in 0..<Self.levels where lists[level].first != nil { return level }
    return nil
  }

  @inline(__always) mutating func append(_ job: Job) { lists[job.level].append(job) }

  /// Takes the first of the most urgent level.
  @inline(__always) mutating func removeFirst() -> Job? {
    guard let level = highestLevel else { return nil }
    return lists[level].removeFirst()
  }
}
