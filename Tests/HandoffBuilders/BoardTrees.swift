// Trees of the shape that the boards' firmware hands over: the nodes and properties that matter here, and
// enough of the rest to be in the way. Written for these tests after what boards were seen to have.

/// What a tree keeps, for tests to hold the reader against.
package struct Reservation: Equatable, Sendable {
  package let start: UInt64
  package let byteCount: UInt64
  package let noMap: Bool

  package init(_ start: UInt64, _ byteCount: UInt64, noMap: Bool = false) {
    (self.start, self.byteCount, self.noMap) = (start, byteCount, noMap)
  }
}

extension DeviceTreeBuilder {
  /// What `raspberryPi3` reserves.
  package static let raspberryPi3Reservations = [
    Reservation(0, 0x1000), Reservation(0x1000_0000, 0x100_0000, noMap: true),
    Reservation(0x1800_0000, 0x20_0000),
  ]

  /// A Pi 3: one range of memory, one cell each, TF-A's memory with `no-map`.
  package static func raspberryPi3(
    commandLine: String = "8250.nr_uarts=0 console=ttyAMA0,115200", initrd: Range<UInt64>? = nil
  ) -> DeviceTreeBuilder {
    var tree = DeviceTreeBuilder()
    tree.reservations = [(0, 0x1000)]
    tree.node("") { tree in
      tree.property("compatible", text: "raspberrypi,3-model-b\0brcm,bcm2837")
      tree.property("model", text: "Raspberry Pi 3 Model B Rev 1.2")
      tree.property("interrupt-parent", cells: [1])
      tree.property("#address-cells", cells: [1])
      tree.property("#size-cells", cells: [1])
      tree.property("serial-number", text: "00000000deadbeef")
      tree.aliases()
      tree.chosen(commandLine, initrd, cells: 1)
      tree.node("reserved-memory") { node in
        node.property("#address-cells", cells: [1])
        node.property("#size-cells", cells: [1])
        node.property("ranges", [])
        node.cma()
        node.node("firmware@10000000") {
          $0.property("reg", cells: [0x1000_0000, 0x100_0000])
          $0.property("no-map", [])
        }
        node.node("buffer@18000000") {
          $0.property("compatible", text: "shared-dma-pool")
          $0.property("status", text: "okay")
          $0.property("reg", cells: [0x1800_0000, 0x20_0000])
          $0.property("phandle", cells: [0x3d])
        }
      }
      tree.cpus()
      tree.soc(at: 0x3f00_0000)
      tree.node("memory@0") {
        $0.property("device_type", text: "memory")
        $0.property("reg", cells: [0, 0x3b40_0000])
      }
    }
    return tree
  }

  /// What `raspberryPi4` reserves.
  package static let raspberryPi4Reservations = [
    Reservation(0, 0x1000), Reservation(0, 0x8_0000, noMap: true),
    Reservation(0x3ef6_4000, 0x2c, noMap: true), Reservation(0x3ef6_5000, 0x100, noMap: true),
    Reservation(0x3000_0000, 0x1_0000), Reservation(0x1_4000_0000, 0x100_0000, noMap: true),
  ]

  /// A Pi 4 of 8 GiB: memory in four ranges of two address cells and `sizeCells` size cells.
  package static func raspberryPi4(
    commandLine: String = "coherent_pool=1M 8250.nr_uarts=0 smsc95xx.macaddr=DC:A6:32:00:00:01",
    initrd: Range<UInt64>? = nil, sizeCells: Int = 1
  ) -> DeviceTreeBuilder {
    func size(_ byteCount: UInt32) -> [UInt32] { sizeCells == 2 ? [0, byteCount] : [byteCount] }
    var tree = DeviceTreeBuilder()
    tree.reservations = [(0, 0x1000)]
    tree.node("") { tree in
      tree.property("compatible", text: "raspberrypi,4-model-b\0brcm,bcm2711")
      tree.property("model", text: "Raspberry Pi 4 Model B Rev 1.4")
      tree.property("#address-cells", cells: [2])
      tree.property("#size-cells", cells: [UInt32(sizeCells)])
      tree.property("memreserve", cells: [0x3b40_0000, 0x4c0_0000])
      tree.aliases()
      tree.chosen(commandLine, initrd, cells: 2)
      tree.node("reserved-memory") { node in
        node.property("#address-cells", cells: [2])
        node.property("#size-cells", cells: [UInt32(sizeCells)])
        node.property("ranges", [])
        node.cma()
        node.keeps("atf@0", [0, 0] + size(0x8_0000))
        // The firmware fills these in, and leaves the address in the name as it was.
        node.keeps("nvram@0", [0, 0x3ef6_4000] + size(0x2c), compatible: "bootloader-config")
        node.keeps("nvram@1", [0, 0x3ef6_5000] + size(0x100), compatible: "public-key")
        node.node("ramoops@30000000") {
          $0.property("compatible", text: "ramoops")
          $0.property("reg", cells: [0, 0x3000_0000] + size(0x1_0000))
        }
        node.keeps("pool@140000000", [1, 0x4000_0000] + size(0x100_0000))
        node.node("unused@20000000") {
          $0.property("reg", cells: [0, 0x2000_0000] + size(0x1000))
          $0.property("status", text: "disabled")
        }
      }
      tree.cpus()
      tree.soc(at: 0xfe00_0000)
      tree.node("memory@0") {
        $0.property("device_type", text: "memory")
        $0.property(
          "reg",
          cells: [0, 0] + size(0x3b40_0000) + [0, 0x4000_0000] + size(0xbc00_0000) + [1, 0]
            + size(0x8000_0000) + [1, 0x8000_0000] + size(0x8000_0000))
      }
    }
    return tree
  }
}

