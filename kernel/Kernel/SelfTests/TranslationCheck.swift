import CShims
import Base
import Devices
import Memory
import Sync

/// Verifies that a change of the map reaches every core: each reads a page, core 0 puts another frame in its
/// place, and each must then read that one.
enum TranslationCheck {
  /// A page of the upper half that nobody else uses, the one before the first stack.
  private static var page: VirtualAddress { UpperHalf.stacks.start }

  /// Looks whether invalidation by address is enough here, with core 0 alone. A board's is. The defect shows
  /// only while the entries stay in the emulator's TLB, so where the counter is not that of the board's crystal,
  /// as in an emulator, it is taken to be there.
  static func findDefect() {
    guard let frames = takeFrames() else { return }
    unsafe ProcessorMaintenance.dropsAll = false
    var isStale = false
    for round in UInt(0)..<4 {
      map(frames.lowerBound.number + round & 1)
      isStale = word(otherThan: round & 1) != round & 1 || isStale
      unmap()
    }
    isStale = isStale || timer_frequency() != Board.current.crystalHertz
    unsafe ProcessorMaintenance.dropsAll = isStale
    // The last round's entries go too.
    if isStale { ProcessorMaintenance().awaitInvalidation() }
    Locks.pages.withLock { try? unsafe KernelState.pages?.deallocate(frames) }
  }

  /// Runs it on all cores, and reports that; ends the kernel when a core reads the frame that is gone.
  static func verify() {
    guard KernelAddressSpace.isActive, let frames = takeFrames() else { return }
    for round in UInt(0)..<8 {
      let index = round & 1
      map(frames.lowerBound.number + index)
      for core in 0..<Cores.limit where Cores.state(of: core) == .online {
        let seen = try? Cores.run(on: core) { word(otherThan: index) }
        if seen != index { fail(core, seen ?? .max) }
      }
      unmap()
    }
    Locks.pages.withLock { try? unsafe KernelState.pages?.deallocate(frames) }
    Console.log { console in
      console.write("self-test map changes: passed, ")
      console.write(decimal: Cores.onlineCount)
      console.write(" cores, ")
      console.write(
        unsafe ProcessorMaintenance.dropsAll
          ? "the whole TLB dropped each time\n" : "the TLB invalidated by address\n")
    }
  }

  /// The first of the page's words that is not `index`; `index` when all are.
  private static func word(otherThan index: UInt) -> UInt {
    for offset in stride(from: UInt(0), to: PageFrame.byteCount, by: 512) {
      let seen = unsafe word(page.pointer + offset)
      if seen != index { return seen }
    }
    return index
  }

  @unsafe private static func word(_ address: UInt) -> UInt {
    unsafe UnsafePointer<UInt>(bitPattern: address)?.pointee ?? .max
  }

  /// Two frames, a word in each 512 bytes of them its number.
  private static func takeFrames() -> Range<PageFrame>? {
    let run = Locks.pages.withLock {
      try? unsafe KernelState.pages?.allocateRun(frameCount: 2)
    }
    guard let run else { return nil }
    for index in UInt(0)..<2 {
      let address = run.lowerBound.start.rawValue + index * PageFrame.byteCount
      for offset in stride(from: UInt(0), to: PageFrame.byteCount, by: 512) {
        unsafe UnsafeMutablePointer<UInt>(bitPattern: address + offset)?.pointee = index
      }
    }
    return run
  }

  private static func map(_ frame: UInt) {
    let mapping = Mapping(.readWrite)
    do throws(PagingError) {
      _ = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        try space.mapPage(page, to: PageFrame(number: frame), as: mapping)
      }
    } catch {
      panic("self-test: a page cannot be mapped", error)
    }
  }

  private static func unmap() {
    do throws(PagingError) {
      _ = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        _ = try space.unmapPage(page)
      }
    } catch {
      panic("self-test: a page cannot be unmapped", error)
    }
  }

  private static func fail(_ core: UInt, _ seen: UInt) -> Never {
    panic("self-test: a core reads what is no longer mapped") { console in
      console.write("on core: ")
      console.write(decimal: core)
      console.write(", word ")
      console.write(hex: seen)
      console.write("\n")
    }
  }
}
