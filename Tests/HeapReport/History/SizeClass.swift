import Record

/// The doubling that a request's size falls into. A trace does not say who asked, so its requests are told
/// apart by size: each class takes the place of a caller.
struct SizeClass {
  /// 0 for 0 bytes, 1 for 1, 2 for 2, 3 for 3 and 4, 4 for 5 to 8, and so on up to 33.
  let number: Int

  init(_ byteCount: Int) {
    number = byteCount < 2 ? byteCount : Int.bitWidth - (byteCount - 1).leadingZeroBitCount + 1
  }

  /// A chain of one caller, whose address is the class's number and one more.
  var chain: CallerChain {
    var chain = CallerChain()
    chain.append(UInt(number + 1))
    return chain
  }

  /// The sizes in words.
  var name: String {
    switch number {
    case 0...2: "\(number) bytes"
    default: "\(1 << (number - 2) + 1) to \(1 << (number - 1)) bytes"
    }
  }

  /// The names of all classes.
  static var names: CallerNames {
    var names: [UInt: CallerName] = [:]
    for number in 0...64 - 29 {
      var byteCount = number
      if number > 2 { byteCount = 1 << (number - 1) }
      names[UInt(number + 1)] = CallerName(function: SizeClass(byteCount).name)
    }
    return CallerNames(names, module: "trace")
  }
}
