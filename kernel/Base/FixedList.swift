/// A list with room for `capacity` elements inside itself, for the time before there is a heap.
public struct FixedList<let capacity: Int, Element> {
  private var storage = InlineArray<capacity, Element?>(repeating: nil)

  /// The number of elements in the list.
  public private(set) var count = 0

  /// An empty list.
  public init() {}

  /// Puts `element` at the end; false, and no change, when the list is full. O(1).
  @discardableResult public mutating func append(_ element: Element) -> Bool {
    guard count < capacity else { return false }
    storage[count] = element
    count += 1
    return true
  }
}

extension FixedList: RandomAccessCollection, MutableCollection {
  /// Always 0.
  public var startIndex: Int { 0 }

  /// The same as `count`.
  public var endIndex: Int { count }

  /// The element at `index`.
  ///
  /// - Precondition: `index` is at least 0 and below `count`.
  public subscript(index: Int) -> Element {
    get {
      guard let element = storage[index] else { preconditionFailure("index past the list's end") }
      return element
    }
    set {
      precondition(index < count, "index past the list's end")
      storage[index] = newValue
    }
  }
}

extension FixedList: Sendable where Element: Sendable {}
