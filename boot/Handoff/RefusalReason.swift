extension Refusal {
  /// What is wrong with a handoff.
  public enum Reason: Equatable, Sendable, CaseIterable {
    // The device tree's header.
    /// Start is not a multiple of 8.
    case misaligned
    /// Wrong magic number.
    case badMagic
    /// Header cut short.
    case headerCutShort
    /// Total size is less than the header.
    case totalSizeTooSmall
    /// Total size is more than 2 MiB or leaves memory.
    case totalSizeTooLarge
    /// Version is below 17.
    case oldVersion
    /// Needs a reader for a version above 17.
    case newVersion
    /// Memory reservation block is not a multiple of 8.
    case reservationsMisaligned
    /// Memory reservation block lies outside.
    case reservationsOutside
    /// Structure block is not a multiple of 4.
    case structureMisaligned
    /// Structure block lies outside.
    case structureOutside
    /// Strings block lies outside.
    case stringsOutside

    // The device tree's blocks.
    /// Memory reservation block has no end.
    case reservationsUnterminated
    /// Structure block has no end.
    case structureCutShort
    /// Unknown token.
    case unknownToken
    /// Node name has no end.
    case nameUnterminated
    /// Root node has a name.
    case rootNamed
    /// Property name lies outside the strings block.
    case propertyNameOutside
    /// Property leaves the structure block.
    case propertyCutShort
    /// Property outside every node.
    case propertyOutsideNode
    /// Property after a child node.
    case propertyAfterChild
    /// Nodes nested too deep.
    case tooDeep
    /// Node end without a beginning.
    case unbalancedEnd
    /// End inside a node.
    case endInsideNode
    /// Node after the root node.
    case secondRoot

    // The device tree's properties.
    /// #address-cells or #size-cells is not 1 or 2.
    case badCells
    /// Text has no end.
    case textUnterminated
    /// Reg is not a whole number of ranges.
    case badRegister
    /// Initrd address is neither 32 nor 64 bits.
    case badInitrd
    /// Initrd has a start or an end but not both.
    case initrdHalf
    /// Early heap is not one range.
    case badEarlyHeap

    // The ATAG list.
    /// List start is not a multiple of 4.
    case listMisaligned
    /// List does not begin with CORE.
    case noCore
    /// Tag has a wrong size.
    case badTagSize
    /// Tag leaves the list's 16 KiB or free memory.
    case tagOutside
    /// Second CORE tag.
    case secondCore

    // The ranges, whoever named them.
    /// Range of no bytes.
    case emptyRange
    /// Range leaves the address space.
    case wrappingRange
    /// Memory range overlaps another.
    case overlappingMemory
    /// More memory ranges than there is room for.
    case tooManyMemoryRanges
    /// More reserved ranges than there is room for.
    case tooManyReservations
    /// No memory that the mailbox names too.
    case memoryNotShared
    /// Memory does not hold the kernel.
    case kernelOutsideMemory
    /// Initrd outside memory.
    case initrdOutsideMemory
    /// Initrd over the kernel.
    case initrdOverKernel
    /// Initrd over what names it.
    case initrdOverItself
  }
}

extension Refusal.Reason {
  /// The reason in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .misaligned: "start is not a multiple of 8"
    case .badMagic: "wrong magic number"
    case .headerCutShort: "header cut short"
    case .totalSizeTooSmall: "total size is less than the header"
    case .totalSizeTooLarge: "total size is more than 2 MiB or leaves free memory"
    case .oldVersion: "version is below 17"
    case .newVersion: "needs a reader for a version above 17"
    case .reservationsMisaligned: "memory reservation block is not a multiple of 8"
    case .reservationsOutside: "memory reservation block lies outside"
    case .structureMisaligned: "structure block is not a multiple of 4"
    case .structureOutside: "structure block lies outside"
    case .stringsOutside: "strings block lies outside"
    case .reservationsUnterminated: "memory reservation block has no end"
    case .structureCutShort: "structure block has no end"
    case .unknownToken: "unknown token"
    case .nameUnterminated: "node name has no end"
    case .rootNamed: "root node has a name"
    case .propertyNameOutside: "property name lies outside the strings block"
    case .propertyCutShort: "property leaves the structure block"
    case .propertyOutsideNode: "property outside every node"
    case .propertyAfterChild: "property after a child node"
    case .tooDeep: "nodes nested too deep"
    case .unbalancedEnd: "node end without a beginning"
    case .endInsideNode: "end inside a node"
    case .secondRoot: "node after the root node"
    case .badCells: "#address-cells or #size-cells is not 1 or 2"
    case .textUnterminated: "text has no end"
    case .badRegister: "reg is not a whole number of ranges"
    case .badInitrd: "initrd address is neither 32 nor 64 bits"
    case .initrdHalf: "initrd has a start or an end but not both"
    case .badEarlyHeap: "early heap is not one range"
    case .listMisaligned: "list start is not a multiple of 4"
    case .noCore: "list does not begin with CORE"
    case .badTagSize: "tag has a wrong size"
    case .tagOutside: "tag leaves the list's 16 KiB or free memory"
    case .secondCore: "second CORE tag"
    case .emptyRange: "range of no bytes"
    case .wrappingRange: "range leaves the address space"
    case .overlappingMemory: "memory range overlaps another"
    case .tooManyMemoryRanges: "more memory ranges than there is room for"
    case .tooManyReservations: "more reserved ranges than there is room for"
    case .memoryNotShared: "no memory that the mailbox names too"
    case .kernelOutsideMemory: "memory does not hold the kernel"
    case .initrdOutsideMemory: "initrd outside memory"
    case .initrdOverKernel: "initrd over the kernel"
    case .initrdOverItself: "initrd over what names it"
    }
  }
}
