// From this kernel to another one, which is entered as the firmware would enter it: x0 as it was, MMU and
// caches off, interrupts masked, at the level at which this kernel was entered, the other cores in a loop
// like the firmware's, which watches the spin table.
//
//   core 0                                          cores 1 to 3
//   page 0: slots empty, the loop                   at work
//   FIQ ──────────────────────────────────────────> stop_core, core_leaves
//   devices silent, memory cleaned                  own caches written back, MMU off, EL2
//   hand_over: caches written back, MMU off, EL2    the loop in page 0: says that it is there
//   the copier's page: waits for them, copies the image to its place, enters it
//
// The page of the copier lies outside of what it overwrites, and so does the image that it copies.
#include "percore.h"

#define COPIER_DATA 512                 // the copier's page: code, then struct copier (include/handover.h)

    .section .text.boot, "ax"

// The vector of EL2 for synchronous exceptions of EL1 (early.S): `hvc #0` goes on at x30, at EL2, masked.
// At EL1 and EL3 that entry is a fault like the others. Clobbers: x16
    .global call_from_below
call_from_below:
    mrs     x16, CurrentEL
    cmp     x16, #(2 << 2)
    b.ne    early_fault
    mrs     x16, esr_el2
    lsr     x16, x16, #26
    cmp     x16, #0x16                  // ESR_EL2.EC: HVC from AArch64
    b.ne    early_fault
    br      x30

// Turns MMU and caches of this core off and writes what they hold to memory. From the first to the last
// instruction nothing is loaded or stored: what is dirty in a cache cannot be seen. In a level's sets and ways,
// as the architecture has it for a core that leaves (ARM ARM D4.4.6; Cortex-A53 TRM 2.4.1, "power down").
//
// In: x0 = levels of cache to write back, from the core outwards. Clobbers: x1-x10
leave_caches:
    dsb     sy
    mrs     x1, sctlr_el1
    mov     x2, #0x1005                 // I, C, M
    bic     x1, x1, x2
    msr     sctlr_el1, x1
    isb
    mrs     x1, clidr_el1
    mov     x2, xzr                     // level, from 0
1:  cmp     x2, x0
    b.hs    5f
    add     x3, x2, x2, lsl #1
    lsr     x3, x1, x3
    and     x3, x3, #7                  // CLIDR_EL1.Ctype: 2 and more have data in them
    cmp     x3, #2
    b.lo    4f
    lsl     x3, x2, #1
    msr     csselr_el1, x3
    isb
    mrs     x4, ccsidr_el1
    and     x5, x4, #7
    add     x5, x5, #4                  // log2 of a line's bytes
    ubfx    x6, x4, #3, #10             // ways - 1
    ubfx    x7, x4, #13, #15            // sets - 1
    clz     w8, w6                      // where the way is in the operand
2:  mov     x9, x6
3:  lsl     x10, x9, x8
    orr     x10, x10, x3
    lsl     x4, x7, x5
    orr     x10, x10, x4
    dc      cisw, x10
    subs    x9, x9, #1
    b.hs    3b
    subs    x7, x7, #1
    b.hs    2b
4:  add     x2, x2, #1
    b       1b
5:  dsb     sy
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    ret

// Goes on at x11, at EL2 where this core was entered there or above, else at EL1. CONTEXTIDR_EL1 holds
// the level since enter_el1. MMU and caches are off. Keeps x0. Clobbers: x1, x16, x30
leave_level:
    mrs     x1, contextidr_el1
    cmp     x1, #(2 << 2)
    b.lo    1f
    adr     x30, 1f
    hvc     #0
1:  br      x11

// The end of stop_core (interrupts.S): a core that was stopped for a report sleeps, one that was stopped
// for a handover goes to the loop in page 0. Never returns.
    .global core_leaves
core_leaves:
    adrp    x11, waiting_loop
    ldr     x11, [x11, :lo12:waiting_loop]
    cbz     x11, halt_core
    msr     cntp_ctl_el0, xzr
    mrs     x0, clidr_el1
    ubfx    x0, x0, #21, #3             // LoUIS: what this core has of its own
    bl      leave_caches
    b       leave_level

