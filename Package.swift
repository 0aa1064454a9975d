// swift-tools-version: 6.2
import PackageDescription

/// Every target is built the same way: Swift 6 mode, strict memory safety, warnings as errors.
let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

func library(_ name: String, _ path: String, uses: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses, path: path, swiftSettings: strict)
}

func tests(_ name: String, uses: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: uses, path: "Tests/\(name)", swiftSettings: strict)
}

/// A program for the host. The board's build never asks for it.
func program(
  _ name: String, uses: [Target.Dependency], exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: uses, path: "Tests/\(name)", exclude: exclude,
    swiftSettings: strict)
}

/// `make build TASKS=1`: a kernel with Swift concurrency. Only the board's build has it: a host has its own
/// `_Concurrency`, which this one takes the place of.
let hasTasks = Context.environment["ROOST_TASKS"] == "1"

let concurrency: [Target] =
  !hasTasks
  ? []
  : [
    .target(
      name: "_Concurrency", dependencies: ["CShims", "Scheduling", "Sync"],
      path: "kernel/Concurrency", swiftSettings: strict + [.unsafeFlags(["-parse-stdlib"])])
  ]

/// `make test-granule8`: the heaps and their tests alone, to build them once more with the trait below.
let isHeapsAlone = Context.environment["ROOST_HEAPS_ALONE"] == "1"
let heapsAlone: Set = ["Heaps", "Replay", "HeapsTests"]

let package = Package(
  name: "Roost",
  products: [
    .library(name: "Kernel", type: .static, targets: ["Kernel"]),
    // For other projects: the allocators in Swift, and the segment heap behind segment_heap.h.
    .library(name: "SegmentHeap", targets: ["Heaps"]),
    .library(name: "SegmentHeapC", targets: ["SegmentHeapC"]),
    .executable(name: "heap-replay", targets: ["heap-replay"]),
    .executable(name: "heap-report", targets: ["heap-report"]),
  ],
  traits: [
    .trait(
      name: "Granule8",
      description: "payloads of the segment heap at multiples of 8 bytes, not 16")
  ],
  targets: [
    // Declarations of what asm/ defines; the assembly itself is built by the Makefile.
    .systemLibrary(name: "CShims", path: "asm/include"),

    // segment_heap.h, and its implementation in Swift.
    .systemLibrary(name: "CSegmentHeap", path: "kernel/SegmentHeapC/include"),
    .target(
      name: "SegmentHeapC", dependencies: ["CSegmentHeap", "Heaps"],
      path: "kernel/SegmentHeapC", exclude: ["include", "library.mk", "package"],
      swiftSettings: strict),

    // Arrows run one way: a target may import what its `uses` names, and nothing else.
    library("Base", "kernel/Base"),
    library("Heaps", "kernel/Heaps"),
    library("Numbers", "kernel/Numbers"),
    library("Sync", "kernel/Sync"),
    library("Scheduling", "kernel/Scheduling", uses: ["Sync"]),
    library("Memory", "kernel/Memory", uses: ["Base", "Heaps"]),
    library("Replay", "kernel/Replay", uses: ["Heaps"]),
    library("Record", "kernel/Record"),
    library("Screen", "kernel/Screen", uses: ["Base"]),
    library("Devices", "kernel/Devices", uses: ["CShims", "Base"]),
    library("Handoff", "boot/Handoff", uses: ["Base"]),
    library("Transfer", "kernel/Transfer", uses: ["Base"]),
    library("Monitor", "kernel/Monitor", uses: ["Base", "Heaps", "Memory", "Devices"]),
    .target(
      name: "Kernel",
      dependencies: [
        "CShims", "Base", "Heaps", "Memory", "Sync", "Replay", "Record", "Devices", "Screen",
        "Monitor", "Handoff", "Transfer", "Numbers",
      ] + (hasTasks ? ["_Concurrency"] : []),
      path: "kernel/Kernel", exclude: hasTasks ? [] : ["Tasks"],
      swiftSettings: strict + (hasTasks ? [.define("TASKS")] : [])),

    // Measuring allocators on the host.
    library("HeapMeasurement", "Tests/HeapMeasurement", uses: ["Heaps", "Replay"]),
    program("heap-bench", uses: ["HeapMeasurement", "Replay"]),
    program(
      "heap-replay", uses: ["HeapMeasurement", "Heaps", "Replay"],
      exclude: ["bound.sh", "instructions.sh"]),

    // Heaps over time, from recordings and traces, for people and viewers.
    library(
      "HeapReport", "Tests/HeapReport", uses: ["HeapMeasurement", "Heaps", "Record", "Replay"]),
    library("KernelSymbols", "Tests/KernelSymbols"),
    program(
      "heap-report", uses: ["HeapReport", "HeapMeasurement", "KernelSymbols", "Record", "Replay"]),
    // Loads a kernel over a serial line, and is a terminal.
    program("serial-load", uses: ["Transfer", "Base"]),

    program("symbolize", uses: ["KernelSymbols"]),

    // Programs that tests start.
    library("ChildPrograms", "Tests/ChildPrograms"),

    // A terminal as tests see it.
    library("TestTerminal", "Tests/TestTerminal"),

    // What a firmware might leave, made by tests.
    library("HandoffBuilders", "Tests/HandoffBuilders"),

    tests("BaseTests", uses: ["Base"]),
    tests("NumbersTests", uses: ["Numbers", "Replay"]),
    tests("HeapsTests", uses: ["Heaps", "Replay"]),
    tests("LibraryTests", uses: ["ChildPrograms", "SegmentHeapC", "CSegmentHeap", "Heaps"]),
    tests("MemoryTests", uses: ["Memory", "Base", "Heaps", "Replay"]),
    tests("SyncTests", uses: ["Sync"]),
    tests("SchedulingTests", uses: ["Scheduling", "Sync"]),
    tests("ReplayTests", uses: ["HeapMeasurement", "Replay", "Heaps"]),
    tests("RecordTests", uses: ["Record"]),
    tests(
      "HeapReportTests",
      uses: [
        "ChildPrograms", "HeapReport", "HeapMeasurement", "Heaps", "KernelSymbols", "Record",
        "Replay", "heap-report",
      ]),
    tests("KernelSymbolsTests", uses: ["ChildPrograms", "KernelSymbols", "Base"]),
    tests("ScreenTests", uses: ["Screen", "Base"]),
    tests("DevicesTests", uses: ["Devices", "Base", "Replay"]),
    tests(
      "MonitorTests",
      uses: ["TestTerminal", "Monitor", "Devices", "Memory", "Base", "Heaps", "Replay"]),
    tests("HandoffTests", uses: ["Handoff", "HandoffBuilders", "Base", "Replay"]),
    tests("TransferTests", uses: ["Transfer", "Base", "Replay"]),

    // The kernel's image in QEMU; left out where either is missing.
    tests(
      "BootTests",
      uses: [
        "ChildPrograms", "HandoffBuilders", "KernelSymbols", "Transfer", "Screen", "TestTerminal",
      ]),
  ] + concurrency
)

if isHeapsAlone {
  package.products = []
  package.targets.removeAll { !heapsAlone.contains($0.name) }
}
