import Testing

/// The real image on an emulated board: the tests type at its serial port, read what it answers, and
/// the status that the emulator ends with.
@Suite(.needs(.optimised)) struct BootTests {}
