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
  /// A core to send into an endless loop, as a firmware that has lost it would.
  var lostCore: UInt32?

  /// The instructions, for any address.
  var code: [UInt8] {
    let jump: [UInt32] = level == 2 ? [0xd61f_0020] : enterLevel1  // br x1
    return loseCore(before: load(0, x0) + load(1, imageAddress) + jump).flatMap { word in
      [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }

  /// Writes the address of a loop behind `code` into the spin table's slot of `lostCore`, at 0xd8 + 8 n.
  private func loseCore(before code: [UInt32]) -> [UInt32] {
    guard let core = lostCore else { return code }
    let distance = UInt32(code.count + 4)
    return [
      0xd280_0002 | (0xd8 + 8 * core) << 5,  // mov x2, #slot
      0x1000_0003 | distance << 5,  // adr x3, the loop
      0xf900_0043,  // str x3, [x2]
      0xd503_3f9f, 0xd503_209f,  // dsb sy; sev
    ] + code + [0xd503_205f, 0x17ff_ffff]  // wfe; b to it
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
