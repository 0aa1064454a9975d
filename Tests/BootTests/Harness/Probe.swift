/// A kernel of 74 words that says how it was entered:
///
/// ```
///   <   level   SCTLR & 5   DAIF   x0, three digits   a letter for each other core   >
/// ```
/// A digit is '0' plus four bits. It calls cores 1 to 3 through the spin table, one after the other; each says
/// a letter from a, a capital where it does not run at EL2. Then it ends the emulator with status 0. It writes to
/// the PL011 as it finds it, at 0x3f201000.
enum Probe {
  /// The image: header and code.
  static let image: [UInt8] = (header + code).flatMap { word in
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
  }

  /// The image with anything behind it.
  static func image(byteCount: Int) -> [UInt8] {
    image + (image.count..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
  }

  // b over the header; text_offset 0x200000; image_size 0x10000; little-endian, 4 KiB; "ARM\x64"
  private static let header: [UInt32] = [
    0x1400_0010, 0xd503_201f, 0x20_0000, 0, 0x1_0000, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x644d_5241, 0,
  ]

  private static let code: [UInt32] = [
    0xaa00_03f4, 0x5800_08f3, 0x5280_0780, 0x9400_003b, 0xd538_4241, 0xd342_fc20,
    0x9400_0036, 0xf100_203f, 0x5400_0060, 0xd538_1002, 0x1400_0002, 0xd53c_1002,
    0xd280_00a0, 0x8a00_0040, 0x9400_002e, 0xd53b_4220, 0xd346_fc00, 0x9400_002b,
    0xd348_fe80, 0x9400_0029, 0xd344_fe80, 0x9400_0027, 0xaa14_03e0, 0x9400_0025,
    0xd280_0035, 0x1000_0260, 0xd280_1b01, 0xf835_7820, 0xd503_3f9f, 0xd503_209f,
    0x1000_0481, 0xf940_0022, 0xeb15_005f, 0x54ff_ffc1, 0x9100_06b5, 0xf100_12bf,
    0x54ff_fea1, 0x5280_07c0, 0x9400_0018, 0xd280_0300, 0x1000_0381, 0xd45e_0000,
    0xd503_205f, 0x17ff_ffff, 0x5800_0393, 0xd538_4241, 0xd342_fc21, 0xd538_00a0,
    0x9240_0400, 0xaa00_03e5, 0x1101_8000, 0x5100_8006, 0xf100_083f, 0x1a86_0000,
    0x9400_0008, 0x1000_0161, 0xf900_0025, 0xd503_3f9f, 0xd503_205f, 0x17ff_ffff,
    0x1200_0c00, 0x1100_c000, 0xb940_1a63, 0x372f_ffe3, 0xb900_0260, 0xd65f_03c0,
    0x0000_0000, 0x0000_0000, 0x0002_0026, 0x0000_0000, 0x0000_0000, 0x0000_0000,
    0x3f20_1000, 0x0000_0000,
  ]
}
