import Base

/// The owner of physical memory: one eight-byte record for each 4 KiB frame, from frame 0 to the end
/// of memory, which says whether the frame is free, reserved (and why) or allocated (and for what).
///
/// Free frames form *runs*, as long as they can be: two free runs never touch. The records of a
/// run's first, second and last frame describe it, and the first also links it into one of 27 lists,
/// by the power of two that its length reaches. A bitmap says which lists are not empty. There are two
/// sets of lists: for runs that begin in *low* frames, which a DMA master of 30 address bits reaches, and
/// for the others. Low frames are handed out last, so that they are there when a device needs them.
///
///     run of 6    [ head: links ][ length ][ inside ][ inside ][ inside ][ length ]
///     run of 2    [ head: links ][ length ]
///     run of 1    [ single: links ]
///
/// - One frame: the lowest frame of the run freed last among those of the shortest class there is.
///   O(1): one bitmap scan, no walk. Short runs are used up first, so long ones stay for devices.
/// - A run of n frames: O(1) to find where a run is sure to hold it, wherever it must be aligned;
///   otherwise a walk of the runs that may. Exact: it fails only when no free run can hold it.
/// - Freeing: O(1) to find both neighbours (the record before is the left run's last, and knows its
///   length) and join them. Marking the frames of a run costs a store each, at either end.
///
/// A buddy system would need up to 18 splits for one frame and the same number of joins, rounds every
/// run up to a power of two, and cannot join two neighbours that are not buddies. This is Knuth's
/// boundary tag method (The Art of Computer Programming, volume 1, 2.5, algorithm C) with segregated
/// lists.
///
/// Nothing here allocates memory, waits or traps on overwritten records: whatever an operation will
/// rely on is compared first, and a contradiction throws `.corruptRecord` or `.corruptControl` with
/// nothing changed (`addMemory`, `markReserved` and `freeReserved`, which work from run to run, stop before the
/// one that is damaged). The caller brings the lock.
public struct PageArray: ~Copyable {
  let records: PageRecords
  var lists = FreeRunLists()
  var counters = PageCounters()
  /// Frames below this one are low.
  public let lowFrameCount: UInt
  /// Free frames that are kept for committed pages that nobody has touched yet.
  public internal(set) var reservedForCommit: UInt = 0

  /// The bytes that the records of `frameCount` frames take; nil for more frames than an array can
  /// hold (2^27 - 2, which is 512 GiB) or none.
  public static func byteCount(forFrames frameCount: UInt) -> Int? {
    frameCount > 0 && frameCount < PageRecord.none ? Int(frameCount) * 8 : nil
  }

  /// Takes over `memory` for the records of frames 0 to `frameCount` - 1, and clears them with
  /// `clear` (the board gives `bzero`): every frame begins reserved as `.notRam`. Nil when `memory`
  /// is smaller than `byteCount(forFrames:)` or not 8-byte aligned. Frames from `lowFrameCount` on are
  /// handed out first; without it all are alike.
  public init?(
    memory: UnsafeMutableRawBufferPointer, frameCount: UInt, lowFrameCount: UInt = .max,
    clear: (UnsafeMutableRawBufferPointer) -> Void = { memory in
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
    }
  ) {
    guard let records = unsafe PageRecords(memory: memory, count: frameCount) else { return nil }
    unsafe clear(UnsafeMutableRawBufferPointer(rebasing: memory[..<(Int(frameCount) * 8)]))
    self.records = records
    self.lowFrameCount = lowFrameCount
    counters.reserved[Int(PageReservation.notRam.rawValue)] = frameCount
  }

  /// The frames that have a record.
  public var frameCount: UInt { records.count }

  /// The state of `frame`; nil beyond the end, or when its record was overwritten. O(1).
  public func state(of frame: PageFrame) -> PageState? {
    frame.number < frameCount ? records[frame.number].state : nil
  }

  /// `frames` as record numbers, if every one has a record.
  func indices(of frames: Range<PageFrame>) throws(PageArrayError) -> Range<UInt> {
    guard frames.upperBound.number <= frameCount else {
      throw PageArrayError(.foreignFrame, max(frames.lowerBound, PageFrame(number: frameCount)))
    }
    return frames.lowerBound.number..<frames.upperBound.number
  }
}
