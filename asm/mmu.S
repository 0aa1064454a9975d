// The identity map of the boot, and the switch to it. Runs at EL1 with the MMU off, without a stack.
// x22 = the board's row (boards.S). docs/memory-map.md has all addresses; this is what the boot maps:
//
//   0x0000_0000  low memory                         normal, never executed; blocks of 2 MiB
//   0x0020_0000  image up to the end of .text       normal, executable
//                the rest of it                     normal, never executed
//                the block with the stacks          the same in pages of 4 KiB; those below each
//                                                   stack are not mapped: an overflow faults
//   __end        memory                             normal, never executed
//   split        VideoCore memory                   not mapped: no cached alias of what it owns
//   limit        devices in the first GiB, if any   device nGnRE
//   blocks       devices behind it                  device nGnRE
//   elsewhere                                       not mapped
#include "board.h"

#define MAIR  0x00000000004404ff        // 0 normal write-back, 1 device nGnRE, 2 normal uncached

// Block descriptor (ARM ARM D5.3.1): valid block | AttrIndx | SH inner | AF, and never executed at EL0.
#define NORMAL      (0x1 | (0 << 2) | (3 << 8) | (1 << 10) | (1 << 54))
#define NORMAL_DATA (NORMAL | (1 << 53))
#define DEVICE      (0x1 | (1 << 2) | (1 << 10) | (1 << 53) | (1 << 54))
#define PAGE        (NORMAL_DATA | 0x2) // the same at level 3
#define PAGE_TEXT   (NORMAL | 0x2)
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

// Asks the VideoCore how much memory the ARM owns, with the MMU off: the buffer goes past the caches. On
// a board with more than 1 GiB that is what lies in the first.
// Out: x0 = first byte that is not the ARM's, a multiple of 2 MiB; MEMORY_FALLBACK when the mailbox
//      does not answer or answers nonsense (base not 0, less than 32 MiB, beyond the devices).
// Clobbers: x1-x7
    .global find_memory_end
find_memory_end:
    mov     x7, x30
    ldr     x0, =TAG_GET_ARM_MEMORY
    mov     x1, xzr
    mov     x2, xzr
    bl      early_ask
    mov     x30, x7
    b.eq    1f
    ldp     w3, w0, [x0, #MAILBOX_VALUE] // base, size
    cbnz    w3, 1f
    lsr     x0, x0, #BLOCK_SHIFT
    lsl     x0, x0, #BLOCK_SHIFT
    mov     w3, #0x02000000
    cmp     x0, x3
    b.lo    1f
    ldr     x3, [x22, #BOARD_MEMORY_LIMIT]
    cmp     x0, x3
    b.hi    1f
    ret
1:  ldr     x0, =MEMORY_FALLBACK
    ret

// Writes the four tables.
// In: x0 = end of ARM memory. Clobbers: x1-x11
    .global make_identity_map
make_identity_map:
    ldr     x1, =boot_table_1           // level 1: 512 entries of 1 GiB, two used
    ldr     x2, =boot_table_2_low
    ldr     x3, =boot_table_2_high
    mov     x4, #512
1:  stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x3], #16
    subs    x4, x4, #2
    b.ne    1b
    sub     x1, x1, #PAGE_SIZE
    sub     x3, x3, #PAGE_SIZE
    orr     x5, x2, #TABLE
    str     x5, [x1]
    ldr     x4, [x22, #BOARD_BLOCKS]
    lsr     x6, x4, #30
    orr     x5, x3, #TABLE
    str     x5, [x1, x6, lsl #3]

    ldr     x7, [x22, #BOARD_BLOCKS_END] // level 2 of that GiB: the devices
2:  ldr     x5, =DEVICE
    orr     x5, x5, x4
    ubfx    x6, x4, #BLOCK_SHIFT, #9
    str     x5, [x3, x6, lsl #3]
    add     x4, x4, #(1 << BLOCK_SHIFT)
    cmp     x4, x7
    b.lo    2b

    mov     x4, xzr                     // level 2 of the first GiB
    ldr     x7, [x22, #BOARD_MEMORY_LIMIT]
    ldr     x8, =_start
    ldr     x9, =__text_end
    ldr     x10, =__stacks_start
    lsr     x10, x10, #BLOCK_SHIFT      // the block in pages
3:  ldr     x5, =DEVICE
    cmp     x4, x7
    b.hs    4f
    mov     x5, xzr
    cmp     x4, x0
    b.hs    5f                          // the VideoCore's
    ldr     x5, =NORMAL_DATA
    cmp     x4, x8
    ccmp    x4, x9, #2, hs              // the flags of "higher or same" where it is below _start
    b.hs    4f
    ldr     x5, =NORMAL                 // .text
4:  orr     x5, x5, x4
    cmp     x10, x4, lsr #BLOCK_SHIFT
    b.ne    5f
    ldr     x5, =boot_table_3
    orr     x5, x5, #TABLE
5:  str     x5, [x2], #8
    add     x4, x4, #(1 << BLOCK_SHIFT)
    tbz     x4, #30, 3b

    ldr     x1, =boot_table_3           // level 3: the block with the stacks
    lsl     x4, x10, #BLOCK_SHIFT
    ldr     x6, =__fault_stack_guard
    ldr     x7, =__boot_stack_guard
    ldr     x2, =__boot_stack_bottom
    sub     x2, x2, x7
    mov     x3, #512
6:  ldr     x5, =PAGE
    cmp     x4, x8
    ccmp    x4, x9, #2, hs
    b.hs    7f
    ldr     x5, =PAGE_TEXT
7:  orr     x5, x5, x4
    sub     x11, x4, x7
    cmp     x4, x6                      // a guard, x6 or x2 bytes from x7 on: the invalid descriptor
    ccmp    x11, x2, #0, ne
    csel    x5, xzr, x5, lo
    str     x5, [x1], #8
    add     x4, x4, #PAGE_SIZE
    subs    x3, x3, #1
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
