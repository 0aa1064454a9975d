// Counts the lines, words and bytes of the file that came with the kernel, as `wc` does, on all cores at once, and
// shows the most frequent words:
//
//     make qemu PROGRAM=examples/wordcount INITRD=README.md

import Kernel

/// What is counted of a part of the file.
final class Tally: @unchecked Sendable {
  var lines = 0
  var words: [String: Int] = [:]
  var wordCount = 0

  func count(_ file: BootFile, _ range: Range<Int>) {
    var word = ""
    for byte in file[range] {
      if byte == UInt8(ascii: "\n") { lines += 1 }
      if byte == UInt8(ascii: " ") || 9...13 ~= byte {
        add(&word)
      } else {
        word.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    add(&word)
  }

  private func add(_ word: inout String) {
    guard !word.isEmpty else { return }
    wordCount += 1
    words[word, default: 0] += 1
    word = ""
  }
}

/// The file in as many parts as there are cores, each of which ends behind a word.
func parts(of file: BootFile, _ count: Int) -> [Range<Int>] {
  var ranges: [Range<Int>] = []
  var start = 0
  for number in 1...count {
    var end = max(start, file.count * number / count)
    while end < file.count, file[end] > UInt8(ascii: " ") { end += 1 }
    ranges.append(start..<end)
    start = end
  }
  return ranges
}

func run() {
  guard let file = BootFile.current else {
    return print("no file: start this with INITRD=file")
  }
  let cores = OtherCore.all
  let ranges = parts(of: file, cores.count + 1)
  let tallies = ranges.map { _ in Tally() }
  for (core, number) in zip(cores, ranges.indices.dropFirst()) {
    let (tally, range) = (tallies[number], ranges[number])
    if !core.start({ tally.count(file, range) }) { print("core \(core.number) is busy") }
  }
  tallies[0].count(file, ranges[0])
  for core in cores { core.wait() }

  var words: [String: Int] = [:]
  for tally in tallies {
    for (word, times) in tally.words { words[word, default: 0] += times }
  }
  let lines = tallies.reduce(0) { $0 + $1.lines }
  let count = tallies.reduce(0) { $0 + $1.wordCount }
  print("\(lines) lines, \(count) words, \(file.count) bytes; \(words.count) different words")
  for (word, times) in words.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }).prefix(5) {
    print("\(times) \(word)")
  }
}

run()
