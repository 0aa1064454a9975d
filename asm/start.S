// From the firmware to kernel_main: which core, which exception level, where the image lies.
//
// In:  x0 = what the firmware hands over (DTB, ATAGs or 0), MMU and data cache off, any of EL3, EL2, EL1.
// Out: kernel_main(x0) on core 0 at EL1h, MMU and caches on, .bss zero, interrupts masked.
//
// Nothing here uses the stack before the MMU is on, so no stale cache line can hide what was pushed.
#include "board.h"
#include "percore.h"

// arm64 Image header, 64 bytes (Linux Documentation/arch/arm64/booting.rst).
    .section .text.header, "ax"
    .global _start
_start:
    b       start                       // code0
    nop                                 // code1
    .quad   0                           // text_offset: from a 2 MiB boundary
    .quad   __image_size                // with .bss and tables: what the image needs for itself
    .quad   0b0010                      // little-endian, 4 KiB pages, near the start of memory
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0

    .section .text.boot, "ax"
// Registers of the stub, kept through every routine that it calls:
//   x19 = where enter_el1 goes on   x20 = x0 of the firmware   x21 = end of ARM memory
start:
    msr     daifset, #0xf
    mov     x20, x0
    mrs     x1, mpidr_el1               // Aff0 = core number (Cortex-A53 TRM 4.3.2)
    tst     x1, #0xff
    b.ne    park

    adr     x19, first_core
    b       enter_el1

// From any level to EL1h, as this kernel wants it: FP on, MMU and caches off, nothing trapped.
// In: x19 = where to go on. Clobbers: x1, x2
    .global enter_el1
enter_el1:
    adr     x1, early_vectors           // a fault in the stub is told, whatever the level
    mrs     x2, CurrentEL
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
    mrs     x1, cntfrq_el0
    cbnz    x1, 1f
    ldr     x1, =19200000               // the crystal
    msr     cntfrq_el0, x1
1:  ldr     x1, =LOCAL_BLOCK            // timer clocked by the crystal, undivided (QA7, 3.1)
    str     wzr, [x1]
    mov     w2, #0x80000000
    str     w2, [x1, #LOCAL_PRESCALER]
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
    isb
    msr     fpcr, xzr                   // round to nearest, no traps; unknown at reset
    br      x19

first_core:
    adr     x0, _start                  // where it runs
    ldr     x1, =_start                 // where it was linked
    cmp     x0, x1
    b.ne    wrong_address

    bl      find_memory_end
    mov     x21, x0
    bl      make_identity_map
    bl      enable_mmu                  // memory is cached from here on

    ldr     x1, =__boot_stack_top
    mov     sp, x1
    mov     x29, xzr                    // the end of every backtrace
    mov     x30, xzr
    ldr     x0, =__bss_start
    ldr     x1, =__bss_size
    bl      bzero
    ldr     x1, =boot_memory_end
    str     x21, [x1]
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
    bl      make_stack_guard

    mov     x0, x20
    mov     x29, xzr
    mov     x30, xzr
    bl      kernel_main
    b       halt_core

// The image is not where it was linked: nothing absolute can be trusted.
// In: x0 = where _start lies, x1 = where it should
wrong_address:
    mov     x25, x0
    mov     x26, x1
    bl      early_uart_open
    adr     x0, 1f
    bl      early_print
    mov     x0, x25
    bl      early_print_hex
    adr     x0, 2f
    bl      early_print
    mov     x0, x26
    bl      early_print_hex
    adr     x0, 3f
    bl      early_print
    b       halt_core
1:  .asciz  "\r\nroost: loaded at "
2:  .asciz  " but linked for "
3:  .asciz  "; set kernel_address=0x200000 in config.txt\r\n"
    .balign 4

// Written once .bss is clear; read by Swift: the end of the memory that the map calls normal.
    .section .bss.boot, "aw", @nobits
    .balign 8
    .global boot_memory_end
boot_memory_end:
    .skip   8
