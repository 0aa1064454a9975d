// What the Swift runtime and compiled code call by names that Swift may not define itself, and the few
// instructions that Swift has no way to write. The hooks are in kernel/Kernel/Start/RuntimeHooks.swift.
#include "board.h"

    .text

// The allocation hooks, with the caller's address as a further argument: a report names it.
    .global posix_memalign
posix_memalign:                         // (void **out, size_t alignment, size_t size)
    mov     x3, x30
    b       runtime_allocate

    .global free
free:                                   // (void *)
    mov     x1, x30
    b       runtime_free

    .global kmalloc
kmalloc:                                // (size_t)
    mov     x1, x30
    b       kernel_allocate

    .global kfree
kfree:                                  // (void *)
    mov     x1, x30
    b       kernel_free

    .global arc4random_buf
arc4random_buf:                         // (void *, size_t)
    b       runtime_random

    .global putchar
putchar:                                // (int)
    b       runtime_putchar

// The guard on the stack of the function that returns to x30 was overwritten.
    .global __stack_chk_fail
__stack_chk_fail:
    mov     x0, x30
    b       stack_check_failed

// Square roots: compiled code calls them by name where it may not use the instruction alone.
// In: d0 or s0. Out: d0 or s0
    .global sqrt
sqrt:
    fsqrt   d0, d0
    ret

    .global sqrtf
sqrtf:
    fsqrt   s0, s0
    ret

// size_t strlen(const char *). In: x0. Out: x0. Clobbers: x1, x2
    .global strlen
strlen:
    mov     x1, x0
1:  ldrb    w2, [x1], #1
    cbnz    w2, 1b
    sub     x0, x1, x0
    sub     x0, x0, #1
    ret

// Sets __stack_chk_guard before any code that checks it. From the hardware generator; where there is none
// that may be touched, and when it gives nothing within a second, from the counter, mixed: different each
// boot, but guessable.
// The low byte is zero, which stops a string that overflows from reading or writing past it.
// In: x22 = the board's row. Clobbers: x0-x7
    .global make_stack_guard
make_stack_guard:
    ldr     w0, [x22, #BOARD_RNG]
    cbz     w0, 5f
    ldr     x1, [x22, #BOARD_PERIPHERALS]
    ldr     x2, =RNG
    add     x1, x1, x2
    ldr     w2, [x1, #RNG_CTRL]
    tbnz    w2, #0, 1f                  // the firmware may have started it
    mov     w2, #RNG_WARMUP
    str     w2, [x1, #RNG_STATUS]
    mov     w2, #1
    str     w2, [x1, #RNG_CTRL]
1:  mrs     x4, cntpct_el0
    ldr     x5, =boot_counter_frequency
    ldr     x5, [x5]
    add     x5, x5, x4                  // a second from now
    mov     x0, xzr
    mov     w6, #2                      // two words of 32 bits
2:  ldr     w2, [x1, #RNG_STATUS]
    lsr     w2, w2, #24                 // words ready
    cbnz    w2, 3f
    isb                                 // the counter may be read early otherwise
    mrs     x4, cntpct_el0
    cmp     x4, x5
    b.lo    2b
5:  isb
    mrs     x4, cntpct_el0
    ldr     x7, =0x9e3779b97f4a7c15     // 2^64 / golden ratio
    mul     x4, x4, x7
    eor     x0, x4, x4, lsr #29
    b       4f
3:  ldr     w2, [x1, #RNG_DATA]
    lsl     x0, x0, #32
    orr     x0, x0, x2
    subs    w6, w6, #1
    b.ne    2b
4:  and     x0, x0, #~0xff
    ldr     x1, =__stack_chk_guard
    str     x0, [x1]
    ret

    .bss
    .balign 8
    .global __stack_chk_guard
__stack_chk_guard:
    .skip   8

    .text

// Ends this core: masked, asleep, for ever.
    .global halt_core
halt_core:
    msr     daifset, #0xf
1:  wfi
    b       1b

// void semihosting_exit(uint64_t status): ends QEMU when it has -semihosting; without, hlt is an exception.
// SYS_EXIT, ADP_Stopped_ApplicationExit (Semihosting for AArch32 and AArch64, 7.9)
    .global semihosting_exit
semihosting_exit:
    ldr     x1, =0x20026
    stp     x1, x0, [sp, #-16]!
    mov     x1, sp
    mov     w0, #0x18
    hlt     #0xf000
    b       halt_core

// uint64_t read_X(void), void write_X(uint64_t): system registers. Clobbers: x0
.macro read_register name, register
    .global read_\name
read_\name:
    mrs     x0, \register
    ret
.endm
    read_register sctlr, sctlr_el1
    read_register midr, midr_el1
    read_register cpuectlr, S3_1_C15_C2_1
    read_register cntfrq, cntfrq_el0
    read_register cycle_counter, pmccntr_el0

// uint64_t read_counter(void): not earlier than the instructions before it. Clobbers: x0
    .global read_counter
read_counter:
    isb
    mrs     x0, cntpct_el0
    ret

// void start_cycle_counter(void): PMCCNTR_EL0 counts every cycle at EL1 from here on (ARM ARM D7.10.4, D13.4.5).
// Clobbers: x0
    .global start_cycle_counter
start_cycle_counter:
    msr     pmccfiltr_el0, xzr          // EL1 and EL0 count
    mov     x0, #(1 << 31)
    msr     pmcntenset_el0, x0          // C: the cycle counter
    mrs     x0, pmcr_el0
    orr     x0, x0, #(1 << 6)           // LC: 64 bits
    orr     x0, x0, #(1 << 0)           // E: on
    bic     x0, x0, #(1 << 3)           // D: every cycle, not every 64th
    msr     pmcr_el0, x0
    isb
    ret

    .global read_frame_pointer
read_frame_pointer:
    mov     x0, x29
    ret

    .global write_sctlr
write_sctlr:
    msr     sctlr_el1, x0
    isb
    ret
