import Record

/// A function, and the line in it.
public struct CallerName: Equatable, Sendable {
  /// The function.
  public var function: String
  /// The file; empty where it is not known.
  public var file: String
  /// The line; 0 where it is not known.
  public var line: Int

  /// A name.
  public init(function: String, file: String = "", line: Int = 0) {
    self.function = function
    self.file = file
    self.line = line
  }
}

/// What return addresses are called.
public struct CallerNames: Sendable {
  private let names: [UInt: CallerName]
  /// What the callers are part of.
  public let module: String

  /// These names; an address without one is shown as a number.
  public init(_ names: [UInt: CallerName] = [:], module: String = "kernel8.elf") {
    self.names = names
    self.module = module
  }

  /// The name of the function that a call returns to.
  public func name(of address: UInt) -> CallerName {
    names[address] ?? CallerName(function: "0x" + Self.padded(address))
  }

  /// The name on one line.
  public func text(of address: UInt) -> String {
    let name = name(of: address)
    guard !name.file.isEmpty else { return name.function }
    let file = name.file.split(separator: "/").last.map(String.init) ?? name.file
    return "\(name.function) (\(file):\(name.line))"
  }

  private static func padded(_ address: UInt) -> String {
    let digits = String(address, radix: 16)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

extension CallerChain {
  /// The addresses, the innermost first.
  var addresses: [UInt] { (0..<count).map { self[$0] } }
}
