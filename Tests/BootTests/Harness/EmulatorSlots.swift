/// Lets two machines run at a time: the boards that tests run on have two cores.
actor EmulatorSlots {
  static let shared = EmulatorSlots()

  private var free = 2
  private var queue: [CheckedContinuation<Void, Never>] = []

  /// Waits until there is room for a machine, and takes it.
  func acquire() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { queue.append($0) }
    }
  }

  /// Makes room, or hands it straight to the test that waits longest.
  func release() {
    if queue.isEmpty {
      free += 1
    } else {
      queue.removeFirst().resume()
    }
  }
}
