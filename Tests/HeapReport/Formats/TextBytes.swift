/// Text that is put together as bytes: a report may have many megabytes.
public struct TextBytes: Sendable {
  /// The text so far, in UTF-8.
  public private(set) var bytes: [UInt8] = []

  /// No text.
  public init() {}

  mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func add(_ more: [UInt8]) { bytes.append(contentsOf: more) }

  mutating func add(line text: String) {
    add(text)
    bytes.append(UInt8(ascii: "\n"))
  }

  mutating func add(byte: UInt8) { bytes.append(byte) }

  mutating func add(hex number: Int) { add(String(number, radix: 16)) }

  /// A number with `places` digits after the point.
  mutating func add(_ number: Double, places: Int) { add(number.text(places: places)) }
}

extension Double {
  /// The number in base ten with `places` digits after the point.
  func text(places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((magnitude * scale).rounded())
    let sign = self < 0 && scaled != 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % Int(scale))
    return sign + "\(scaled / Int(scale))."
      + String(repeating: "0", count: places - fraction.count) + fraction
  }
}

extension String {
  /// The text as a JSON string, which may also stand in a page's script.
  var json: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "<": result += "\\u003c"
      case _ where scalar.value < 0x20 || scalar.value == 0x2028 || scalar.value == 0x2029:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The text where HTML or SVG expects text.
  var markup: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
