import Testing

// The machine as someone at the monitor's prompt uses it.
extension Machine {
  /// What the monitor writes when it waits.
  static var prompt: String { "roost> " }

  /// Waits until the boot is over.
  ///
  /// - Returns: what it said.
  @discardableResult
  func boots(_ location: SourceLocation = #_sourceLocation) async throws -> String {
    try await expect(Self.prompt, location)
  }

  /// Enters `command` and waits for the next prompt.
  ///
  /// - Returns: the lines between.
  @discardableResult
  func ask(
    _ command: String, says lines: String..., at location: SourceLocation = #_sourceLocation
  ) async throws -> String {
    type(command + "\r")
    try await expect("\n", location)  // the end of the echo
    let answer = try await expect(Self.prompt, location)
    for line in lines { expectText(line, in: answer, location) }
    return answer
  }

  /// The number that `command` tells behind `key: `.
  func number(
    _ key: String, of command: String, _ location: SourceLocation = #_sourceLocation
  ) async throws -> Int {
    let answer = try await ask(command, at: location)
    return try #require(answer.number(key), "\(output)", sourceLocation: location)
  }

  /// Waits for the end of the emulator, which must be with `status`.
  func ends(
    with status: Int32, _ location: SourceLocation = #_sourceLocation
  ) async throws {
    let found = try await exitStatus(location)
    #expect(found == status, "\(output)", sourceLocation: location)
  }

  /// Fails, and shows all that the machine wrote, when `text` is not in `answer`.
  func expectText(
    _ text: String, in answer: String, _ location: SourceLocation = #_sourceLocation
  ) {
    let isThere = answer.contains(text)
    #expect(isThere, "no \"\(text)\" in:\n\(output)", sourceLocation: location)
  }
}
