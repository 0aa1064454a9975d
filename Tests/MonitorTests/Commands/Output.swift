import Monitor

/// What `line` prints, with the prompt that follows taken off.
func output(of line: String, on kernel: FakeKernel = FakeKernel()) -> String {
  var monitor = Monitor(kernel)
  for byte in (line + "\r").utf8 { monitor.receive(byte) }
  let echo = line + "\n"
  let text = kernel.output.text
  guard text.hasPrefix(echo), text.hasSuffix("roost> ") else { return "no prompt: " + text }
  return String(text.dropFirst(echo.count).dropLast("roost> ".count))
}
