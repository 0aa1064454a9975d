// The boards: what differs before Swift runs. The only addresses of devices in asm/.
#include "board.h"

    .section .text.boot, "ax"

// Finds the board's row by the processor: the two families have different ones, and their devices lie at
// different addresses, so nothing can be asked of a device first. A processor that is not listed gets the
// first row, and Swift says so.
// In: nothing. Out: x22 = the row. Clobbers: x1, x2
    .global find_board
find_board:
    mrs     x1, midr_el1
    ldr     w2, =MIDR_MASK
    and     w1, w1, w2
    adr     x22, boards
1:  ldr     w2, [x22, #BOARD_PROCESSOR]
    cbz     w2, 2f
    cmp     w1, w2
    b.eq    3f
    add     x22, x22, #BOARD_SIZE
    b       1b
2:  adr     x22, boards
3:  ret

// Judges CNTFRQ_EL0, which stubs are known to leave 0 or 1: every wait goes by what this says.
// In: x22 = the board. Out: x0 = ticks a second of the counter. Clobbers: x1
    .global credible_frequency
credible_frequency:
    mrs     x0, cntfrq_el0
    ldr     x1, =LEAST_FREQUENCY
    cmp     x0, x1
    b.lo    1f
    ldr     x1, =MOST_FREQUENCY
    cmp     x0, x1
    b.ls    2f
1:  ldr     x0, [x22, #BOARD_FREQUENCY]
2:  ret

    .balign 8
boards:
    // BCM2837: Pi 3B, 3B+, 3A+, Zero 2 W, CM3, and the Pi 2 from 1.2 on. Cortex-A53.
    .word   0x4100d030, 3
    .quad   0x3F000000, 0x3F000000
    .quad   0x40000000, 0x40200000
    .quad   0x40000000, 0
    .quad   19200000
    .word   29, 1
    // BCM2711 with its peripherals low: Pi 4B, 400, CM4. Cortex-A72.
    .word   0x4100d080, 4
    .quad   0xFE000000, 0x40000000
    .quad   0xFC000000, 0x100000000
    .quad   0xFF800000, 0xFF841000
    .quad   54000000
    .word   42, 0
    .word   0, 0                        // the end

// Where the ACT LED is, by the revision code's type: pairs, the last of type 0. Pins from 128 on are
// the firmware's own, behind the mailbox (Linux, the boards' device trees: led-act).
    .global led_pins
led_pins:
    .byte   0x08, 130, 0x0a, 130, 0x10, 130
    .byte   0x0d, 29, 0x0e, 29, 0x12, 29
    .byte   0x11, 42, 0x13, 42, 0x14, 42
    .byte   0, 0
    .balign 4

// Written once .bss is clear; read by Swift.
    .section .bss.boot, "aw", @nobits
    .balign 8
    .global boot_board_family
boot_board_family:
    .skip   8
    .global boot_entry
boot_entry:
    .skip   16
    .global boot_counter_frequency
boot_counter_frequency:
    .skip   8
