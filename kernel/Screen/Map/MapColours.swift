/// The colours of the memory map, on the screen and in the terminal: 0xRRGGBB, and the number of the terminal's
/// colour that is nearest.
public struct MapColour: Equatable, Sendable {
  /// 0xRRGGBB.
  public let rgb: UInt32
  /// The terminal's colour.
  public let colour: Colour

  init(_ rgb: UInt32, _ number: UInt8) {
    self.rgb = rgb
    colour = Colour(number)
  }

  /// Memory that nobody has.
  public static var free: MapColour { MapColour(0x22_2B38, 237) }
  /// No memory.
  public static var none: MapColour { MapColour(0x0A_0D12, 233) }
  /// The free segment at the end of a heap.
  public static var top: MapColour { MapColour(0x1C_3F4A, 23) }
  /// The payload that was freed last.
  public static var lastFreed: MapColour { MapColour(0xFF_E066, 221) }

  /// Segments in use by their size: up to 64 and 256 bytes, 1, 4 and 64 KiB, and larger.
  public static var sizeClassCount: Int { 6 }

  /// The class of a segment of `byteCount` bytes, its header included.
  public static func sizeClass(of byteCount: UInt) -> Int {
    switch byteCount {
    case ...64: 0
    case ...256: 1
    case ...1024: 2
    case ...4096: 3
    case ...65536: 4
    default: 5
    }
  }

  /// The colour of a class of sizes.
  public static func size(_ sizeClass: Int) -> MapColour {
    switch sizeClass {
    case 0: MapColour(0x46_C0A8, 79)
    case 1: MapColour(0x4C_A0E8, 74)
    case 2: MapColour(0x7C_80F0, 105)
    case 3: MapColour(0xB4_72E4, 134)
    case 4: MapColour(0xE8_6CA8, 169)
    default: MapColour(0xF2_944C, 209)
    }
  }

  /// Owners of pages, in the order of the legend.
  public enum Owner: UInt8, CaseIterable, Sendable {
    /// The image, the firmware, the boot's stacks: what was there before the kernel ran.
    case kernel
    /// The page array, tables and stacks.
    case structures
    /// The early heap and the kernel heap's first region.
    case heap
    /// Pages behind the heap's window.
    case window
    /// Handed out otherwise.
    case general
  }

  /// The colour of an owner.
  public static func owner(_ owner: Owner) -> MapColour {
    switch owner {
    case .kernel: MapColour(0xE0_5F65, 167)
    case .structures: MapColour(0xF2_C14C, 221)
    case .heap: MapColour(0x46_C0A8, 79)
    case .window: MapColour(0x8A_E08A, 114)
    case .general: MapColour(0x7C_9CF0, 111)
    }
  }
}
