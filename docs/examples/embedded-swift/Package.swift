// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Example",
  products: [.library(name: "Example", type: .static, targets: ["Example"])],
  dependencies: [.package(name: "Roost", path: "../../..")],
  targets: [
    .target(name: "Example", dependencies: [.product(name: "SegmentHeap", package: "Roost")])
  ]
)
