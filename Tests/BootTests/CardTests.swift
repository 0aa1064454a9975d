import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// `make sdcard`: what goes onto a card for all boards, and what is said when files are missing.
  @Suite(
    .enabled(
      if: ["mformat", "mdir"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0)
      }, "card tests left out: mtools missing; apt-get install mtools"))
  struct Card {
    private static let three = ["bootcode.bin", "start.elf", "fixup.dat"]
    private static let four = ["start4.elf", "fixup4.dat"]
    private static let trees3 = [
      "bcm2710-rpi-3-b.dtb", "bcm2710-rpi-zero-2-w.dtb", "bcm2710-rpi-cm3.dtb",
    ]
    private static let trees4 = ["bcm2711-rpi-4-b.dtb"]

    private struct Outcome {
      let status: Int32?
      let output: String
      /// The names on the card; nil where none was made.
      let files: Set<String>?
    }

    /// Makes an image from a firmware folder that holds `firmware`, and a card's folder that holds `files`.
    private func make(_ firmware: [String], files: [String] = ["kernel8.img"]) throws -> Outcome {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "a card \(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: folder) }
      for (part, names) in [("firmware", firmware), ("files", files)] {
        for name in names {
          let file = folder.appending(path: part).appending(path: name)
          try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
          try Data("x".utf8).write(to: file)
        }
      }
      let image = folder.appending(path: "card.img").path
      let script = Image.package.appending(path: "boot/sdcard/make-image.sh").path
      let (status, output) = try Child.run(
        script,
        [folder.appending(path: "firmware").path, folder.appending(path: "files").path, image])
      guard status == 0 else { return Outcome(status: status, output: output, files: nil) }
      let listing = try Child.run("/usr/bin/mdir", ["-/", "-b", "-i", image + "@@1M", "::"]).output
      let names = listing.split(separator: "\n").map { String($0.dropFirst(3)).lowercased() }
      return Outcome(status: status, output: output, files: Set(names))
    }

    @Test func oneCardForAllBoards() throws {
      let firmware = Self.three + Self.four + Self.trees3 + Self.trees4
      let overlay = ["overlays/disable-bt.dtbo"]
      let card = try make(
        firmware + overlay + ["start_x.elf"], files: ["kernel8.img", "config.txt"])
      #expect(card.status == 0, "\(card.output)")
      let expected = firmware + overlay + ["kernel8.img", "config.txt"]
      #expect(card.files.map { $0.filter { !$0.hasSuffix("/") } } == Set(expected), "\(card)")
      #expect(card.output.count(of: "roost: ") == 1, "\(card.output)")
    }

    /// A family without its files is left out, and told.
    @Test func oneFamily() throws {
      let card = try make(Self.three + Self.trees3)
      #expect(card.status == 0)
      #expect(card.output.contains("without Pi 4: "), "\(card.output)")
      #expect(card.output.contains("is missing start4.elf fixup4.dat bcm2711-*.dtb"))
      let other = try make(Self.four + Self.trees4)
      #expect(other.output.contains("without Pi 3 and Zero 2 W: "), "\(other.output)")
      #expect(other.files?.contains("start4.elf") == true)
    }

    @Test func commandLine() throws {
      let firmware = Self.three + Self.trees3 + ["cmdline.txt"]
      #expect(try make(firmware).files?.contains("cmdline.txt") == true)
      let card = try make(firmware, files: ["kernel8.img", "cmdline.txt"])
      #expect(card.output.contains("APPEND is on the card"), "\(card.output)")
    }

    /// Debian 12's package of 2022 has no device trees.
    @Test func tooOld() throws {
      for firmware in [Self.three, Self.four, Self.three + Self.four] {
        let card = try make(firmware)
        #expect(card.status == 1)
        #expect(card.output.contains("holds no device trees"), "\(card.output)")
        #expect(card.output.contains("github.com/raspberrypi/firmware"), "\(card.output)")
      }
    }

    @Test func nothingUseful() throws {
      let card = try make(Self.trees3 + ["start4.elf"])
      #expect(card.status == 1)
      #expect(card.output.contains("bootcode.bin start.elf fixup.dat"), "\(card.output)")
      #expect(card.output.contains("fixup4.dat bcm2711-*.dtb"), "\(card.output)")
    }
  }
}
