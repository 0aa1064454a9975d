// Cores 1 to 3: from the firmware's spin table to core_main.
#include "board.h"
#include "percore.h"

    .section .text.boot, "ax"

// In:  any of EL3, EL2, EL1; MMU and caches off; nothing else known.
// Out: core_main(number) at EL1h on the stack of its struct core_data, on the map of core 0, caches on,
//      interrupts masked.
//
// Whatever is read before the MMU is on must be in memory and not in a cache of core 0 alone:
// core_registers is, for publish_core_registers cleans it.
    .global secondary_start
secondary_start:
    msr     daifset, #0xf
    bl      find_board
    adr     x19, 1f
    b       enter_el1
1:  ldr     x0, =core_registers
    ldp     x1, x2, [x0]
    ldp     x3, x4, [x0, #16]
    ldr     x5, [x0, #32]
    msr     mair_el1, x1
    msr     tcr_el1, x2
    msr     ttbr0_el1, x3
    msr     ttbr1_el1, x4
    isb                                 // all of that before the first walk
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    msr     sctlr_el1, x5
    isb

    mrs     x1, mpidr_el1
    and     x1, x1, #3
    ldr     x2, =core_data
    add     x1, x2, x1, lsl #CORE_DATA_SHIFT
    msr     tpidr_el1, x1
    ldr     x2, [x1, #CORE_STACK]
    mov     sp, x2
    ldr     x2, =vectors
    msr     vbar_el1, x2
    isb
    msr     daifclr, #4                 // SError is reported from here on
    ldr     x0, [x1, #CORE_NUMBER]
    mov     x29, xzr                    // the end of every backtrace
    mov     x30, xzr
    bl      core_main
    b       halt_core

    .text

// void publish_core_registers(void). Clobbers: x0-x3
    .global publish_core_registers
publish_core_registers:
    ldr     x0, =core_registers
    mrs     x1, mair_el1
    mrs     x2, tcr_el1
    stp     x1, x2, [x0]
    mrs     x1, ttbr0_el1
    mrs     x2, ttbr1_el1
    stp     x1, x2, [x0, #16]
    mrs     x1, sctlr_el1
    str     x1, [x0, #32]
    dc      civac, x0                   // 64 bytes, a line of its own
    dsb     sy
    ret

// void write_spin_table(uintptr_t slot, uintptr_t entry). Clobbers: nothing
    .global write_spin_table
write_spin_table:
    str     x1, [x0]
    dc      civac, x0                   // the core that waits reads past the caches
    dsb     sy
    sev
    ret

    .bss
    .balign 64
core_registers:
    .skip   64
    .balign 128
    .global core_data
core_data:
    .skip   4 << CORE_DATA_SHIFT