// _Noreturn void hand_over(uintptr_t copier): runs the copier, with everything of this core written back.
// In: x0 = its page, which memory holds
    .global hand_over
hand_over:
    msr     daifset, #0xf
    msr     cntp_ctl_el0, xzr
    mov     x11, x0
    mrs     x0, clidr_el1
    ubfx    x0, x0, #24, #3             // LoC: all levels
    bl      leave_caches
    mov     x0, x11
    b       leave_level

// The copier, which is copied to its page. MMU and caches off; nothing else of this kernel is needed.
// In: x0 = its page. Out: enters the image
    .balign 64
    .global copier_start
copier_start:
    add     x1, x0, #COPIER_DATA
    ldp     x19, x20, [x1]              // entry, its x0
    ldp     x21, x22, [x1, #16]         // where the image will lie, with what it clears itself
    ldp     x23, x24, [x1, #32]         // arrival words, cores that come
    ldr     x2, [x1, #48]               // runs
    add     x1, x1, #64

    mrs     x5, cntfrq_el0              // wait for the cores, ten seconds at most
    mov     x6, #0x100000
    cmp     x5, x6
    mov     x6, #0x4000000              // a frequency that makes no sense: that of a Pi 4, about
    csel    x5, x5, x6, hi
    mov     x6, #10
    mul     x5, x5, x6
    mrs     x6, cntpct_el0
    mov     x7, #3
1:  lsr     x3, x24, x7
    tbz     x3, #0, 3f
2:  ldr     x3, [x23, x7, lsl #3]
    cbnz    x3, 3f
    isb
    mrs     x4, cntpct_el0
    sub     x4, x4, x6
    cmp     x4, x5
    b.lo    2b
3:  subs    x7, x7, #1
    b.ne    1b

    mrs     x3, ctr_el0                 // what a core left dirty there must not come later
    ubfx    x3, x3, #16, #4
    mov     x4, #4
    lsl     x8, x4, x3                  // bytes of a line
    mov     x3, x21
8:  dc      civac, x3
    add     x3, x3, x8
    cmp     x3, x22
    b.lo    8b
    dsb     sy
4:  cbz     x2, 6f
    ldp     x3, x4, [x1]                // from, to
    ldr     x5, [x1, #16]               // bytes, a multiple of 16
    add     x1, x1, #24
5:  ldp     x6, x7, [x3], #16
    stp     x6, x7, [x4], #16
    subs    x5, x5, #16
    b.hi    5b
    sub     x2, x2, #1
    b       4b

6:  dsb     sy                          // nor may a clean line of before be found later
7:  dc      ivac, x21
    add     x21, x21, x8
    cmp     x21, x22
    b.lo    7b
    ic      iallu
    dsb     sy
    isb
    mov     x0, x20
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    br      x19
    .global copier_end
copier_end:
    .if     (copier_end - copier_start) > COPIER_DATA
    .error  "the copier runs into its data"
    .endif

// The loop of a core that waits, as the firmware has it (raspberrypi/tools, armstub8.S): it is copied to page
// 0, which every kernel leaves alone. Enters what the spin table says with x0 to x3 zero.
    .balign 64
    .global waiting_start
waiting_start:
    mrs     x5, mpidr_el1
    and     x5, x5, #3
    adr     x6, waiting_arrivals
    mov     x7, #1
    str     x7, [x6, x5, lsl #3]        // this core needs nothing of the old kernel any more
    dsb     sy
    mov     x6, #0xd8
1:  ldr     x4, [x6, x5, lsl #3]
    cbnz    x4, 2f
    wfe
    b       1b
2:  mov     x0, xzr
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    br      x4
    .balign 64                          // words that are written with the caches off: a line of their own
    .global waiting_arrivals
waiting_arrivals:
    .quad   0, 0, 0, 0
    .balign 64
    .global waiting_end
waiting_end:

    .bss
    .balign 8
    .global waiting_loop                // where the loop is; 0: a stop is for a report
waiting_loop:
    .skip   8
