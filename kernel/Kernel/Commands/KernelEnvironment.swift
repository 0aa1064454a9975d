import CShims
import Base
import Devices
import Handoff
import Heaps
import Memory
import Monitor
import Sync

/// The kernel as the monitor sees it.
struct KernelEnvironment: MonitorEnvironment {
  var output: BufferedConsole { Console.buffered }

  var identity: SystemIdentity {
    SystemIdentity(
      version: Version.number, build: Version.build, buildID: Version.identity,
      board: (try? Console.mailbox.boardRevision()).map { BoardRevision(code: $0) },
      firmware: try? Console.mailbox.firmwareRevision())
  }

  var earlyHeap: EarlyHeapReport {
    let range = unsafe KernelState.handoff?.earlyHeap.value ?? .none
    let statistics = KernelState.withEarlyHeap { $0.statistics } ?? HeapStatistics()
    return EarlyHeapReport(
      start: range.start, byteCount: UInt(statistics.capacityBytes),
      usedBytes: UInt(statistics.usedBytes), peakBytes: UInt(statistics.peakUsedBytes),
      freeCount: UInt(statistics.deallocationCount))
  }

  var heap: HeapReport {
    let range = KernelHeap.range ?? .none
    return HeapReport(
      allocator: KernelHeap.name, start: range.start,
      byteCount: range.byteCount, statistics: KernelHeap.statistics ?? HeapStatistics())
  }

  func forEachHeapSegment(_ body: (HeapSegmentReport) -> Void) {
    KernelHeap.forEachSegment { segment in
      body(
        HeapSegmentReport(
          payload: VirtualAddress(segment.payload), byteCount: UInt(segment.byteCount),
          state: segment.isFree ? .free : state(ofUsed: segment.payload)))
    }
  }

  private func state(ofUsed payload: UInt) -> HeapSegmentReport.State {
    guard KernelHeap.isLive(payload) else { return .quarantined }
    return .used(PromptAllocations.owner(of: payload))
  }

  func forEachMapping(_ body: (MappedRun) -> Void) { KernelAddressSpace.forEachRun(body) }

  func translation(of address: VirtualAddress) -> AddressReport {
    guard let translation = KernelAddressSpace.translate(address) else {
      return AddressReport(translation: nil, note: note(on: address))
    }
    return AddressReport(translation: translation, run: KernelAddressSpace.run(holding: address))
  }

  private func note(on address: VirtualAddress) -> StaticString? {
    switch KernelHeap.classify(address) {
    case .guardBelow: "not mapped: guard page below the heap window"
    case .guardAbove: "not mapped: guard page above the heap window"
    case .uncommitted: "not mapped: in the heap window, not claimed"
    case .committed: "not mapped: claimed by the heap, not touched yet"
    case .mapped, .outOfFrames, .outside: nil
    }
  }

  var mapStatistics: MapReport {
    MapReport(
      tableCount: UInt(KernelAddressSpace.tableCount),
      reservedCount: Locks.pages.withLock { unsafe KernelState.pages?.reservedForCommit ?? 0 })
  }

  var heapWindow: HeapWindowReport? { KernelHeap.windowReport }

  func allocate(byteCount: UInt, alignment: UInt) -> VirtualAddress? {
    guard let byteCount = Int(exactly: byteCount), let alignment = Int(exactly: alignment),
      let payload = unsafe KernelHeap.allocate(
        byteCount: byteCount, alignment: alignment, caller: code_address())
    else { return nil }
    PromptAllocations.add(UInt(bitPattern: payload))
    return VirtualAddress(UInt(bitPattern: payload))
  }

  func owner(ofPayload address: VirtualAddress) -> PayloadOwner? {
    let payload = address.handedOut
    return KernelHeap.isLive(payload) ? PromptAllocations.owner(of: payload) : nil
  }

  func free(_ address: VirtualAddress) throws(HeapFault) {
    unsafe try KernelHeap.deallocate(
      UnsafeMutableRawPointer(bitPattern: address.handedOut), caller: code_address())
    PromptAllocations.remove(address.handedOut)
  }

  func panic(_ kind: PanicKind) throws(CommandError) { try PanicInjection.inject(kind) }

  func reboot() {
    Cores.stopOthers()
    Console.port.flush()
    unsafe Board.current.power(on: MemoryMappedBus()).reboot()
    halt_core()
  }

  func halt() {
    if unsafe !Shutdown.exitsThroughSemihosting {
      output.write("(in QEMU, ctrl-A X ends it, too)\n")
    }
    Shutdown.stop(.halted)
  }
}

// MARK: - Pages

extension KernelEnvironment {
  func forEachPageState(_ body: (PageStateReport) -> Void) {
    report(.free, body)
    for reason in PageReservation.allCases { report(.reserved(reason), body) }
    for use in PageUse.allCases { report(.allocated(use), body) }
  }

  /// Tells how many pages are in `state`, unless none is; free ones always.
  private func report(_ state: PageState, _ body: (PageStateReport) -> Void) {
    let count = Locks.pages.withLock { unsafe KernelState.pages?.frameCount(in: state) ?? 0 }
    guard count > 0 || state == .free else { return }
    body(PageStateReport(state: state.description, count: count))
  }

  func forEachPageRun(_ body: (PageRunReport) -> Void) {
    KernelState.forEachPageRun { run in
      body(
        PageRunReport(
          first: run.frames.lowerBound, count: run.frames.frameCount,
          state: run.state?.description ?? "record overwritten"))
    }
  }
}

// MARK: - Checks

extension KernelEnvironment {
  func forEachCheck(_ body: (CheckReport) -> Void) {
    body(checkPages())
    body(checkMap())
    body(
      check("early heap") { () throws(HeapFault) in
        _ = try KernelState.withEarlyHeap { (heap) throws(HeapFault) in try heap.check() }
      })
    body(check("heap") { () throws(HeapFault) in try KernelHeap.check() })
  }

  private func checkMap() -> CheckReport {
    do throws(PageTableFault) {
      try KernelAddressSpace.check()
      return CheckReport(part: "map", breach: nil)
    } catch {
      return CheckReport(
        part: "map", breach: .init(error.kind.description, address: error.address.rawValue))
    }
  }

  private func checkPages() -> CheckReport {
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in
        unsafe try KernelState.pages?.check()
      }
      return CheckReport(part: "pages", breach: nil)
    } catch {
      return CheckReport(
        part: "pages",
        breach: .init(error.kind.description, address: error.frame.start.rawValue))
    }
  }

  private func check(
    _ part: StaticString, _ prove: () throws(HeapFault) -> Void
  ) -> CheckReport {
    do throws(HeapFault) {
      try prove()
      return CheckReport(part: part, breach: nil)
    } catch {
      return CheckReport(part: part, breach: .init(error.kind.description, address: error.address))
    }
  }
}
