// From the firmware to kernel_main: which core, which exception level, where the image lies.
//
// In:  x0 = what the firmware hands over (DTB, ATAGs or 0), MMU and data cache off, any of EL3, EL2, EL1.
// Out: kernel_main(x0) on core 0 at EL1h, MMU and caches on, .bss zero, interrupts masked.
//
// Nothing here uses the stack before the MMU is on, so no stale cache line can hide what was pushed.
//
// It speaks first: a line with the level, MIDR_EL1, CNTFRQ_EL0 and x0, and then a letter for each step that
// begins, so that the last one names the step that did not end (docs/hardware.md):
//
//   R2 410fd034 03b9aca0 0000000000000100 emtcbvgs
#include "board.h"
#include "percore.h"

// arm64 Image header, 64 bytes (Linux Documentation/arch/arm64/booting.rst).
    .section .text.header, "ax"
    .global _start
_start:
    b       start                       // code0
    nop                                 // code1
    .quad   0x200000                    // text_offset: U-Boot moves it to memory's start plus this
    .quad   __image_size                // with .bss and tables: what the image needs for itself
    .quad   0b0010                      // little-endian, 4 KiB pages, near the start of memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0
// What `load` says of an image, and judges it by (kernel/Transfer/KernelImage.swift): 48 bytes.
    .ascii  "Roost\0\0\0"
    .quad   __file_size
    .asciz  "0.1.0"                     // as in kernel/Kernel/Start/Version.swift
    .balign 16, 0
    .org    _start + 112

    .section .text.boot, "ax"
// Registers of the stub, kept through every routine that it calls:
//   x19 = where enter_el1 goes on   x20 = x0 of the firmware   x21 = end of ARM memory
//   x22 = the board's row         x28 = the exception level at entry
start:
    msr     daifset, #0xf
    mov     x20, x0
    mrs     x28, CurrentEL
    lsr     x28, x28, #2
    mrs     x1, mpidr_el1               // Aff0 = core number (Cortex-A53 TRM 4.3.2)
    tst     x1, #0xff
    b.ne    park

    bl      set_early_vectors           // a fault in the stub is told, whatever the level
    bl      find_board
    bl      early_uart_open             // from here on something can be said
    bl      say_entry
    mov     w0, #'e'                    // EL1
    bl      early_token
    adr     x19, first_core
    b       enter_el1

// The line's first part. Clobbers: x0-x6, x23
say_entry:
    mov     x23, x30
    adr     x0, 1f
    bl      early_print
    mov     x0, x28
    mov     w4, #1
    bl      early_hex
    adr     x0, 2f
    bl      early_print
    mrs     x0, midr_el1
    mov     w4, #8
    bl      early_hex
    adr     x0, 2f
    bl      early_print
    mrs     x0, cntfrq_el0
    mov     w4, #8
    bl      early_hex
    adr     x0, 2f
    bl      early_print
    mov     x0, x20
    mov     w4, #16
    bl      early_hex
    adr     x0, 2f
    bl      early_print
    ret     x23
1:  .asciz  "\r\nR"
2:  .asciz  " "
    .balign 4

// From any level to EL1h, as this kernel wants it: FP on, MMU and caches off, nothing trapped.
// In: x19 = where to go on, x22 = the board's row. Clobbers: x0-x3
    .global enter_el1
enter_el1:
    adr     x1, early_vectors
    mrs     x2, CurrentEL
    msr     contextidr_el1, x2          // for the way back to it (handover.S); nothing else uses it
    cmp     x2, #(2 << 2)
    b.hi    at_el3
    b.eq    at_el2
    msr     vbar_el1, x1
    b       at_el1

// Any core but the first that a firmware sends here instead of into the spin table.
park:
    wfe
    b       park

