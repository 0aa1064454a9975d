import Base

/// Why a device tree, an ATAG list, a part of one or the mailbox's answer is not believed, and where
/// it went wrong.
public struct FirmwareError: Error, Equatable, Sendable {
  /// Where the error was found.
  public enum Place: Equatable, Sendable {
    /// Bytes from the start of the device tree or ATAG list.
    case offset(Int)
    /// The physical address of the range concerned.
    case address(UInt)
  }

  /// What is wrong.
  public let reason: Reason
  /// Where.
  public let place: Place

  /// Something `offset` bytes into what was read.
  init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    place = .offset(offset)
  }

  /// A range of memory.
  init(_ reason: Reason, _ range: PhysicalRange) {
    self.reason = reason
    place = .address(range.start.rawValue)
  }
}

extension FirmwareError {
  /// What is wrong with a handoff.
  public enum Reason: Equatable, Sendable, CaseIterable {
    // The device tree cannot be walked: all of it is refused.
    case misaligned, badMagic, headerCutShort, totalSizeTooSmall, totalSizeTooLarge
    case oldVersion, newVersion, structureMisaligned, structureOutside, stringsOutside
    case structureCutShort, unknownToken, nameUnterminated, propertyCutShort
    case unbalancedEnd, endInsideNode

    // Parts of a device tree.
    case reservationsMisaligned, reservationsOutside, reservationsUnterminated
    case propertyNameOutside, propertyOutsideNode, propertyAfterChild, afterRoot
    case badCells, textUnterminated, noDeviceType, badRegister
    case badInitrd, initrdHalf, badEarlyHeap

    // The ATAG list cannot be walked: all of it is refused.
    case listMisaligned, noCore, sizeTooSmall, tagOutside

    // Parts of an ATAG list.
    case badTagSize, secondCore

    // The ranges, whoever named them.
    case emptyRange, wrappingRange, tooManyMemoryRanges, tooManyReservations
    case memoryNotShared, kernelOutsideMemory, noMapOverKernel
    case initrdOutsideMemory, initrdOverKernel, initrdOverItself, initrdNotMapped
  }
}

extension FirmwareError.Reason {
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
    case .structureMisaligned: "structure block is not a multiple of 4"
    case .structureOutside: "structure block lies outside"
    case .stringsOutside: "strings block lies outside"
    case .structureCutShort: "structure block has no end"
    case .unknownToken: "unknown token"
    case .nameUnterminated: "node name has no end"
    case .propertyCutShort: "property leaves the structure block"
    case .unbalancedEnd: "node end without a beginning"
    case .endInsideNode: "end inside a node"
    case .reservationsMisaligned: "memory reservation block is not a multiple of 8"
    case .reservationsOutside: "memory reservation block lies outside"
    case .reservationsUnterminated: "memory reservation block has no end"
    case .propertyNameOutside: "property name lies outside the strings block"
    case .propertyOutsideNode: "property outside every node"
    case .propertyAfterChild: "property after a child node"
    case .afterRoot: "something after the root node"
    case .badCells: "#address-cells or #size-cells is not 1 or 2"
    case .textUnterminated: "text has no end"
    case .noDeviceType: "memory node whose device_type is not memory"
    case .badRegister: "reg is not a whole number of ranges"
    case .badInitrd: "initrd address is neither 32 nor 64 bits"
    case .initrdHalf: "initrd has a start or an end but not both"
    case .badEarlyHeap: "early heap is not one range"
    case .listMisaligned: "list start is not a multiple of 4"
    case .noCore: "list does not begin with CORE"
    case .sizeTooSmall: "tag is smaller than its header"
    case .tagOutside: "tag leaves the list's 16 KiB or free memory"
    case .badTagSize: "tag has a wrong size"
    case .secondCore: "second CORE tag"
    case .emptyRange: "range of no bytes"
    case .wrappingRange: "range leaves the address space"
    case .tooManyMemoryRanges: "more memory ranges than there is room for"
    case .tooManyReservations: "more reserved ranges than there is room for"
    case .memoryNotShared: "no memory that the mailbox and the board have too"
    case .kernelOutsideMemory: "memory does not hold the kernel"
    case .noMapOverKernel: "no-map over the kernel"
    case .initrdOutsideMemory: "initrd outside memory"
    case .initrdOverKernel: "initrd over the kernel"
    case .initrdOverItself: "initrd over what names it"
    case .initrdNotMapped: "initrd in memory that must not be mapped"
    }
  }
}
