import CShims
import Base
import Memory
import Sync
import Transfer

/// An image on its way in: frames of memory, in one run or several, none of them where the image will run.
///
/// ```
///   image   │ 0 ... │ ...          │ ... │        offsets
///             │        │             └──> run 2
///             │        └────────────────> run 1
///             └─────────────────────────> run 0
/// ```
/// The only type here that touches memory. All of it is mapped at its own address.
struct ImageMemory {
  /// Bytes of the image.
  private(set) var byteCount: UInt = 0
  private(set) var runs = ScatteredFrames()

  /// Frames for `byteCount` bytes that lie clear of `avoided`; nil when there are not so many.
  init?(byteCount: UInt, avoiding avoided: PhysicalRange) {
    let page = PageFrame.byteCount
    guard let size = byteCount.roundedUp(to: page), size > 0,
      let place = Range(touching: avoided.start, byteCount: avoided.byteCount),
      let found = Locks.pages.withLock({
        unsafe try? KernelState.pages?.allocateScattered(
          frameCount: size / page, avoiding: place, for: .general)
      })
    else { return nil }
    runs = found
    self.byteCount = byteCount
  }

  /// Gives the frames back.
  func release() {
    for run in runs { FrameRuns.release(run) }
  }

  /// Puts `bytes` at `offset` of the image.
  func write(_ bytes: Span<UInt8>, at offset: UInt) {
    var done = 0
    while done < bytes.count, let place = place(of: offset + UInt(done)) {
      let count = min(bytes.count - done, Int(place.byteCount))
      unsafe bytes.extracting(done..<(done + count)).withUnsafeBytes { source in
        guard let from = source.baseAddress,
          let to = unsafe UnsafeMutableRawPointer(bitPattern: place.start.rawValue)
        else { return }
        unsafe _ = memcpy(to, from, count)
      }
      done += count
    }
  }

  /// The byte at `offset`; 0 behind the end.
  func byte(at offset: UInt) -> UInt8 {
    guard let address = place(of: offset)?.start.rawValue else { return 0 }
    return unsafe UnsafePointer<UInt8>(bitPattern: address)?.pointee ?? 0
  }

  /// The CRC-32 of the whole image, as it lies in memory. O(n).
  var checksum: UInt32 {
    var sum = CRC32()
    var left = byteCount
    for run in runs {
      let count = min(left, run.byteCount)
      left -= count
      guard let start = unsafe UnsafePointer<UInt8>(bitPattern: run.lowerBound.start.rawValue)
      else { continue }
      unsafe sum.add(UnsafeBufferPointer(start: start, count: Int(count)).span)
    }
    return sum.value
  }

  /// Where the byte at `offset` lies, and how much of its run follows; nil behind the end.
  private func place(of offset: UInt) -> PhysicalRange? {
    guard offset < byteCount else { return nil }
    var rest = offset
    for run in runs {
      if rest < run.byteCount {
        let start = PhysicalAddress(run.lowerBound.start.rawValue + rest)
        return PhysicalRange(from: start, to: run.upperBound.start)
      }
      rest -= run.byteCount
    }
    return nil
  }
}

/// Runs of frames of the kernel's own.
enum FrameRuns {
  /// Gives `run` back.
  static func release(_ run: Range<PageFrame>) {
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in
        unsafe try KernelState.pages?.deallocate(run)
      }
    } catch {
      panic("frames of an image could not be given back", error)
    }
  }
}