// EL3: only with a custom armstub or an ELF image in QEMU. Does what armstub8 would have done.
at_el3:
    msr     vbar_el3, x1
    mov     x1, #0x5b1                  // SCR_EL3: RW, HCE, SMD, RES1 (5:4), NS
    msr     scr_el3, x1
    msr     cptr_el3, xzr               // no trap of FP/SIMD to EL3
    msr     mdcr_el3, xzr               // nor of the cycle counter
    mrs     x1, S3_1_C11_C0_2           // L2CTLR_EL1: latency of the data RAM, as armstub8 sets it,
    mov     x2, #0x22                   // before caches are on (Cortex-A53 TRM, L2 Control Register)
    orr     x1, x1, x2
    msr     S3_1_C11_C0_2, x1
    mrs     x1, S3_1_C15_C2_1           // CPUECTLR_EL1.SMPEN: before caches (Cortex-A53 TRM 4.3.67)
    orr     x1, x1, #(1 << 6)
    msr     S3_1_C15_C2_1, x1
    bl      credible_frequency
    msr     cntfrq_el0, x0
    ldr     x1, [x22, #BOARD_LOCAL]     // timer clocked by the crystal, undivided (QA7, 3.1)
    str     wzr, [x1]
    mov     w2, #0x80000000
    str     w2, [x1, #LOCAL_PRESCALER]
    ldr     x1, [x22, #BOARD_GIC]
    cbz     x1, 2f
    add     x2, x1, #GIC_INTERFACE      // all interrupts are the non-secure world's (GIC-400 TRM, 2.3.2):
    mov     w3, #0x1e7                  // group 1 as IRQ, group 0 as FIQ, no bypass, both acknowledged
    str     w3, [x2, #GICC_CTLR]
    mov     w3, #0xff                   // every priority
    str     w3, [x2, #GICC_PMR]
    mov     w3, #3                      // both groups on
    str     w3, [x1, #GICD_CTLR]
    add     x1, x1, #GICD_IGROUPR       // the first word is this core's own, the rest is shared
    mov     w2, #-1
    mov     w3, #8                      // 256 interrupts
1:  str     w2, [x1], #4
    subs    w3, w3, #1
    b.ne    1b
    dsb     sy
2:
    ldr     x1, =0x30c50830             // SCTLR_EL2: RES1, MMU and caches off, little-endian
    msr     sctlr_el2, x1
    mov     x1, #0x3c9                  // EL2h, DAIF masked
    msr     spsr_el3, x1
    adr     x1, at_el2
    msr     elr_el3, x1
    eret

// EL2: the usual entry. Nothing of EL1 is trapped or virtual afterwards.
at_el2:
    adr     x1, early_vectors
    msr     vbar_el2, x1
    mov     x2, #(1 << 31)              // HCR_EL2.RW: EL1 is AArch64
    msr     hcr_el2, x2
    mov     x2, #0x33ff                 // CPTR_EL2: RES1, no trap of FP/SIMD
    msr     cptr_el2, x2
    msr     hstr_el2, xzr
    mov     x2, #3                      // CNTHCTL_EL2: EL1 may use the physical counter and timer
    msr     cnthctl_el2, x2
    msr     cntvoff_el2, xzr
    mrs     x2, midr_el1                // what EL1 reads as its own numbers: unknown at reset
    msr     vpidr_el2, x2
    mrs     x2, mpidr_el1
    msr     vmpidr_el2, x2
    mrs     x2, pmcr_el0                // MDCR_EL2: all event counters belong to EL1
    ubfx    x2, x2, #11, #5
    msr     mdcr_el2, x2
    msr     vttbr_el2, xzr
    ldr     x2, =SCTLR_EL1_OFF
    msr     sctlr_el1, x2
    msr     vbar_el1, x1
    mov     x2, #0x3c5                  // EL1h, DAIF masked
    msr     spsr_el2, x2
    adr     x2, at_el1
    msr     elr_el2, x2
    eret

at_el1:
    ldr     x1, =SCTLR_EL1_OFF          // known, whatever the firmware left
    msr     sctlr_el1, x1
    msr     spsel, #1
    mov     x1, #(3 << 20)              // CPACR_EL1.FPEN: no trap of FP/SIMD
    msr     cpacr_el1, x1
    mov     x1, #(1 << 12)              // MDSCR_EL1: no single step, no breakpoints; EL0 has no debug
    msr     mdscr_el1, x1               // channel. Unknown at reset, as Linux writes it
    msr     pmuserenr_el0, xzr          // nor event counters
    isb
    msr     fpcr, xzr                   // round to nearest, no traps; unknown at reset
    br      x19

first_core:
    adr     x0, _start                  // where it runs
    ldr     x1, =_start                 // where it was linked
    cmp     x0, x1
    b.ne    wrong_address

    mov     w0, #'m'                    // memory: the mailbox is asked
    bl      early_token
    bl      find_memory_end
    mov     x21, x0
    mov     w0, #'t'                    // tables
    bl      early_token
    mov     x0, x21
    bl      make_identity_map
    mov     w0, #'c'                    // MMU and caches: memory is cached from here on
    bl      early_token
    bl      enable_mmu

    mov     w0, #'b'                    // .bss
    bl      early_token
    ldr     x1, =__boot_stack_top
    mov     sp, x1
    mov     x29, xzr                    // the end of every backtrace
    mov     x30, xzr
    ldr     x0, =__bss_start
    ldr     x1, =__bss_size
    bl      bzero
    ldr     x1, =boot_memory_end
    str     x21, [x1]
    ldr     x1, =boot_entry
    stp     x28, x20, [x1]
    ldr     x1, =boot_board_family
    ldr     w2, [x22, #BOARD_FAMILY]
    str     x2, [x1]
    bl      credible_frequency
    ldr     x1, =boot_counter_frequency
    str     x0, [x1]

    mov     w0, #'v'                    // vectors
    bl      early_token
    ldr     x1, =core_data              // what the vectors need of core 0
    msr     tpidr_el1, x1
    ldr     x2, =__fault_stack_top
    str     x2, [x1, #CORE_FAULT_STACK]
    ldr     x2, =__nested_fault_stack_top
    str     x2, [x1, #CORE_NESTED_STACK]
    ldr     x1, =vectors
    msr     vbar_el1, x1
    isb
    msr     daifclr, #4                 // SError: a failed write is reported; interrupts stay masked

    mov     w0, #'g'                    // the stack's guard: the random numbers
    bl      early_token
    bl      make_stack_guard

    mov     w0, #'s'                    // Swift
    bl      early_token
    adr     x0, 1f
    bl      early_print
    mov     x0, x20
    mov     x29, xzr
    mov     x30, xzr
    bl      kernel_main
    b       halt_core
1:  .asciz  "\r\n"
    .balign 4

// The image is not where it was linked: nothing absolute can be trusted.
// In: x0 = where _start lies, x1 = where it should
wrong_address:
    mov     x25, x0
    mov     x26, x1
    adr     x0, 1f
    bl      early_print
    mov     x0, x25
    mov     w4, #16
    bl      early_hex
    adr     x0, 2f
    bl      early_print
    mov     x0, x26
    mov     w4, #16
    bl      early_hex
    adr     x0, 3f
    bl      early_print
    mov     w24, #BLINKS_ADDRESS
    b       early_blink
1:  .asciz  "\r\nroost: loaded at 0x"
2:  .asciz  " but linked for 0x"
3:  .asciz  "; set kernel_address=0x200000 in config.txt\r\n"
    .balign 4

// Written once .bss is clear; read by Swift: the end of the memory that the map calls normal.
    .section .bss.boot, "aw", @nobits
    .balign 8
    .global boot_memory_end
boot_memory_end:
    .skip   8

// The stacks of core 0, with the pages below each (linker.ld).
    .section .stacks, "aw", @nobits
    .balign 4096
    .skip   0x71000
