import Base
import Memory

extension Command {
  /// Shows what a virtual address translates to.
  static var translate: Command {
    Command("translate", "ADDRESS", "what a virtual address translates to") {
      call throws(CommandError) in
      let address = VirtualAddress(pointer: try call.number(0))
      let report = call.environment.translation(of: address)
      guard let translation = report.translation else {
        throw .failedAt(report.note ?? "not mapped", address: address.rawValue)
      }
      call.output.field("virtual", hex: address.rawValue)
      call.output.field("physical", hex: translation.physical.rawValue)
      call.output.field("permissions", translation.mapping.permissions.description)
      call.output.field("kind", translation.mapping.kind.description)
      call.output.field("purpose", translation.mapping.purpose.description)
      call.output.field("mapped by", bytes: translation.leafByteCount)
      if let run = report.run { call.output.writeRun(run) }
      if let note = report.note { call.output.field("note", note) }
    }
  }
}

extension TextSink {
  /// Writes the map: a line for each run of equal mapping, `end` being the first address after it.
  func writeMap<Environment: MonitorEnvironment>(of environment: Environment) {
    let statistics = environment.mapStatistics
    field("promised", count: statistics.reservedCount)
    field("tables", count: statistics.tableCount)
    write("virtual             end                 physical         bytes  may  kind")
    write("                purpose\n")
    environment.forEachMapping { run in
      write(hex: run.range.start.rawValue, digits: 16)
      write("  ", hex: run.range.start.rawValue &+ run.range.byteCount, digits: 16)
      if run.isScattered {
        write("  scattered ")
      } else {
        write("  ", hex: run.physical.rawValue, digits: 8)
      }
      write(decimal: run.range.byteCount, width: 12)
      write("  ")
      write(run.mapping.permissions.letters, width: 3)
      write("  ")
      write(run.mapping.kind.description, width: 18)
      write("  ")
      write(run.mapping.purpose.description)
      write("\n")
    }
  }

  /// Writes the run that an address belongs to.
  fileprivate func writeRun(_ run: MappedRun) {
    field("run start", hex: run.range.start.rawValue)
    field("run end", hex: run.range.start.rawValue &+ run.range.byteCount)
    if run.isScattered {
      field("run physical", "scattered")
    } else {
      field("run physical", hex: run.physical.rawValue)
    }
  }

  private func write(_ words: StaticString, hex number: UInt, digits: Int) {
    write(words)
    write(hex: number, digits: digits)
  }
}

extension Permissions {
  /// The permissions in words.
  var description: StaticString {
    switch self {
    case .readOnly: "read"
    case .readWrite: "read, write"
    case .readExecute: "read, execute"
    }
  }

  /// The permissions as in a listing of files.
  var letters: StaticString {
    switch self {
    case .readOnly: "r--"
    case .readWrite: "rw-"
    case .readExecute: "r-x"
    }
  }
}

extension MemoryKind {
  /// The kind in words.
  var description: StaticString {
    switch self {
    case .normalWriteBack: "normal write-back"
    case .deviceNGnRE: "device nGnRE"
    case .normalNonCacheable: "normal uncached"
    }
  }
}
