// The identity map of the boot, and the switch to it. Runs at EL1 with the MMU off, without a stack.
//
//   0x0000_0000  low memory: page 0, stacks         normal, never executed; in pages of 4 KiB
//                the pages below each stack         not mapped: an overflow faults
//   0x0020_0000  image                              normal, executable
//   __end, up to a 2 MiB boundary, then the rest    normal, never executed
//   split        VideoCore memory                   not mapped: no cached alias of what it owns
//   0x3F00_0000  peripherals                        device nGnRE
//   0x4000_0000  per-core local block, 2 MiB        device nGnRE
//   above                                           not mapped
#include "board.h"

#define MAIR  0x00000000004404ff        // 0 normal write-back, 1 device nGnRE, 2 normal uncached

// Block descriptor (ARM ARM D5.3.1): valid block | AttrIndx | SH inner | AF, and never executed at EL0.
#define NORMAL      (0x1 | (0 << 2) | (3 << 8) | (1 << 10) | (1 << 54))
#define NORMAL_DATA (NORMAL | (1 << 53))
#define DEVICE      (0x1 | (1 << 2) | (1 << 10) | (1 << 53) | (1 << 54))
#define PAGE        (NORMAL_DATA | 0x2) // the same at level 3
#define TABLE       0x3

// TCR_EL1: 39-bit addresses from level 1, 4 KiB granule, walks write-back inner-shareable; TTBR1 off.
#define TCR   ((25 << 0) | (1 << 8) | (1 << 10) | (3 << 12) | (25 << 16) | (1 << 23) | (2 << 30))

// SCTLR_EL1: SA checks the stack pointer; A makes unaligned accesses fault everywhere.
#ifdef STRICT_ALIGN
#define SCTLR_A (1 << 1)
#else
#define SCTLR_A 0
#endif
#define SCTLR_ON (SCTLR_EL1_OFF | (1 << 0) | (1 << 2) | (1 << 3) | (1 << 12) | SCTLR_A)

    .section .text.boot, "ax"

// Asks the VideoCore how much memory the ARM owns, with the MMU off: the buffer goes past the caches.
// Out: x0 = first byte that is not the ARM's, a multiple of 2 MiB; MEMORY_FALLBACK when the mailbox
//      does not answer or answers nonsense (base not 0, less than 32 MiB, beyond the peripherals).
// Clobbers: x1-x6
    .global find_memory_end
find_memory_end:
    ldr     x1, =MAILBOX
    ldr     x2, =mailbox_buffer
    adr     x3, 7f                      // copy the request: .tables is not part of the file
    mov     x4, #4
1:  ldp     w5, w6, [x3], #8
    stp     w5, w6, [x2], #8
    subs    x4, x4, #1
    b.ne    1b
    sub     x2, x2, #32
    dsb     sy                          // the message is in memory before the mailbox hears of it
    mov     w6, #0x400000               // tries: about a second of device reads
