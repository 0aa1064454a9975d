import Heaps

/// Ordinary Swift on top of the heap: objects and arrays come and go.
final class Node {
  let value: Int
  let next: Node?

  init(_ value: Int, next: Node?) {
    self.value = value
    self.next = next
  }
}

/// What board.c starts; its result is the program's exit status.
@c(example_main)
public func main() -> CInt {
  var list: Node?
  for value in 1...100 { list = Node(value, next: list) }
  var values: [Int] = []
  while let node = list {
    values.append(node.value)
    list = node.next
  }
  guard values.reduce(0, +) == 5050, let live = BoardHeap.heap?.statistics.liveCount else {
    return 1
  }
  print("live while the array is:")
  print(live)
  values = []
  print("live afterwards:")
  print(BoardHeap.heap?.statistics.liveCount ?? -1)
  return BoardHeap.heap?.statistics.liveCount == 0 ? 0 : 1
}
