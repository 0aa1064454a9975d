/// A place in the source.
public struct SourceFrame: Equatable, Sendable {
  /// The function, demangled.
  public let function: String
  /// The file; empty where it is not known.
  public let file: String
  /// The line; 0 where it is not known.
  public let line: Int

  /// A place.
  public init(function: String, file: String, line: Int) {
    self.function = function
    self.file = file
    self.line = line
  }
}

/// A program of the toolchain's is not there.
public struct SymbolizerError: Error, Equatable, Sendable {
  /// One line that names it.
  public let message: String
}

/// Asks the toolchain's llvm-symbolizer what lies at an address, and swift-demangle what that is called.
public final class Symbolizer {
  private let program: HostProgram
  private var frames: [UInt: [SourceFrame]] = [:]
  private var demangled: [String: String] = [:]

  /// A symbolizer for the kernel at `path`.
  public init(elf path: String) throws(SymbolizerError) {
    do throws(HostProgram.Missing) {
      program = try HostProgram(
        "llvm-symbolizer",
        ["--obj=" + path, "--no-demangle", "--inlines", "--functions=linkage", "--relativenames"])
    } catch { throw Self.failure(error) }
  }

  /// The frames at `address`: the function there, with what was inlined into it first. Empty where
  /// nothing is known.
  public func frames(at address: UInt) throws(SymbolizerError) -> [SourceFrame] {
    if let known = frames[address] { return known }
    var raw: [(String, String)] = []
    do throws(HostProgram.Missing) {
      try program.send(line: "0x" + String(address, radix: 16))
      while let function = program.line(), !function.isEmpty {
        raw.append((function, program.line() ?? ""))
      }
    } catch { throw Self.failure(error) }
    try demangle(raw.map(\.0))
    let found = raw.filter { $0.0 != "??" }.map { frame in
      Self.frame(demangled[frame.0] ?? frame.0, place: frame.1)
    }
    frames[address] = found
    return found
  }

  private func demangle(_ names: [String]) throws(SymbolizerError) {
    let new = Array(Set(names.filter { $0.hasPrefix("$") && demangled[$0] == nil }))
    guard !new.isEmpty else { return }
    do throws(HostProgram.Missing) {
      let demangler = try HostProgram("swift-demangle", ["-compact", "-simplified"] + new)
      // What the optimiser did is left out, as in the kernel's own table.
      for name in new {
        demangled[name] = (demangler.line() ?? name).replacing("specialized ", with: "")
          .replacing("static ", with: "")
      }
    } catch { throw Self.failure(error) }
  }

  /// `file:line:column`, or question marks and zeros.
  private static func frame(_ function: String, place: String) -> SourceFrame {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count >= 3, let line = Int(parts[parts.count - 2]), line > 0 else {
      return SourceFrame(function: function, file: "", line: 0)
    }
    return SourceFrame(
      function: function, file: inPackage(parts.dropLast(2).joined(separator: ":")), line: line)
  }

  /// A path without what leads to the package: its sources are in three folders.
  private static func inPackage(_ path: String) -> String {
    for folder in ["/kernel/", "/boot/", "/asm/"] {
      if let range = path.ranges(of: folder).last {
        return String(path[range.lowerBound...].dropFirst())
      }
    }
    return path
  }

  private static func failure(_ error: HostProgram.Missing) -> SymbolizerError {
    SymbolizerError(message: "\(error.name) of the Swift toolchain is not in the search path")
  }
}
