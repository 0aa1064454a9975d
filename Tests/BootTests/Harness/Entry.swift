/// An entry into the kernel as another firmware would make it: a few instructions, which QEMU starts
/// at EL2, set x0 and jump to the image.
struct Entry {
  /// Where the image is put.
  var imageAddress: UInt64 = 0x20_0000
  /// What x0 holds.
  var x0: UInt64 = 0
  /// What lies at x0; nothing is put there when this is empty.
  var blob: [UInt8] = []
  /// The exception level: 2 or 1.
  var level = 2

  /// The instructions, for any address.
  var code: [UInt8] {
    let jump: [UInt32] = level == 2 ? [0xd61f_0020] : enterLevel1  // br x1
    return (load(0, x0) + load(1, imageAddress) + jump).flatMap { word in
      [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }

  private var enterLevel1: [UInt32] {
    load(2, 1 << 31) + [0xd51c_1102]  // msr hcr_el2, x2: EL1 is AArch64
      + load(2, 0x3c5) + [0xd51c_4002]  // msr spsr_el2, x2: EL1h, all masked
      + [0xd51c_4021, 0xd69f_03e0]  // msr elr_el2, x1; eret
  }

  /// movz and three movk: the register's 64 bits.
  private func load(_ register: UInt32, _ value: UInt64) -> [UInt32] {
    (0..<4).map { part in
      let bits = UInt32(truncatingIfNeeded: value >> (16 * part) & 0xffff)
      return (part == 0 ? 0xd280_0000 : 0xf280_0000) | UInt32(part) << 21 | bits << 5 | register
    }
  }
}
