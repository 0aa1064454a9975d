import Foundation

/// How a machine is started.
struct Boot {
  var image = Image.optimised
  var board = EmulatedBoard.usual
  /// The only processor of the host that the emulator may use; nil for any.
  var hostProcessor: Int?
  /// The kernel command line.
  var commandLine: String?
  /// A device tree to pass instead of ATAGs; QEMU checks it, and fills memory and command line in.
  var deviceTree: [UInt8]?
  /// A file to leave in memory.
  var initrd: [UInt8]?
  /// What QEMU would not leave of its own accord: see `Entry`.
  var entry: Entry?
  /// The stub that starts the image, in EL3 on four cores; nil for QEMU's own loader, which does it its own way.
  /// `deviceTree` is left as it is then.
  var stub: Image?
  /// What the serial port is connected with: this program, or `pty` for a terminal that QEMU makes.
  var serial = "stdio"
  /// True for a test that looks at the display: `Machine.picture`.
  var hasControl = false
  /// Further flags of QEMU's.
  var flags: [String] = []

  /// `image` with `commandLine`, and whatever ends the machine ends QEMU with a status.
  static func ending(_ image: Image = .optimised, commandLine: String = "") -> Boot {
    Boot(
      image: image, commandLine: "exit=semihosting " + commandLine, flags: ["-semihosting"])
  }
}

extension Boot {
  /// The emulator's arguments; the files that they name are written to `folder`.
  func arguments(folder: URL) throws -> [String] {
    func file(_ name: String, _ content: [UInt8]) throws -> String {
      let url = folder.appending(path: name)
      try Data(content).write(to: url)
      return url.path
    }
    func load(_ path: String, at address: UInt64) -> [String] {
      ["-device", "loader,file=\(path),addr=\(address),force-raw=on"]
    }
    var list = ["-M", board.rawValue, "-display", "none", "-serial", serial, "-no-reboot"] + flags
    if hasControl {
      list += ["-qmp", "unix:\(folder.appending(path: "control").path),server=on,wait=off"]
    }
    if let stub {
      list += load(stub.path, at: 0) + load(image.path, at: 0x20_0000)
      return list + load(try file("tree.dtb", deviceTree ?? []), at: 0x2eff_8900)
    }
    if let commandLine { list += ["-append", commandLine] }
    if let deviceTree { list += ["-dtb", try file("tree.dtb", deviceTree)] }
    if let initrd { list += ["-initrd", try file("initrd", initrd)] }
    guard let entry else { return list + ["-kernel", image.path] }
    list += ["-kernel", try file("entry.bin", entry.code)]
    list += load(image.path, at: entry.imageAddress)
    return entry.blob.isEmpty ? list : list + load(try file("blob", entry.blob), at: entry.x0)
  }
}
