import Replay
import Testing
import Transfer

@Suite struct TransferTests {
  @Test(arguments: [1, 511, 512, 513, 5000, 512 * 40])
  func everySize(byteCount: Int) {
    var bench = Bench(byteCount: byteCount, seed: 1)
    expectSuccess(&bench)
    #expect(bench.sender.resentCount == 0)
    #expect(bench.speedsSeen == [921_600])
    #expect(bench.sender.acknowledgedByteCount == byteCount)
  }

  /// At 921,600 baud the line, not the waiting, decides: 150 KB take less than 10 % more than on the line.
  @Test func theLineIsBusy() {
    var bench = Bench(byteCount: 150_000, seed: 2)
    let start = bench.now
    expectSuccess(&bench)
    let seconds = Double(bench.now - start) / 1e6
    let least = Double(bench.toBoard.byteCount) * 10 / 921_600
    #expect(seconds < least * 1.1 + 0.5, "\(seconds) s, \(least) s on the line")
  }

  @Test(arguments: UInt64(1)...40)
  func everyNoise(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var bench = Bench(byteCount: Int.random(in: 1...60_000, using: &random), seed: seed)
    func some() -> Int { [0, 10, 100, 300].randomElement(using: &random) ?? 0 }
    bench.toBoard.noise = Noise(
      dropped: some(), doubled: some(), flipped: some(), inserted: some())
    bench.toHost.noise = Noise(dropped: some(), doubled: some(), flipped: some(), inserted: some())
    bench.run(seconds: 600)
    // The last answer of all may be lost, and the sender's last question with it.
    let isWhole = bench.isWhole
    let isOver = bench.hasWorked || bench.receiverEnd == .silent
    #expect(isWhole && isOver, "seed \(seed): \(bench.ends)")
  }

  /// `count` bytes are lost after the first `place`, for every place in the first frames.
  @Test(arguments: [1, 30, 600])
  func cutAtEveryPlace(count: Int) {
    for place in Array(0..<60) + Array(stride(from: 60, to: 700, by: 11)) {
      if count == 600 && place < 30 { continue }  // that is every greeting for longer than patience
      var bench = Bench(byteCount: 1500, seed: 3, speeds: [])
      bench.run(until: { $0.toBoard.byteCount >= place })
      bench.toBoard.toLose = count
      expectSuccess(&bench, "\(count) bytes lost at \(place)")
    }
  }

  @Test(arguments: [1, 40])
  func answersCutAtEveryPlace(count: Int) {
    for place in 0..<120 {
      var bench = Bench(byteCount: 1500, seed: 4, speeds: [])
      bench.run(until: { $0.toHost.byteCount >= place })
      bench.toHost.toLose = count
      expectSuccess(&bench, "\(count) bytes lost at \(place)")
    }
  }

  /// Lets both ends come to an end, which must be a good one.
  private func expectSuccess(
    _ bench: inout Bench, _ words: String = "", _ location: SourceLocation = #_sourceLocation
  ) {
    bench.run()
    let (hasWorked, ends) = (bench.hasWorked, bench.ends)
    #expect(hasWorked, "\(words): \(ends)", sourceLocation: location)
  }

  @Test(arguments: [0, 100, 2000, 20_000])
  func theCableIsPulled(after byteCount: Int) {
    var bench = Bench(byteCount: 30_000, seed: 5)
    bench.run(until: { $0.toBoard.byteCount >= byteCount })
    bench.toBoard.isCut = true
    bench.toHost.isCut = true
    bench.run(seconds: 30)
    #expect(bench.receiverEnd == (byteCount == 0 ? nil : .silent))
    #expect(bench.senderEnd == (byteCount == 0 ? .noAnswer : .silent))
  }

  @Test func theCableIsPutBack() {
    var bench = Bench(byteCount: 100_000, seed: 6)
    for cut in 1...3 {
      bench.run(until: { $0.sender.acknowledgedByteCount > cut * 20_000 })
      bench.toBoard.isCut = true
      bench.toHost.isCut = true
      bench.run(seconds: 4)
      bench.toBoard.isCut = false
      bench.toHost.isCut = false
    }
    expectSuccess(&bench)
  }

