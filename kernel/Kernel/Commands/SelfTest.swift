import CShims
import Base
import Heaps
import Monitor

extension Command<KernelEnvironment> {
  /// Every command of the kernel: the monitor's, and those that need the board.
  static var ofTheKernel: [Command] {
    all + [
      selfTest, bench, worst, cost, growth, trim, interrupts, uptime, cores, locks, stress, fail,
      inject, hardware, load, trace, leaks, top, replay, map,
    ] + Background.commands
  }

  /// Grows the heap with Swift's own types, or to all of memory.
  static var growth: Command {
    Command("growth", "[STRINGS|fill]", "verify that the heap grows and gives all memory back") {
      call throws(CommandError) in
      let isFill = call.word(0).map { $0 == "fill" } ?? false
      let strings = isFill ? 0 : try call.number(0, or: UInt(GrowthCheck.defaultStringCount))
      guard isFill || (10...1_000_000).contains(strings) else {
        throw .wrong(0, "is not between 10 and 1000000")
      }
      guard unsafe KernelHeap.window != nil else {
        throw .failed("this heap has no window to grow into")
      }
      let failure =
        isFill ? GrowthCheck.fill() : GrowthCheck.growWithSwift(stringCount: Int(strings))
      if let failure { throw .failed(failure) }
      call.output.write("growth: passed\n")
    }
  }

  /// Gives the free end of the heap window back.
  static var trim: Command {
    Command("trim", alias: "slack", "give what is free at the end of the heap window back") {
      call in
      KernelHeap.trim()
      if let window = call.environment.heapWindow {
        call.output.field("window claimed", bytes: window.committedByteCount)
      }
    }
  }

  /// Runs the tests that only the board can run.
  static var selfTest: Command {
    Command("selftest", "verify the memory routines and Swift's types on this board") {
      call throws(CommandError) in
      let size = MemoryRoutineCheck.byteCount
      guard let memory = unsafe KernelHeap.allocate(byteCount: size, alignment: 64) else {
        throw .failedFor("out of memory", byteCount: UInt(size))
      }
      let failure = unsafe MemoryRoutineCheck(memory: memory).run()
      do throws(HeapFault) {
        unsafe try KernelHeap.deallocate(memory)
      } catch {
        throw .failedAt(error.kind.description, address: error.address)
      }
      if let failure { throw .failed(failure) }
      call.output.write("self-test memory routines: passed\n")
      try verifyKmalloc()
      call.output.write("self-test kmalloc: passed\n")
      RuntimeCheck.verifyMemoryReturns()
      SharingCheck.verify()
      TranslationCheck.verify()
    }
  }
}

/// The heap under its C names: nothing is given for what cannot be, a distinct payload for 0 bytes, and all
/// comes back.
private func verifyKmalloc() throws(CommandError) {
  let before = KernelHeap.statistics?.usedBytes
  kfree(nil)
  let small = unsafe kmalloc(0)
  let other = unsafe kmalloc(0)
  let large = unsafe kmalloc(1000)
  let isWhole = unsafe small != nil && other != nil && large != nil
  let refuses = unsafe kmalloc(Int.max) == nil && kmalloc(-1) == nil
  let isRight =
    unsafe small != other && UInt(bitPattern: small) % 16 == 0 && UInt(bitPattern: large) % 16 == 0
  unsafe kfree(small)
  unsafe kfree(other)
  unsafe kfree(large)
  guard isWhole else { throw .failedFor("out of memory", byteCount: 1000) }
  guard refuses, isRight, KernelHeap.statistics?.usedBytes == before || !KernelHeap.reusesMemory
  else {
    throw .failed("kmalloc is wrong")
  }
}
