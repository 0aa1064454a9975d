import CShims
import Base
import Devices
import Heaps

/// Proves at each boot that Swift's own types work on the heap of the moment, and that the kernel heap
/// gets back all that they took.
enum RuntimeCheck {
  /// What was built on the early heap and is given up when the kernel heap is in use.
  private nonisolated(unsafe) static var carriedOver: [Int]?

  /// Builds a String, an Array and a class instance on the early heap.
  static func verifyEarlyHeap() {
    guard buildsBasics(7) else { panic("Swift's types do not work on the early heap") }
    unsafe carriedOver = Array(0..<Int(read_midr() & 7) + 8)
  }

  /// Gives up memory of the early heap: it is counted there, whichever heap is in use.
  static func verifyMoveToKernelHeap() {
    let before = earlyFreeCount
    unsafe carriedOver = nil
    guard earlyFreeCount == before + 1 else {
      panic("memory of the early heap did not come back to it")
    }
  }

  private static var earlyFreeCount: Int {
    KernelState.withEarlyHeap { $0.statistics.deallocationCount } ?? 0
  }

  /// Builds one of everything on the kernel heap, and compares the heap before and after.
  static func verifyMemoryReturns() {
    guard let before = KernelHeap.statistics, buildsBasics(8), buildsHashed(9),
      let after = KernelHeap.statistics
    else { panic("Swift's types do not work on the kernel heap") }
    let isSame =
      (before.usedBytes == after.usedBytes || !KernelHeap.reusesMemory)
      && before.liveCount == after.liveCount
      && after.allocationCount > before.allocationCount
    if !isSame {
      panic("the kernel heap did not get all memory back") { console in
        console.field("used before", bytes: before.usedBytes)
        console.field("used after", bytes: after.usedBytes)
      }
    }
    let console = Console.buffered
    console.write("self-test Swift types: passed, ")
    console.write(decimal: after.allocationCount - before.allocationCount)
    console.write(" allocations given back\n")
  }

  private final class Node {
    let name: String
    let next: Node?

    init(_ name: String, next: Node?) {
      self.name = name
      self.next = next
    }
  }

  @inline(never) private static func buildsBasics(_ count: Int) -> Bool {
    var numbers: [Int] = []
    var names: [String] = []
    var chain: Node?
    for number in 0..<count {
      numbers.append(number * number)
      // Longer than the 15 bytes that a String holds without memory.
      names.append("the square of \(number) is \(numbers[number])")
      chain = Node(names[number], next: chain)
    }
    let last = count - 1
    let text = "the square of \(last) is \(last * last)"
    return numbers.reduce(0, +) == last * count * (2 * last + 1) / 6
      && names[last] == text && names[last].count == text.utf8.count
      && chain?.name == text && chain?.next?.name == names[last - 1]
  }

  @inline(never) private static func buildsHashed(_ count: Int) -> Bool {
    var squares: [String: Int] = [:]
    var odd: Set<Int> = []
    for number in 0..<count * 8 {
      squares["the square of \(number)"] = number * number
      if number % 2 == 1 { odd.insert(number) }
    }
    squares["the square of 1"] = nil
    return squares.count == count * 8 - 1 && squares["the square of 5"] == 25
      && squares["the square of 1"] == nil && odd.count == count * 4 && odd.contains(7)
      && !odd.contains(8)
  }
}
