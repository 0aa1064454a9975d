import Base

/// The bytes between a payload's end and its guard page.
extension GuardedAllocations {
  private static var canary: UInt8 { 0xc5 }

  func fillCanary<Maintenance>(
    _ bytes: Range<UInt>, in space: borrowing AddressSpace<Frames, Maintenance>
  ) {
    guard let memory = unsafe accessible(bytes, in: space) else { return }
    for offset in 0..<memory.count { unsafe memory[offset] = Self.canary }
  }

  /// The first address of `bytes` whose canary was overwritten.
  func overwritten<Maintenance>(
    _ bytes: Range<UInt>, in space: borrowing AddressSpace<Frames, Maintenance>
  ) -> UInt? {
    guard let memory = unsafe accessible(bytes, in: space) else { return nil }
    for offset in 0..<memory.count where unsafe memory[offset] != Self.canary {
      return bytes.lowerBound + UInt(offset)
    }
    return nil
  }

  /// Where `bytes`, which lie in one page, can be reached whatever the map says.
  private func accessible<Maintenance>(
    _ bytes: Range<UInt>, in space: borrowing AddressSpace<Frames, Maintenance>
  ) -> UnsafeMutableRawBufferPointer? {
    guard !bytes.isEmpty,
      let translation = space.translate(VirtualAddress(bytes.lowerBound))
    else { return nil }
    let frame = PageFrame(containing: translation.physical)
    let offset = Int(bytes.lowerBound % Self.page)
    return unsafe UnsafeMutableRawBufferPointer(
      start: frames.accessibleAddress(of: frame) + offset, count: bytes.count)
  }
}
