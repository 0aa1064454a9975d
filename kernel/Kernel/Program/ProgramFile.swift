import Base
import Devices

/// The file that came with the kernel: `make qemu INITRD=file`, or `initramfs file followkernel` in config.txt.
/// Its bytes stay where the firmware put them.
public struct BootFile: RandomAccessCollection, Sendable {
  private let start: UInt
  /// How many bytes it has.
  public let count: Int

  /// The index of the first byte: 0.
  public var startIndex: Int { 0 }
  /// One past the index of the last byte.
  public var endIndex: Int { count }

  /// The file; nil when there is none.
  public static var current: BootFile? {
    let (start, count) = place()
    return count > 0 ? BootFile(start: start, count: count) : nil
  }

  @export(interface) static func place() -> (start: UInt, count: Int) {
    guard let range = unsafe KernelState.handoff?.initrd?.value else { return (0, 0) }
    return (range.start.rawValue, Int(range.byteCount))
  }

  /// The byte at `index`, 0 to `count - 1`; another index ends the program with a report.
  public subscript(index: Int) -> UInt8 {
    precondition(0..<count ~= index, "no such byte in the file")
    guard let byte = unsafe UnsafePointer<UInt8>(bitPattern: start &+ UInt(index)) else { return 0 }
    return unsafe byte.pointee
  }
}
