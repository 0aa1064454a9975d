// Exception vectors of EL1. One kind of exception comes back: a load or store to a page of the heap window
// that nobody has touched yet. It is served on the stack of the code that touched it, so it can happen to
// any code, a handler's included, on any core. An IRQ goes to the handlers (interrupts.S). A FIQ, or an IRQ
// where the firmware leaves the kernel no FIQs, stops the core when another core's report asked for that. Everything else is a report, made on a stack of its own so
// that a stack that overflowed can be told too. Core 0's:
//
//   __fault_stack_top         ┌──────────────┐
//                             │ fault frame  │  FRAME_SIZE, struct fault_frame in assembly.h
//                             │ the report   │
//   __nested_fault_stack_top  ├──────────────┤
//                             │ frame, line  │  a fault inside the report
//   __fault_stack_bottom      └──────────────┘
//
// A third fault, inside that one line, ends without a word.

#include "board.h"
#include "percore.h"
#include "unwind.h"

#define FRAME_SIZE 816                  // 32 registers, 6 of the system, room for 32 of FP/SIMD
#define FRAME_SP   248
#define FRAME_ELR  256
#define FRAME_ESR  272
#define FRAME_SIMD 304

#define EC_DATA_ABORT 0x25              // ESR_EL1.EC: data abort without a change of level
#define TRANSLATION_FAULT 0x04          // ESR_EL1.DFSC, bits 5:2 of it: at any level

// Stores all but x0, x1 and what only the report needs.
// In: x1 = the frame, x0 = number of the vector; tpidrro_el0, tpidr_el0 = x0, x1 of the code at fault;
//     `pushed` = what was taken off its stack pointer. Clobbers: x2, x3
.macro save_frame pushed
    stp     x2, x3, [x1, #16]
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
    add     x2, sp, #\pushed
    stp     x30, x2, [x1, #FRAME_SP - 8]
    mrs     x2, tpidrro_el0
    mrs     x3, tpidr_el0
    stp     x2, x3, [x1]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [x1, #FRAME_ELR]
    mrs     x2, esr_el1
    mrs     x3, far_el1
    stp     x2, x3, [x1, #FRAME_ESR]
    mrs     x2, sctlr_el1
    stp     x0, x2, [x1, #288]
.endm

// The opposite, off the stack: registers, ELR and SPSR, and the stack pointer.
.macro restore_frame
    ldp     x2, x3, [sp, #FRAME_ELR]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x0, x1, [sp]
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #240]
    add     sp, sp, #FRAME_SIZE
.endm

// q0 to q31, to or from the frame on the stack. Clobbers: x2
.macro each_simd instruction
    add     x2, sp, #FRAME_SIMD
    \instruction     q0, q1, [x2, #0]
    \instruction     q2, q3, [x2, #32]
    \instruction     q4, q5, [x2, #64]
    \instruction     q6, q7, [x2, #96]
    \instruction     q8, q9, [x2, #128]
    \instruction     q10, q11, [x2, #160]
    \instruction     q12, q13, [x2, #192]
    \instruction     q14, q15, [x2, #224]
    \instruction     q16, q17, [x2, #256]
    \instruction     q18, q19, [x2, #288]
    \instruction     q20, q21, [x2, #320]
    \instruction     q22, q23, [x2, #352]
    \instruction     q24, q25, [x2, #384]
    \instruction     q26, q27, [x2, #416]
    \instruction     q28, q29, [x2, #448]
    \instruction     q30, q31, [x2, #480]
.endm

    .text
    .balign 2048
    .global vectors
vectors:
    .set    number, 0
    .rept   16
    .balign 128
    msr     tpidrro_el0, x0             // the two registers that nothing else of the kernel uses
    .if     number == 5 || number == 6  // IRQ and FIQ, EL1 on its own stack pointer
    adrp    x0, stop_requested
    ldr     w0, [x0, :lo12:stop_requested]
    cbnz    w0, stop_core
    .endif
    .if     number == 5
    b       irq_entry
    .endif
    mov     x0, #number
    .if     number == 4                 // synchronous
    b       synchronous_entry
    .else
    b       fault_entry
    .endif
    .set    number, number + 1
    .endr

// In: tpidrro_el0 = x0 of the code at fault
// Out: demand_fault(frame) in Swift says whether the instruction can be resumed; else fault_entry
synchronous_entry:
    msr     tpidr_el0, x1
    mrs     x0, esr_el1
    lsr     x1, x0, #26
    cmp     x1, #EC_DATA_ABORT
    b.ne    1f
    and     x0, x0, #0x3c
    cmp     x0, #TRANSLATION_FAULT
    b.ne    1f
    mrs     x0, far_el1
    tbz     x0, #55, 1f                 // the lower half is mapped for good, or not at all
    ubfx    x0, x0, #37, #2             // the top quarter of that half is stacks (UpperHalf.stacks): a
    cmp     x0, #3                      // guard page, on which no frame can be stored
    b.eq    1f
    mov     x0, #4
    sub     sp, sp, #FRAME_SIZE
    mov     x1, sp
    save_frame FRAME_SIZE
    each_simd stp
.Lsynchronous_saved:
    mov     x0, sp
    bl      demand_fault
    each_simd ldp
    cbz     w0, 2f
    restore_frame
    eret
2:  ldp     x2, x3, [sp, #FRAME_ESR]    // a report after all, as if nothing had been tried
    msr     esr_el1, x2
    msr     far_el1, x3
    restore_frame
    msr     tpidrro_el0, x0
    mov     x0, #4
    b       fault_entry
1:  mov     x0, #4
    mrs     x1, tpidr_el0
    unwind_interrupted synchronous_entry, .Lsynchronous_saved, fault_entry, 31, FRAME_SIZE
    // falls through

// In: x0 = number of the vector, 0 to 15; tpidrro_el0 = x0 of the code at fault
// Out: fault_report(frame) or fault_nested(frame) in Swift, which do not return
fault_entry:
    msr     tpidr_el0, x1
    mrs     x1, tpidr_el1               // struct core_data
    str     x0, [x1, #CORE_SCRATCH]
    ldr     x0, [x1, #CORE_FAULT_DEPTH]
    cbnz    x0, 1f
    ldr     x0, [x1, #CORE_FAULT_STACK]
    b       2f
1:  cmp     x0, #1
    b.hi    halt_core
    ldr     x0, [x1, #CORE_NESTED_STACK]
2:  ldr     x1, [x1, #CORE_SCRATCH]
    eor     x0, x0, x1                  // swapped: x0 = the number, x1 = the stack
    eor     x1, x0, x1
    eor     x0, x0, x1
    sub     x1, x1, #FRAME_SIZE
    save_frame 0
    mov     sp, x1
.Lfault_saved:

    mrs     x2, tpidr_el1
    ldr     x3, [x2, #CORE_FAULT_DEPTH]
    add     x4, x3, #1
    str     x4, [x2, #CORE_FAULT_DEPTH]
    mov     x0, x1
    mov     x29, xzr                    // the report's own frames end here
    mov     x30, xzr
    cbnz    x3, 3f
    bl      fault_report
    b       halt_core
3:  bl      fault_nested
    b       halt_core
.Lfault_behind:
    unwind_interrupted fault_entry, .Lfault_saved, .Lfault_behind, 31, FRAME_SIZE
