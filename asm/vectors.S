// Exception vectors of EL1. An IRQ goes to the handlers (interrupts.S), a FIQ stops the core when another
// core's report asked for that. Every other exception is a report, made on a stack of its own so that a
// stack that overflowed can be told too. Core 0's:
//
//   __fault_stack_top         ┌──────────────┐
//                             │ fault frame  │  FRAME_SIZE, struct fault_frame in assembly.h
//                             │ the report   │
//   __nested_fault_stack_top  ├──────────────┤
//                             │ frame, line  │  a fault inside the report
//   __fault_stack_bottom      └──────────────┘
//
// A third fault, inside that one line, ends without a word.

#include "percore.h"

#define FRAME_SIZE 816                  // 32 registers, 6 of the system, room for 32 of FP/SIMD
#define FRAME_SP   248

    .text
    .balign 2048
    .global vectors
vectors:
    .set    number, 0
    .rept   16
    .balign 128
    msr     tpidrro_el0, x0             // a register that nothing else of the kernel uses
    .if number == 5
    b       irq_entry
    .elseif number == 6
    adrp    x0, stop_requested
    ldr     w0, [x0, :lo12:stop_requested]
    cbnz    w0, stop_core
    .endif
    mrs     x0, tpidr_el1               // struct core_data
    stp     x1, xzr, [x0, #CORE_SCRATCH]
    mov     x1, #number
    str     x1, [x0, #(CORE_SCRATCH + 8)]
    b       fault_entry
    .set    number, number + 1
    .endr

// In: tpidrro_el0 = x0 of the code at fault; x0 = struct core_data, whose scratch holds x1 and the
//     number of the vector, 0 to 15
// Out: fault_report(frame) or fault_nested(frame) in Swift, which do not return
fault_entry:
    ldr     x1, [x0, #CORE_FAULT_DEPTH]
    cbnz    x1, 1f
    ldr     x1, [x0, #CORE_FAULT_STACK]
    b       2f
1:  cmp     x1, #1
    b.hi    halt_core
    ldr     x1, [x0, #CORE_NESTED_STACK]
2:  sub     x1, x1, #FRAME_SIZE
    stp     x2, x3, [x1, #16]           // x1 = the frame
    stp     x4, x5, [x1, #32]
    stp     x6, x7, [x1, #48]
    stp     x8, x9, [x1, #64]
    stp     x10, x11, [x1, #80]
    stp     x12, x13, [x1, #96]
    stp     x14, x15, [x1, #112]
    stp     x16, x17, [x1, #128]
    stp     x18, x19, [x1, #144]
    stp     x20, x21, [x1, #160]
    stp     x22, x23, [x1, #176]
    stp     x24, x25, [x1, #192]
    stp     x26, x27, [x1, #208]
    stp     x28, x29, [x1, #224]
    mov     x2, sp
    stp     x30, x2, [x1, #240]
    mrs     x2, tpidrro_el0
    ldp     x3, x4, [x0, #CORE_SCRATCH] // x1 at the fault, the vector's number
    stp     x2, x3, [x1]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [x1, #256]
    mrs     x2, esr_el1
    mrs     x3, far_el1
    stp     x2, x3, [x1, #272]
    mrs     x2, sctlr_el1
    stp     x4, x2, [x1, #288]
    mov     sp, x1

    ldr     x3, [x0, #CORE_FAULT_DEPTH]
    add     x4, x3, #1
    str     x4, [x0, #CORE_FAULT_DEPTH]
    mov     x0, x1
    mov     x29, xzr                    // the report's own frames end here
    mov     x30, xzr
    cbnz    x3, 3f
    bl      fault_report
    b       halt_core
3:  bl      fault_nested
    b       halt_core
