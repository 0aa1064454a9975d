import Assembly
import Base
import Heaps
import Monitor

extension Command<KernelEnvironment> {
  /// Every command of the kernel: the monitor's, and those that need the board.
  static var ofTheKernel: [Command] {
    all + [
      selfTest, bench, bound, cost, growth, slack, interrupts, uptime, cores, locks, stress, fail,
      misuse,
    ]
  }

  /// Grows the heap with Swift's own types, or to all of memory.
  static var growth: Command {
    Command("growth", "[STRINGS|fill]", "prove that the heap grows and gives all memory back") {
      call throws(CommandError) in
      let isFill = call.word(0).map { $0 == "fill" } ?? false
      let strings = isFill ? 0 : try call.number(0, or: UInt(GrowthCheck.defaultStringCount))
      guard isFill || (10...1_000_000).contains(strings) else {
        throw .wrong(0, "is not between 10 and 1000000")
      }
      let failure =
        isFill ? GrowthCheck.fill() : GrowthCheck.growWithSwift(stringCount: Int(strings))
      if let failure { throw .failed(failure) }
      call.output.write("growth: passed\n")
    }
  }

  /// Gives the free end of the heap window back.
  static var slack: Command {
    Command("slack", "give what is free at the end of the heap window back") { call in
      KernelHeap.giveBackSlack()
      if let window = call.environment.heapWindow {
        call.output.field("window claimed", bytes: window.claimedByteCount)
      }
    }
  }

  /// Runs the tests that only the board can run.
  static var selfTest: Command {
    Command("selftest", "prove the memory routines and Swift's types on this board") {
      call throws(CommandError) in
      let size = MemoryRoutineCheck.byteCount
      guard let memory = unsafe KernelHeap.allocate(byteCount: size, alignment: 64) else {
        throw .failedFor("out of memory", byteCount: UInt(size))
      }
      let failure = unsafe MemoryRoutineCheck(memory: memory).run()
      do throws(HeapFault) {
        unsafe try KernelHeap.deallocate(memory)
      } catch {
        throw .failedAt(error.kind.words, address: error.address)
      }
      if let failure { throw .failed(failure) }
      call.output.write("self-test memory routines: passed\n")
      try proveKmalloc()
      call.output.write("self-test kmalloc: passed\n")
      RuntimeCheck.proveMemoryReturns()
      SharingCheck.prove()
      TranslationCheck.prove()
    }
  }
}

/// The heap under its C names: nothing is given for what cannot be, a distinct payload for 0 bytes, and all
/// comes back.
private func proveKmalloc() throws(CommandError) {
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
