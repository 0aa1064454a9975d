public import Replay

extension HeapHistory {
  /// The steps as a trace without places. What was there before the first step is left out.
  public func trace() throws(TraceError.Kind) -> Trace {
    var builder = TraceBuilder(operationCapacity: steps.count)
    var identifiers: [Int: Int] = [:]
    for step in steps {
      switch step {
      case .allocate(let life):
        let identifier = builder.addIdentifier()
        identifiers[lives[life].payload] = identifier
        try builder.allocate(identifier, byteCount: lives[life].requestedByteCount)
      case .reallocate(_, let new):
        guard let identifier = identifiers[lives[new].payload] else { continue }
        try builder.reallocate(identifier, byteCount: lives[new].requestedByteCount)
      case .free(let life):
        guard let identifier = identifiers.removeValue(forKey: lives[life].payload) else {
          continue
        }
        try builder.free(identifier)
      case .nothing: builder.freeNil()
      case .refuse: continue
      }
    }
    return builder.trace
  }
}

extension Trace {
  /// The trace as the text of a `.rep` file.
  public func repText() -> [UInt8] {
    var bytes: [UInt8] = []
    write { bytes.append($0) }
    return bytes
  }
}
