import CShims
import Numbers

// What compiled code calls for numbers, by the names of C's library and the compiler's (libgcc's integer routines):
// the toolchain has neither for this target. The work is done in kernel/Numbers, which is tested on the host.

private func pair(_ value: UInt128) -> word_pair {
  word_pair(low: UInt64(truncatingIfNeeded: value), high: UInt64(truncatingIfNeeded: value >> 64))
}

private func wide(_ low: UInt64, _ high: UInt64) -> UInt128 {
  UInt128(high) << 64 | UInt128(low)
}

private func signed(_ low: UInt64, _ high: UInt64) -> Int128 {
  Int128(truncatingIfNeeded: wide(low, high))
}

@c(__udivti3)
func divideUnsigned(_ a: UInt64, _ aHigh: UInt64, _ b: UInt64, _ bHigh: UInt64) -> word_pair {
  pair(dividing(wide(a, aHigh), by: wide(b, bHigh)).quotient)
}

@c(__umodti3)
func remainderUnsigned(_ a: UInt64, _ aHigh: UInt64, _ b: UInt64, _ bHigh: UInt64) -> word_pair {
  pair(dividing(wide(a, aHigh), by: wide(b, bHigh)).remainder)
}

@c(__divti3)
func divideSigned(_ a: UInt64, _ aHigh: UInt64, _ b: UInt64, _ bHigh: UInt64) -> word_pair {
  pair(UInt128(truncatingIfNeeded: dividing(signed(a, aHigh), by: signed(b, bHigh)).quotient))
}

@c(__modti3)
func remainderSigned(_ a: UInt64, _ aHigh: UInt64, _ b: UInt64, _ bHigh: UInt64) -> word_pair {
  pair(UInt128(truncatingIfNeeded: dividing(signed(a, aHigh), by: signed(b, bHigh)).remainder))
}

@c(fmod)
func fmodOfDoubles(_ x: Double, _ y: Double) -> Double { truncatingRemainder(x, by: y) }

/// Exact as that of doubles: a remainder of two floats is one.
@c(fmodf)
func fmodOfFloats(_ x: Float, _ y: Float) -> Float {
  Float(truncatingRemainder(Double(x), by: Double(y)))
}

@c(remainder)
func remainderOfDoubles(_ x: Double, _ y: Double) -> Double { nearestRemainder(x, by: y) }

@c(remainderf)
func remainderOfFloats(_ x: Float, _ y: Float) -> Float {
  Float(nearestRemainder(Double(x), by: Double(y)))
}

/// `Double(_: String)`: reads the number at the start of a C string. Out: where it ends; nil when there is none.
@c(_swift_stdlib_strtod_clocale)
func readDouble(
  _ text: UnsafePointer<CChar>, _ result: UnsafeMutablePointer<Double>
) -> UnsafePointer<CChar>? {
  unsafe read(text, into: result) { $0.double }
}

/// `Float(_: String)`.
@c(_swift_stdlib_strtof_clocale)
func readFloat(
  _ text: UnsafePointer<CChar>, _ result: UnsafeMutablePointer<Float>
) -> UnsafePointer<CChar>? {
  unsafe read(text, into: result) { $0.float }
}

/// What both do, with the number in the one or the other form.
@unsafe private func read<Value>(
  _ text: UnsafePointer<CChar>, into result: UnsafeMutablePointer<Value>,
  _ value: (NumberText) -> Value
) -> UnsafePointer<CChar>? {
  let number = unsafe NumberText(CString(start: text))
  unsafe result.pointee = value(number)
  return unsafe number.byteCount > 0 ? text + number.byteCount : nil
}

/// Bytes up to a 0.
@safe private struct CString: NumberBytes {
  let start: UnsafePointer<CChar>
  subscript(index: Int) -> UInt8 { unsafe UInt8(bitPattern: start[index]) }
}
