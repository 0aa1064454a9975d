import Foundation
import Testing

/// `make install` into an empty folder, and programs that are built from there and nothing else.
@Suite(.serialized) struct PackagingTests {
  /// The folder below which everything was installed, once a run.
  static let prefix = Result<String, any Error> {
    _ = try Tool.library.get()  // two makes at once would meet in one file
    let stage = Tool.folder.appending(path: "installed")
    try? FileManager.default.removeItem(at: stage)
    try Tool.run(
      "make", "-s", "-f", "kernel/SegmentHeapC/library.mk", "install", "PREFIX=/usr",
      "DESTDIR=\(stage.path)")
    return stage.appending(path: "usr").path
  }

  static func has(_ program: String) -> Bool {
    (try? Tool.run("sh", "-c", "command -v \(program)")) != nil
  }

  static func scratch(_ name: String) -> String { Tool.folder.appending(path: name).path }

  @Test func eachFileIsInItsPlace() throws {
    let prefix = try Self.prefix.get()
    let files = try Tool.run("find", prefix, "-type", "f", "-printf", "%P\\n")
      .split(separator: "\n").map(String.init)
    let always = [
      "include/segment_heap.h", "include/segment_heap.hpp",
      "include/segmentheap/module.modulemap", "lib/libsegmentheap.a",
      "lib/segmentheap/aarch64-none-none-elf/libsegmentheap.a",
      "lib/pkgconfig/segmentheap.pc", "lib/cmake/SegmentHeap/SegmentHeapConfig.cmake",
      "lib/cmake/SegmentHeap/SegmentHeapConfigVersion.cmake",
    ]
    #expect(Set(always).subtracting(files) == [])
    // Whatever else there is are the archives of further boards.
    let others = Set(files).subtracting(always)
    #expect(
      others.allSatisfy { $0.wholeMatch(of: /lib\/segmentheap\/[^\/]+\/libsegmentheap.a/) != nil })
  }

  @Test func theVersionIsOne() throws {
    let header = try Tool.text(of: LibraryTests.header)
    let whole = try #require(header.firstMatch(of: /SEGMENT_HEAP_VERSION "([0-9.]+)"/)?.1)
    let parts = header.matches(of: /SEGMENT_HEAP_VERSION_(?:MAJOR|MINOR|PATCH) ([0-9]+)/)
      .map { String($0.1) }
    #expect(parts.joined(separator: ".") == whole)
    let package = try Self.prefix.get() + "/lib/pkgconfig/segmentheap.pc"
    #expect(try Tool.run("cat", package).contains("Version: \(whole)\n"))
  }

  @Test(.enabled(if: has("pkg-config")))
  func aCProgramFindsItByPkgConfig() throws {
    let prefix = try Self.prefix.get()
    let program = Self.scratch("packaged-c")
    try Tool.run(
      "env", "PKG_CONFIG_PATH=\(prefix)/lib/pkgconfig", "sh", "-c",
      """
      clang -std=c11 -Wall -Wextra -Werror docs/examples/c/example.c -o '\(program)' \
        $(pkg-config --cflags --libs --define-prefix segmentheap)
      """)
    #expect(try Tool.run(program).contains("check: no fault\n"))
  }

  @Test func aCPlusPlusProgramUsesObjectsAndContainers() throws {
    let prefix = try Self.prefix.get()
    let program = Self.scratch("packaged-cpp")
    try Tool.run(
      "clang++", "-std=c++17", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I\(prefix)/include",
      "docs/examples/cpp/example.cpp", "-L\(prefix)/lib", "-lsegmentheap", "-o", program)
    #expect(
      try Tool.run(program) == """
        sensor 17 lies at a multiple of 64: yes
        live: 82
        four megabytes from 64 KiB: bad_alloc
        sensor 17 is gone
        free: no fault
        free it again: double free
        live: 0, check: no fault

        """)
  }

  /// A board's compiler often has neither exceptions nor run-time types.
  @Test func theWrapperNeedsNoExceptions() throws {
    let source = Self.scratch("wrapper.cpp")
    try #"#include <segment_heap.hpp>"#.write(toFile: source, atomically: true, encoding: .utf8)
    try Tool.run(
      "clang++", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Werror",
      "-fsyntax-only", "-I\(try Self.prefix.get())/include", source)
  }

  @Test func aSwiftProgramImportsIt() throws {
    let prefix = try Self.prefix.get()
    let source = Self.scratch("packaged.swift")
    let program = Self.scratch("packaged-swift")
    try """
    import CSegmentHeap

    let memory = UnsafeMutableRawPointer.allocate(byteCount: 65536, alignment: 16)
    guard let heap = segment_heap_create(memory, 65536) else { fatalError() }
    let payload = segment_heap_allocate(heap, 100)
    print(segment_heap_usable_size(heap, payload) >= 100, segment_heap_free(heap, payload))
    print(segment_heap_free(heap, payload) == SEGMENT_HEAP_DOUBLE_FREE)
    """.write(toFile: source, atomically: true, encoding: .utf8)
    try Tool.run(
      "swiftc", source, "-I", "\(prefix)/include/segmentheap", "-L", "\(prefix)/lib", "-o", program)
    #expect(try Tool.run(program) == "true 0\ntrue\n")
  }

  @Test(.enabled(if: has("cmake")))
  func aCMakeProjectFindsIt() throws {
    let prefix = try Self.prefix.get()
    let project = Self.scratch("packaged-cmake")
    try? FileManager.default.removeItem(atPath: project)
    try FileManager.default.createDirectory(atPath: project, withIntermediateDirectories: true)
    try """
    cmake_minimum_required(VERSION 3.13)
    project(example C)
    find_package(SegmentHeap 0.1 REQUIRED)
    add_executable(example \(Tool.root.path)/docs/examples/c/example.c)
    target_link_libraries(example SegmentHeap::segmentheap)
    """.write(toFile: project + "/CMakeLists.txt", atomically: true, encoding: .utf8)
    try Tool.run(
      "cmake", "-S", project, "-B", project + "/build", "-DCMAKE_PREFIX_PATH=\(prefix)")
    try Tool.run("cmake", "--build", project + "/build")
    #expect(try Tool.run(project + "/build/example").contains("check: no fault\n"))
    // What this version does not promise to be is not found.
    #expect(throws: Tool.Failure.self) {
      try Tool.run(
        "sh", "-c",
        "sed -i 's/SegmentHeap 0.1/SegmentHeap 9.0/' '\(project)/CMakeLists.txt'; "
          + "cmake -S '\(project)' -B '\(project)/other' -DCMAKE_PREFIX_PATH='\(prefix)'")
    }
  }
}

