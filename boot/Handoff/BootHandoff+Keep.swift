extension BootHandoff {
  /// Bytes that `moveTexts` needs.
  public var textByteCount: Int { (commandLine?.value.count ?? 0) + (model?.value.count ?? 0) }

  /// Copies the texts that the handoff points at, so that the firmware's memory is needed no more:
  /// the command line, with `options.run` as a part of it, and the model. Complaints that quote the
  /// command line have to be told before. O(n).
  ///
  /// - Precondition: `memory` has `textByteCount` bytes and stays as it is from now on.
  @unsafe public mutating func moveTexts(to memory: UnsafeMutableRawBufferPointer) {
    var used = 0
    if let old = commandLine {
      let copy = unsafe Bytes(copying: old.value, to: memory, at: &used)
      if let offset = options.run.offset(in: old.value),
        let moved = copy.slice(from: offset, count: options.run.count)
      {
        options.run = moved
      }
      commandLine = Sourced(copy, from: old.source)
    }
    if let old = model {
      model = unsafe Sourced(Bytes(copying: old.value, to: memory, at: &used), from: old.source)
    }
  }
}