extension DeviceTreeBuilder {
  private mutating func keeps(_ name: String, _ reg: [UInt32], compatible: String? = nil) {
    node(name) {
      if let compatible { $0.property("compatible", text: "raspberrypi," + compatible) }
      $0.property("#address-cells", cells: [1])
      $0.property("#size-cells", cells: [1])
      $0.property("reg", cells: reg)
      $0.property("no-map", [])
      $0.property("status", text: "okay")
    }
  }

  /// Memory that Linux may put anywhere: nothing to keep clear of.
  private mutating func cma() {
    node("linux,cma") {
      $0.property("compatible", text: "shared-dma-pool")
      $0.property("size", cells: [0x400_0000])
      $0.property("reusable", [])
      $0.property("linux,cma-default", [])
      $0.property("alloc-ranges", cells: [0, 0, 0x3000_0000])
    }
  }

  private mutating func aliases() {
    node("aliases") {
      $0.property("serial0", text: "/soc/serial@7e201000")
      $0.property("mailbox", text: "/soc/mailbox@7e00b880")
    }
  }

  private mutating func chosen(_ commandLine: String, _ initrd: Range<UInt64>?, cells: Int) {
    func address(_ value: UInt64) -> [UInt8] {
      cells == 2 ? bigEndian(value) : bigEndian(UInt32(truncatingIfNeeded: value))
    }
    node("chosen") { node in
      node.property("bootargs", text: commandLine)
      node.property("kaslr-seed", cells: [0x1234_5678, 0x9abc_def0])
      node.property("rpi-boardrev-ext", cells: [0])
      if let initrd {
        node.property("linux,initrd-start", address(initrd.lowerBound))
        node.property("linux,initrd-end", address(initrd.upperBound))
      }
      node.node("framebuffer@3e876000") {
        $0.property("compatible", text: "simple-framebuffer")
        $0.property("reg", cells: [0x3e87_6000, 0x15_1800])
        $0.property("format", text: "r5g6b5")
      }
    }
  }

  private mutating func cpus() {
    node("cpus") { node in
      node.property("#address-cells", cells: [1])
      node.property("#size-cells", cells: [0])
      for core in UInt32(0)..<4 {
        node.node("cpu@\(core)") {
          $0.property("device_type", text: "cpu")
          $0.property("reg", cells: [core])
          $0.property("enable-method", text: "spin-table")
          $0.property("cpu-release-addr", cells: [0, 0xd8 + 8 * core])
        }
      }
    }
  }

  private mutating func soc(at base: UInt32) {
    node("soc") { node in
      node.property("#address-cells", cells: [1])
      node.property("#size-cells", cells: [1])
      node.property("ranges", cells: [0x7e00_0000, base, 0x180_0000])
      node.property("dma-ranges", cells: [0xc000_0000, 0, 0x4000_0000])
      node.nop()
      node.node("serial@7e201000") {
        $0.property("reg", cells: [0x7e20_1000, 0x200])
        $0.property("status", text: "okay")
        $0.node("bluetooth") { $0.property("status", text: "disabled") }
      }
      node.node("mailbox@7e00b880") { $0.property("reg", cells: [0x7e00_b880, 0x40]) }
      node.node("rng@7e104000") {
        $0.property("reg", cells: [0x7e10_4000, 0x28])
        $0.property("status", text: "disabled")
      }
    }
  }
}