/// Whole programs on the heap, and threads that share one.
@Suite(.serialized) struct SharingTests {
  @Test func threadsShareOneHeapOrHaveOneEach() throws {
    let build = try Tool.library.get().path
    let program = PackagingTests.scratch("shared")
    try Tool.run(
      "clang", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-I\(build)/include",
      "docs/examples/c/shared.c", "\(build)/libsegmentheap.a", "-pthread", "-o", program)
    #expect(
      try Tool.run(program) == """
        one heap, one lock: nothing lost
        a heap for each thread: nothing lost

        """)
  }

  static let programs: [[String]] = [
    [
      "python3", "-S", "-c",
      """
      import json, re
      words = {}
      for i in range(60000): words.setdefault(str(i * 7919 % 1000), []).append('x' * (i % 97))
      print(len(json.dumps(words)), sum(map(len, re.findall('x+', json.dumps(words)))))
      """,
    ],
    [
      "sqlite3", ":memory:",
      "create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 "
        + "from n where i < 20000) insert into t select i % 977, hex(zeroblob(i % 50)) from n; "
        + "select a, count(*), max(length(b)) from t group by a order by 2 desc, 1 limit 5;",
    ],
    [
      "perl", "-e",
      "my %h; $h{$_ % 991} .= 'y' x ($_ % 31) for 1 .. 80000; print length join '', map { $_ . $h{$_} } sort keys %h",
    ],
    [
      "sh", "-c",
      "for i in 1 2 3 4 5; do (echo $i | sed 's/^/line /') & done; wait; seq 20000 | sort -r | head -n 3",
    ],
  ]

  /// The same output with the heap as the program's malloc as without it.
  @Test(arguments: programs.indices)
  func aWholeProgramRunsOnIt(index: Int) throws {
    let command = Self.programs[index]
    guard PackagingTests.has(command[0]) else {
      print("\(command[0]) is not installed: left out")
      return
    }
    guard
      command[0] != "python3" || (try? Tool.run("python3", "-S", "-c", "import json, re")) != nil
    else { return print("python3 has no json: left out") }
    let build = try Tool.library.get().path
    let malloc = PackagingTests.scratch("libsegmentheap-malloc.so")
    try Tool.run(
      "clang", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I\(build)/include",
      "docs/examples/preload/malloc.c", "\(build)/libsegmentheap.a", "-Wl,--exclude-libs,ALL",
      "-pthread", "-o", malloc)
    let usual = try Tool.run(["env"] + command)
    let onTheHeap = try Tool.run(["env", "LD_PRELOAD=\(malloc)"] + command)
    #expect(!usual.isEmpty)
    if command[0] == "sh" {
      #expect(Set(usual.split(separator: "\n")) == Set(onTheHeap.split(separator: "\n")))
    } else {
      #expect(usual == onTheHeap)
    }
  }

  /// What the heap notices ends the program with its name.
  @Test func aDoubleFreeEndsTheProgram() throws {
    let build = try Tool.library.get().path
    let source = PackagingTests.scratch("twice.c")
    let program = PackagingTests.scratch("twice")
    try """
    #include <stdlib.h>
    int main(void) {
      void *volatile payload = malloc(100);
      free(payload);
      free(payload);
      return 0;
    }
    """.write(toFile: source, atomically: true, encoding: .utf8)
    try Tool.run(
      "clang", "-w", "-I\(build)/include", source, "docs/examples/preload/malloc.c",
      "\(build)/libsegmentheap.a", "-pthread", "-o", program)
    let failure = #expect(throws: Tool.Failure.self) { try Tool.run(program) }
    #expect(failure?.output == "segment heap: free: double free\n")
  }
}
