// Interrupts: IRQ to the kernel's handlers on a stack of its own, FIQ to stop the core.
//
//   interrupt stack top  ┌─────────────────┐
//                        │ interrupt frame │  FRAME_SIZE, struct interrupt_frame in cores.h
//                        │ the handlers    │
//                        └─────────────────┘
//                          guard page
//
// Handlers run with IRQs masked and never unmask them, so there is never a second frame.
#include "percore.h"
#include "unwind.h"

#define FRAME_SIZE   816
#define FRAME_SIMD   288
#define FRAME_RECORD 800

    .text

// In:  tpidrro_el0 = x0 of the code that was interrupted
// Out: interrupt_entry(frame) in Swift, then back to the code with all its registers
    .global irq_entry
irq_entry:
    mrs     x0, tpidr_el1
    ldr     x0, [x0, #CORE_INTERRUPT_STACK]
    sub     x0, x0, #FRAME_SIZE
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]        // x19 to x28 are for reports: Swift keeps them
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    mov     x2, sp
    stp     x30, x2, [x0, #240]
    mrs     x2, tpidrro_el0
    stp     x2, x1, [x0]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [x0, #256]
    add     x4, x0, #FRAME_RECORD
    stp     x29, x2, [x4]
    mrs     x2, fpsr
    mrs     x3, fpcr
    stp     x2, x3, [x0, #272]
    stp     q0, q1, [x0, #(FRAME_SIMD + 0)]
    stp     q2, q3, [x0, #(FRAME_SIMD + 32)]
    stp     q4, q5, [x0, #(FRAME_SIMD + 64)]
    stp     q6, q7, [x0, #(FRAME_SIMD + 96)]
    stp     q8, q9, [x0, #(FRAME_SIMD + 128)]
    stp     q10, q11, [x0, #(FRAME_SIMD + 160)]
    stp     q12, q13, [x0, #(FRAME_SIMD + 192)]
    stp     q14, q15, [x0, #(FRAME_SIMD + 224)]
    stp     q16, q17, [x0, #(FRAME_SIMD + 256)]
    stp     q18, q19, [x0, #(FRAME_SIMD + 288)]
    stp     q20, q21, [x0, #(FRAME_SIMD + 320)]
    stp     q22, q23, [x0, #(FRAME_SIMD + 352)]
    stp     q24, q25, [x0, #(FRAME_SIMD + 384)]
    stp     q26, q27, [x0, #(FRAME_SIMD + 416)]
    stp     q28, q29, [x0, #(FRAME_SIMD + 448)]
    stp     q30, q31, [x0, #(FRAME_SIMD + 480)]
    mov     sp, x0
    mov     x29, x4
    mov     x19, x0
.Lirq_saved:
    msr     daifclr, #1                 // another core's report may stop this one meanwhile
    bl      interrupt_entry

    msr     daifset, #3
    mov     x0, x19
    ldp     q0, q1, [x0, #(FRAME_SIMD + 0)]
    ldp     q2, q3, [x0, #(FRAME_SIMD + 32)]
    ldp     q4, q5, [x0, #(FRAME_SIMD + 64)]
    ldp     q6, q7, [x0, #(FRAME_SIMD + 96)]
    ldp     q8, q9, [x0, #(FRAME_SIMD + 128)]
    ldp     q10, q11, [x0, #(FRAME_SIMD + 160)]
    ldp     q12, q13, [x0, #(FRAME_SIMD + 192)]
    ldp     q14, q15, [x0, #(FRAME_SIMD + 224)]
    ldp     q16, q17, [x0, #(FRAME_SIMD + 256)]
    ldp     q18, q19, [x0, #(FRAME_SIMD + 288)]
    ldp     q20, q21, [x0, #(FRAME_SIMD + 320)]
    ldp     q22, q23, [x0, #(FRAME_SIMD + 352)]
    ldp     q24, q25, [x0, #(FRAME_SIMD + 384)]
    ldp     q26, q27, [x0, #(FRAME_SIMD + 416)]
    ldp     q28, q29, [x0, #(FRAME_SIMD + 448)]
    ldp     q30, q31, [x0, #(FRAME_SIMD + 480)]
    ldp     x2, x3, [x0, #272]
    msr     fpsr, x2
    msr     fpcr, x3
    ldp     x2, x3, [x0, #256]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    ldp     x30, x2, [x0, #240]
    mov     sp, x2
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x28, x29, [x0, #224]        // x20 to x28 are as they were
    ldp     x2, x3, [x0, #16]
    ldp     x0, x1, [x0]
    eret
.Lirq_behind:
    unwind_interrupted irq_entry, .Lirq_saved, .Lirq_behind, 19, FRAME_SIZE

// void stop_when_asked(void): for a core that waits with its interrupts masked, where the stop is no FIQ.
// reporting_core is the number of the core that reports and 1; 0 where the kernel ends without a report.
    .global stop_when_asked
stop_when_asked:
    adrp    x1, reporting_core
    ldr     x1, [x1, :lo12:reporting_core]
    mrs     x0, tpidr_el1
    ldr     x2, [x0, #CORE_NUMBER]
    add     x2, x2, #1
    cmp     x1, x2
    b.eq    1f
    mov     x1, x30
    b       stop_here
1:  ret

// A FIQ, or an IRQ, that another core's report or handover sends: notes where this core was and ends it. Comes at any moment,
// in a handler and with a lock held too, and uses no stack.
// In: tpidrro_el0 = x0 of the code that was interrupted. Never returns.
    .global stop_core
stop_core:
    mrs     x0, tpidr_el1
    mrs     x1, elr_el1
stop_here:
    stp     x1, x29, [x0, #CORE_STOPPED_ELR]
    mov     x1, #CORE_STOPPED
    add     x0, x0, #CORE_STATE
    stlr    x1, [x0]
    dsb     sy
    sev
    b       core_leaves

    .bss
    .balign 64
    .global stop_requested
stop_requested:
    .skip   8
    .global reporting_core
reporting_core:
    .skip   8
    .balign 64
    .global console_lines
console_lines:
    .skip   256 * 4
    .global console_deferred
console_deferred:
    .skip   1024
    .global kernel_locks
kernel_locks:
    .skip   64 * 8