2:  subs    w6, w6, #1
    b.eq    6f
    ldr     w5, [x1, #MAILBOX_WRITE_STATUS]
    tbnz    w5, #MAILBOX_FULL_BIT, 2b
    orr     w3, w2, #MAILBOX_PROPERTY_CHANNEL
    orr     w3, w3, #MAILBOX_UNCACHED
    str     w3, [x1, #MAILBOX_WRITE]
3:  subs    w6, w6, #1
    b.eq    6f
    ldr     w5, [x1, #MAILBOX_STATUS]
    tbnz    w5, #MAILBOX_EMPTY_BIT, 3b
    ldr     w5, [x1, #MAILBOX_READ]
    cmp     w5, w3
    b.ne    3b                          // an answer to somebody else's question
    dsb     sy
    ldr     w5, [x2, #4]                // 0x80000000 = understood
    mov     w6, #0x80000000
    cmp     w5, w6
    b.ne    6f
    ldp     w3, w0, [x2, #20]           // base, size
    cbnz    w3, 6f
    lsr     x0, x0, #BLOCK_SHIFT
    lsl     x0, x0, #BLOCK_SHIFT
    mov     w3, #0x02000000
    cmp     x0, x3
    b.lo    6f
    ldr     x3, =PERIPHERALS
    cmp     x0, x3
    b.hi    6f
    ret
6:  ldr     x0, =MEMORY_FALLBACK
    ret
    .balign 8
7:  .word   32, 0, TAG_GET_ARM_MEMORY, 8, 0, 0, 0, 0

// Writes the four tables.
// In: x0 = end of ARM memory. Clobbers: x1-x9
    .global make_identity_map
make_identity_map:
    ldr     x1, =boot_table_1           // level 1: 512 entries of 1 GiB, two used
    ldr     x2, =boot_table_2_low
    ldr     x3, =boot_table_2_high
    mov     x4, #512
1:  stp     xzr, xzr, [x1], #16
    subs    x4, x4, #2
    b.ne    1b
    sub     x1, x1, #4096
    orr     x5, x2, #TABLE
    orr     x6, x3, #TABLE
    stp     x5, x6, [x1]

    ldr     x1, =boot_table_3           // level 3: the first 2 MiB in pages
    orr     x5, x1, #TABLE
    str     x5, [x2], #8
    ldr     x6, =__fault_stack_bottom - PAGE_SIZE
    ldr     x7, =__boot_stack_guard
    ldr     x9, =__boot_stack_bottom
    sub     x9, x9, x7
    mov     x4, #0
1:  ldr     x5, =PAGE
    orr     x5, x5, x4
    sub     x8, x4, x7
    cmp     x4, x6                      // a guard, x6 or x9 bytes from x7 on: the invalid descriptor
    ccmp    x8, x9, #0, ne
    csel    x5, xzr, x5, lo
    str     x5, [x1], #8
    add     x4, x4, #PAGE_SIZE
    tbz     x4, #BLOCK_SHIFT, 1b

    ldr     x7, =PERIPHERALS            // level 2: the rest of the first GiB in blocks of 2 MiB
2:  mov     x5, xzr
    cmp     x4, x7
    b.hs    3f
    cmp     x4, x0
    b.hs    5f                          // the VideoCore's
    ldr     x5, =NORMAL_DATA
    ldr     x6, =_start
    cmp     x4, x6
    b.lo    4f
    ldr     x6, =__end
    cmp     x4, x6
    b.hs    4f
    ldr     x5, =NORMAL                 // the image: executable
    b       4f
3:  ldr     x5, =DEVICE
4:  orr     x5, x5, x4
5:  str     x5, [x2], #8
    add     x4, x4, #(1 << BLOCK_SHIFT)
    tbz     x4, #30, 2b

    ldr     x5, =DEVICE                 // the second GiB: one block
    orr     x5, x5, x4
    str     x5, [x3], #8
    mov     x4, #511
6:  str     xzr, [x3], #8
    subs    x4, x4, #1
    b.ne    6b
    ret

// Turns on the MMU and both caches.
//
// What the data cache may hold: booting.rst has the firmware enter with the cache off and the lines of
// the image cleaned to memory; clean lines of older content may remain. All that was written here with the
// MMU off (.tables: the four tables and the mailbox message) is invalidated, so that no such line hides
// it. .bss and the stacks are first written with the cache on, so stale lines there do no harm.
//
// Clobbers: x0-x3
    .global enable_mmu
enable_mmu:
    ldr     x0, =__tables_start
    ldr     x1, =__tables_end
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4             // DminLine: log2 of words in the smallest line
    mov     x3, #4
    lsl     x2, x3, x2
    dsb     sy                          // table writes before the invalidation
1:  dc      ivac, x0
    add     x0, x0, x2
    cmp     x0, x1
    b.lo    1b

    ldr     x0, =MAIR
    msr     mair_el1, x0
    ldr     x0, =TCR
    mrs     x1, id_aa64mmfr0_el1        // physical address size as this core has it
    and     x1, x1, #7
    mov     x2, #5                      // 48 bits: the most without the large-address extension
    cmp     x1, x2
    csel    x1, x1, x2, lo
    bfi     x0, x1, #32, #3
    msr     tcr_el1, x0
    ldr     x0, =boot_table_1
    msr     ttbr0_el1, x0
    msr     ttbr1_el1, xzr
    isb                                 // all of that before the first walk
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    ldr     x0, =SCTLR_ON
    msr     sctlr_el1, x0
    isb
    ret

    .section .tables, "aw", @nobits
    .balign 4096
boot_table_1:       .skip 4096
boot_table_2_low:   .skip 4096
boot_table_2_high:  .skip 4096
boot_table_3:       .skip 4096

    .section .shared, "aw", @nobits
    .balign 256                         // cache lines of its own
    .global mailbox_buffer              // Swift uses it afterwards, with cache maintenance
mailbox_buffer:     .skip 256
