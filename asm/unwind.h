// How a debugger gets from a handler to the code that was interrupted (DWARF 5, 6.4; DWARF for the Arm 64-bit
// Architecture, 4.1: 0 to 30 are x0 to x30, 31 is sp, 32 is pc). For debuggers alone: .debug_frame is not loaded.
#pragma once

    .cfi_sections .debug_frame

// Between .cfi_startproc and the first instruction of code that runs on behalf of other code.
.macro unwind_interrupted
    .cfi_signal_frame                   // pc is where it stopped, and not behind a call
    .cfi_return_column 32
.endm

// From here on all registers of the other code are in a frame of `size` bytes, whose end is at `register` +
// `size`: x0 to x30, sp, pc, 8 bytes each.
.macro unwind_frame register, size
    .cfi_def_cfa \register, \size
    .irp    number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32
    .cfi_offset \number, \number * 8 - \size
    .endr
.endm
