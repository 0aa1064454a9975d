import Testing

extension BootTests {
  /// Heaps whose last size class is the last bit of the index, full to the last byte. A request of that class
  /// was once looked up behind the index, in words that mean something else.
  @Suite struct FullHeap {
    private static let sizes = ["992K", "1000K", "1023K", "2000K", "8000K"]

    /// A heap that cannot grow: all of it in one payload, and what then is left in ever smaller ones.
    @Test(arguments: sizes, ["", "heap.debug=1"])
    func fixed(_ size: String, _ option: String) async throws {
      try await Machine.run(Boot(commandLine: "heap=\(size) heapwindow=0 \(option)")) { machine in
        try await machine.boots()
        let before = try await machine.ask("trim; heap")
        var largest = try #require(before.number("largest free"))
        #expect(largest > (before.number("capacity") ?? 0) * 9 / 10, "\(before)")
        var addresses: [Int] = []
        while largest > 0 {
          addresses.append(try await machine.allocate("\(largest)"))
          let now = try await machine.ask("heap")
          largest = try #require(now.number("largest free"))
        }
        #expect(Set(addresses).count == addresses.count, "\(machine.output)")
        let full = try await machine.ask("check; heap", says: "check: passed", "failures: 0")
        #expect(full.number("free segments") == 0 && full.number("free") == 0, "\(full)")
        for address in addresses {
          try await machine.ask("free \(address)", says: "freed: ")
        }
        let after = try await machine.ask("trim; heap; check", says: "check: passed")
        for key in ["used", "live", "free", "largest free"] {
          #expect(after.value(key) == before.value(key), "\(key):\n\(machine.output)")
        }
      }
    }

    /// The window: a heap that begins with that size, grows to the window's last page, and gives it back.
    @Test(arguments: sizes, ["", "heap.debug=1"])
    func window(_ size: String, _ option: String) async throws {
      let line = "heap=\(size) heapwindow=2M \(option)"
      try await Machine.run(Boot(commandLine: line)) { machine in
        try await machine.boots()
        let before = try await machine.ask("trim; heap")
        let base = try #require(before.number("window claimed"))
        #expect(base == before.number("capacity"), "\(before)")
        var addresses: [Int] = []
        var request = 8 << 20
        while request > 0 {
          let answer = try await machine.ask("alloc \(request)")
          if let address = answer.number("address") {
            addresses.append(address)
          } else {
            machine.expectText("out of memory", in: answer)
            request /= 2
          }
        }
        #expect(Set(addresses).count == addresses.count, "\(machine.output)")
        try await machine.ask(
          "check; heap", says: "check: passed",
          "window claimed: \(((base + (2 << 20) - 1) >> 21) << 21) bytes")
        for address in addresses {
          try await machine.ask("free \(address)", says: "freed: ")
        }
        let after = try await machine.ask(
          "trim; heap; check", says: "check: passed", "window claimed: \(base) bytes")
        for key in ["used", "live", "free", "largest free"] {
          #expect(after.value(key) == before.value(key), "\(key):\n\(machine.output)")
        }
      }
    }
  }
}
