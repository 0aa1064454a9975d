import Base

/// A command as it was typed: its arguments, and what it may use.
public struct CommandCall<Environment: MonitorEnvironment> {
  /// The kernel.
  public let environment: Environment
  /// The command that was found for the first word.
  public let command: Command<Environment>
  /// Every command that can be typed.
  let commands: [Command<Environment>]
  /// What was typed.
  let line: ShortText

  /// Where the command writes.
  public var output: Environment.Output { environment.output }

  /// The argument at `index`, counted from 0, or nil when it was not given.
  public func word(_ index: Int) -> ShortText? {
    line.word(at: index + 1)
  }

  /// The argument at `index` as a number, which has to be there.
  public func number(_ index: Int) throws(CommandError) -> UInt {
    guard let word = word(index) else { throw .missing(index) }
    return try number(word, index)
  }

  /// The argument at `index` as a number, or `defaultValue` when it was not given.
  public func number(_ index: Int, or defaultValue: UInt) throws(CommandError) -> UInt {
    guard let word = word(index) else { return defaultValue }
    return try number(word, index)
  }

  /// True when the argument at `index` is `literal`, false when it was not given; anything else is
  /// unexpected.
  public func option(_ index: Int, _ literal: StaticString) throws(CommandError) -> Bool {
    guard let word = word(index) else { return false }
    guard word == literal else { throw .unexpected(index) }
    return true
  }

  private func number(_ word: ShortText, _ index: Int) throws(CommandError) -> UInt {
    do throws(NumberError) {
      return try word.number()
    } catch {
      switch error {
      case .notANumber: throw .wrong(index, "is not a number")
      case .tooLarge: throw .wrong(index, "is too large")
      }
    }
  }

  /// Runs the command when there are as many arguments as its usage says.
  func perform() throws(CommandError) {
    var index = 0
    while let argument = command.argument(at: index) {
      if argument.isRequired && word(index) == nil { throw .missing(index) }
      index += 1
    }
    if word(index) != nil { throw .unexpected(index) }
    try command.action(self)
  }
}