  @Test func fasterRateIsRefused() {
    var bench = Bench(byteCount: 5000, seed: 7, speeds: [921_600, 460_800, 230_400])
    bench.boardSpeeds = [115_200]
    expectSuccess(&bench)
    #expect(bench.speedsSeen == [])
  }

  @Test func nextFasterRateIsTaken() {
    var bench = Bench(byteCount: 5000, seed: 8, speeds: [921_600, 460_800, 230_400])
    bench.deadSpeed = 921_600
    expectSuccess(&bench)
    #expect(bench.speedsSeen == [921_600, 115_200, 460_800])
  }

  /// The rate works at first, and then does not any more: both come back to the usual one.
  @Test func fasterRateDies() {
    var bench = Bench(byteCount: 100_000, seed: 9)
    bench.run(until: { $0.sender.acknowledgedByteCount > 40_000 })
    bench.deadSpeed = 921_600
    expectSuccess(&bench)
    #expect(bench.speedsSeen == [921_600, 115_200])
  }

  /// A rate that damages most frames is worse than a slow one.
  @Test func fasterRateIsNoisy() {
    var bench = Bench(byteCount: 100_000, seed: 10)
    bench.run(until: { $0.sender.acknowledgedByteCount > 10_000 })
    bench.toBoard.noise = Noise(flipped: 2500)
    bench.run(until: { $0.hostBaud == 115_200 })
    bench.toBoard.noise = .none
    expectSuccess(&bench)
    #expect(bench.speedsSeen == [921_600, 115_200])
  }

  @Test func noRoom() {
    var bench = Bench(byteCount: 5000, seed: 11)
    bench.refusesRoom = true
    bench.run()
    #expect(bench.senderEnd == .refused("no room"))
    #expect(bench.receiverEnd == .refused)
  }

  @Test func wrongImage() {
    var bench = Bench(byteCount: 5000, seed: 12)
    bench.refusesWhole = true
    bench.run()
    #expect(bench.senderEnd == .refused("no good"))
    #expect(bench.receiverEnd == .refused)
    let isWhole = bench.isWhole
    #expect(isWhole)
  }

  @Test func cancelled() {
    var bench = Bench(byteCount: 50_000, seed: 13)
    bench.run(until: { $0.sender.acknowledgedByteCount > 10_000 })
    bench.sender.cancel()
    bench.run(seconds: 1)
    #expect(bench.receiverEnd == .cancelled)
  }

  /// A sender that is started again finds what the board has already.
  @Test func resumed() {
    var bench = Bench(byteCount: 50_000, seed: 14, speeds: [])
    bench.run(until: { $0.sender.acknowledgedByteCount > 20_000 })
    bench.sender = TransferSender(image: bench.image, baud: 115_200, speeds: [])
    let before = bench.toBoard.byteCount
    expectSuccess(&bench)
    #expect(bench.toBoard.byteCount - before < 35_000)
  }

  @Test func anotherImageMidway() {
    var bench = Bench(byteCount: 50_000, seed: 15, speeds: [])
    bench.run(until: { $0.sender.acknowledgedByteCount > 20_000 })
    let other = Bench(byteCount: 9000, seed: 16)
    bench.sender = TransferSender(image: other.image, baud: 115_200, speeds: [])
    bench.run()
    let hasArrived = bench.received == other.image
    #expect(bench.receiverEnd == .start && hasArrived)
  }

  @Test func controlC() {
    var receiver = TransferReceiver(baud: 115_200)
    #expect(receiver.receive(0x41, now: 0) == .nothing)
    #expect(receiver.receive(3, now: 0) == .ended(.stopped))
    #expect(receiver.isSilent, "a person at a terminal sees no frame")
  }

  /// While an image comes, one ctrl-C may be noise.
  @Test func controlCMidway() {
    var bench = Bench(byteCount: 50_000, seed: 17, speeds: [])
    bench.run(until: { $0.sender.acknowledgedByteCount > 20_000 })
    var receiver = bench.receiver
    _ = receiver.receive(FrameForm.flag, now: bench.now / 1000)
    #expect(receiver.receive(3, now: bench.now / 1000) == .nothing)
    #expect(receiver.receive(3, now: bench.now / 1000) == .ended(.stopped))
  }
}
