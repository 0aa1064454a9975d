// Exception vectors of EL1: every exception is a report, made on a stack of its own so that a stack that
// overflowed can be told too.
//
//   __fault_stack_top         ┌──────────────┐
//                             │ fault frame  │  FRAME_SIZE, struct fault_frame in assembly.h
//                             │ the report   │
//   __nested_fault_stack_top  ├──────────────┤
//                             │ frame, line  │  a fault inside the report
//   __fault_stack_bottom      └──────────────┘
//
// A third fault, inside that one line, ends without a word.

#define FRAME_SIZE 816                  // 32 registers, 6 of the system, room for 32 of FP/SIMD
#define FRAME_SP   248

    .text
    .balign 2048
    .global vectors
vectors:
    .set    number, 0
    .rept   16
    .balign 128
    msr     tpidrro_el0, x0             // the two registers that nothing else of the kernel uses
    mov     x0, #number
    b       fault_entry
    .set    number, number + 1
    .endr

// In: x0 = number of the vector, 0 to 15; tpidrro_el0 = x0 of the code at fault
// Out: fault_report(frame) or fault_nested(frame) in Swift, which do not return
fault_entry:
    msr     tpidr_el0, x1
    adrp    x1, fault_depth
    ldr     w1, [x1, :lo12:fault_depth]
    cbnz    w1, 1f
    ldr     x1, =__fault_stack_top - FRAME_SIZE
    b       2f
1:  cmp     w1, #1
    b.hi    halt_core
    ldr     x1, =__nested_fault_stack_top - FRAME_SIZE
2:  stp     x2, x3, [x1, #16]           // x1 = the frame
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
    stp     x30, x2, [x1, #FRAME_SP - 8]
    mrs     x2, tpidrro_el0
    mrs     x3, tpidr_el0
    stp     x2, x3, [x1]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [x1, #256]
    mrs     x2, esr_el1
    mrs     x3, far_el1
    stp     x2, x3, [x1, #272]
    mrs     x2, sctlr_el1
    stp     x0, x2, [x1, #288]
    mov     sp, x1

    adrp    x2, fault_depth
    add     x2, x2, :lo12:fault_depth
    ldr     w3, [x2]
    add     w4, w3, #1
    str     w4, [x2]
    mov     x0, x1
    mov     x29, xzr                    // the report's own frames end here
    mov     x30, xzr
    cbnz    w3, 3f
    bl      fault_report
    b       halt_core
3:  bl      fault_nested
    b       halt_core

// How many exceptions are being reported.
    .bss
    .balign 4
    .global fault_depth
fault_depth:
    .skip   4
