import Base
import CShims

/// Which kernel this is.
enum Version {
  /// As in CHANGELOG.md.
  static var number: StaticString { "0.1.0" }

  /// The build ID: the first eight bytes of a hash over the linked kernel, which any change of code or source
  /// lines changes. From the note that the linker wrote.
  static var identity: UInt64 {
    guard let note = unsafe UnsafeRawPointer(bitPattern: build_id_note()) else { return 0 }
    return unsafe UInt64(bigEndian: note.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
  }

  /// Writes which build it is, so that nobody looks a report's addresses up in another.
  static func writeIdentity(to console: some TextSink) {
    console.write("build ID: ")
    console.write(hex: UInt(identity), digits: 16)
    console.write("\n")
  }

  #if DEBUG
    /// How it was compiled.
    static var build: StaticString { "unoptimised" }
  #else
    /// How it was compiled.
    static var build: StaticString { "optimised" }
  #endif
}
