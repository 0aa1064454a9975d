// How a debugger gets from a handler to the code that was interrupted (DWARF 5, 6.4; DWARF for the Arm 64-bit
// Architecture, 4.1: 0 to 30 are x0 to x30, 31 is sp, 32 is pc). For debuggers alone: .debug_frame is not loaded.
//
// Written out, because the assembler's .cfi_signal_frame has no effect in .debug_frame. Without that mark a
// debugger takes pc for the place behind a call, looks one instruction before it, and where that instruction
// still belongs to the interrupted function's prologue, finds no caller.
#pragma once

#define DW_CFA_def_cfa 0x0c
#define DW_CFA_advance_loc4 0x04
#define DW_CFA_offset 0x80

// Code from `first` to `behind` runs on behalf of other code. From `saved` on all registers of the other code
// are in a frame of `size` bytes that `base`, the number of a register, points to: x0 to x30, sp, pc, 8 bytes each.
.macro unwind_interrupted first, saved, behind, base, size
    .pushsection .debug_frame, "", %progbits
    .balign 8
.Lcommon\@:                             // common information entry
    .long   .Lprogram\@ - . - 4
    .long   -1
    .byte   4
    .asciz  "S"                         // a signal frame
    .byte   8, 0                        // bytes in an address, in a segment's number
    .uleb128 4                          // bytes in an instruction
    .sleb128 -8                         // bytes in a unit of offsets
    .uleb128 32                         // where the interrupted code goes on: pc
    .byte   DW_CFA_def_cfa
    .uleb128 31
    .uleb128 0
    .balign 8
.Lprogram\@:                            // frame description entry
    .long   .Lend\@ - . - 4
    .long   .Lcommon\@
    .quad   \first
    .quad   \behind - \first
    .byte   DW_CFA_advance_loc4
    .long   (\saved - \first) / 4
    .byte   DW_CFA_def_cfa
    .uleb128 \base
    .uleb128 \size
    .irp    number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32
    .byte   DW_CFA_offset | \number
    .uleb128 (\size) / 8 - \number
    .endr
    .balign 8
.Lend\@:
    .popsection
.endm
