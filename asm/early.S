// What the stub says, and what is said when it cannot go on: a minimal PL011, the ACT LED, and vectors
// that only report. Position-independent, stack-free, at any exception level, with the MMU on or off.
// All of it takes x22 = the board's row (boards.S). Every wait has an end.
#include "board.h"

    .section .text.boot, "ax"

// Sends the byte in w\byte to the UART at x1. Clobbers: x3, x5
.macro put byte
    mov     w5, #UART_PATIENCE
8:  ldr     w3, [x1, #UART_FR]
    tbz     w3, #UART_FR_TXFF_BIT, 9f
    subs    w5, w5, #1
    b.ne    8b
9:  str     \byte, [x1, #UART_DR]
.endm

.macro load_uart register
    ldr     \register, [x22, #BOARD_PERIPHERALS]
    add     \register, \register, #PL011
.endm

// Opens the PL011 at 115200 8N1 on GPIO 14/15, with the firmware's default clock of 48 MHz. The order is
// the TRM's (3.3.8): off, the running character ends, FIFOs emptied, the divisor, LCRH, on.
// Clobbers: x0-x2
    .global early_uart_open
early_uart_open:
    ldr     x0, [x22, #BOARD_PERIPHERALS]
    add     x0, x0, #GPIO
    ldr     w1, [x0, #GPFSEL1]
    ldr     w2, =0x24000                // ALT0 (0b100) for pins 14 and 15
    and     w1, w1, #~(0x3f << 12)
    orr     w1, w1, w2
    str     w1, [x0, #GPFSEL1]
    dsb     sy                          // another device follows
    load_uart x0
    ldr     w1, [x0, #UART_CR]
    tbz     w1, #0, 2f                  // off
    mov     w2, #UART_PATIENCE
1:  ldr     w1, [x0, #UART_FR]          // the firmware's last words
    tbz     w1, #UART_FR_BUSY_BIT, 2f
    subs    w2, w2, #1
    b.ne    1b
2:  str     wzr, [x0, #UART_CR]
    mov     w2, #UART_PATIENCE
1:  ldr     w1, [x0, #UART_FR]
    tbz     w1, #UART_FR_BUSY_BIT, 2f
    subs    w2, w2, #1
    b.ne    1b
2:  str     wzr, [x0, #UART_LCRH]
    mov     w1, #26                     // 48 MHz / (16 * 115200) = 26 + 3/64
    str     w1, [x0, #UART_IBRD]
    mov     w1, #3
    str     w1, [x0, #UART_FBRD]
    mov     w1, #0x70                   // 8 bits, FIFOs on
    str     w1, [x0, #UART_LCRH]
    mov     w1, #0x301                  // UART, transmitter and receiver on
    str     w1, [x0, #UART_CR]
    ret

// In: w0 = one byte, the name of the step that begins. Clobbers: x1, x3, x5
    .global early_token
early_token:
    load_uart x1
    put     w0
    dsb     sy                          // another device may follow
    ret

// In: x0 = text that ends with a zero byte. Clobbers: x0-x3, x5
    .global early_print
early_print:
    load_uart x1
1:  ldrb    w2, [x0], #1
    cbz     w2, 2f
    put     w2
    b       1b
2:  dsb     sy
    ret

// In: x0 = number, printed as the x4 (1 to 16) lowest digits. Clobbers: x0-x6
    .global early_hex
early_hex:
    load_uart x1
    lsl     w6, w4, #2
    ror     x0, x0, x6                  // the first digit is the highest
1:  ror     x0, x0, #60
    and     w2, w0, #15
    cmp     w2, #10
    add     w6, w2, #('a' - 10)
    add     w2, w2, #'0'
    csel    w2, w2, w6, lo
    put     w2
    subs    w4, w4, #1
    b.ne    1b
    dsb     sy
    ret

// Sets the vectors of the level that runs this to those that only report. Clobbers: x1, x2
    .global set_early_vectors
set_early_vectors:
    adr     x1, early_vectors
    mrs     x2, CurrentEL
    cmp     x2, #(2 << 2)
    b.hi    1f
    b.eq    2f
    msr     vbar_el1, x1
    b       3f
1:  msr     vbar_el3, x1
    b       3f
2:  msr     vbar_el2, x1
3:  isb
    ret

// Asks the VideoCore one thing. The caches are off, or what the message takes is not in them.
// In: x0 = the tag's number, x1, x2 = its value's two words
// Out: x0 = mailbox_buffer, or 0 when there is no answer; flags as of cmp x0, #0. Clobbers: x1-x6
    .global early_ask
early_ask:
    adrp    x3, mailbox_buffer          // near, though the image may not be where it was linked
    add     x3, x3, :lo12:mailbox_buffer
    mov     w4, #32                     // size, code, tag, value's size, its code, value, end
    stp     w4, wzr, [x3]
    mov     w4, #8
    stp     w0, w4, [x3, #8]
    stp     wzr, w1, [x3, #16]
    stp     w2, wzr, [x3, #24]
    dsb     sy                          // the message is in memory before the mailbox hears of it
    ldr     x1, [x22, #BOARD_PERIPHERALS]
    mov     w2, #MAILBOX
    add     x1, x1, x2
    mov     w6, #0x400000               // tries: about a second of device reads
1:  subs    w6, w6, #1
    b.eq    3f
    ldr     w5, [x1, #MAILBOX_WRITE_STATUS]
    tbnz    w5, #MAILBOX_FULL_BIT, 1b
    orr     w4, w3, #MAILBOX_PROPERTY_CHANNEL
    orr     w4, w4, #MAILBOX_UNCACHED
    str     w4, [x1, #MAILBOX_WRITE]
2:  subs    w6, w6, #1
    b.eq    3f
    ldr     w5, [x1, #MAILBOX_STATUS]
    tbnz    w5, #MAILBOX_EMPTY_BIT, 2b
    ldr     w5, [x1, #MAILBOX_READ]
    cmp     w5, w4
    b.ne    2b                          // an answer to somebody else's question
    dsb     sy
    ldr     w5, [x3, #4]                // 0x80000000 = understood
    mov     w6, #0x80000000
    cmp     w5, w6
    b.ne    3f
    mov     x0, x3
    cmp     x0, #0
    ret
3:  mov     x0, xzr
    cmp     x0, #0
    ret

// For whoever has no serial cable: blinks the ACT LED, x24 times and a pause, for ever. The LED is a pin or,
// on a 3B and a CM3, the firmware's own; the revision code says which. Never returns.
    .global early_blink
early_blink:
    mrs     x1, CurrentEL
    cmp     x1, #(1 << 2)
    b.ne    1f
    adrp    x0, mailbox_buffer          // a fault may come with the caches on: nothing of the message
    add     x0, x0, :lo12:mailbox_buffer
    dc      civac, x0                   // stays in them, and then they are off
    dsb     sy
    mrs     x1, sctlr_el1
    mov     x2, #0x1005                 // I, C, M
    bic     x1, x1, x2
    msr     sctlr_el1, x1
    isb
1:  ldr     w23, [x22, #BOARD_LED]
    mov     x0, #(TAG_GET_REVISION & 0xffff)
    movk    x0, #(TAG_GET_REVISION >> 16), lsl #16
    mov     x1, xzr
    mov     x2, xzr
    bl      early_ask
    b.eq    4f
    ldr     w1, [x0, #MAILBOX_VALUE]
    ubfx    w1, w1, #4, #8
    adr     x2, led_pins
2:  ldrb    w3, [x2], #1
    ldrb    w4, [x2], #1
    cbz     w3, 4f
    cmp     w1, w3
    b.ne    2b
    mov     w23, w4
4:  cmp     w23, #128
    b.hs    5f
    ldr     x0, [x22, #BOARD_PERIPHERALS]
    add     x0, x0, #GPIO
    mov     w1, #10                     // GPFSELn: ten pins a register, three bits a pin
    udiv    w2, w23, w1
    msub    w3, w2, w1, w23
    add     w3, w3, w3, lsl #1
    ldr     w4, [x0, x2, lsl #2]
    mov     w5, #7
    lsl     w5, w5, w3
    bic     w4, w4, w5
    mov     w5, #1                      // output
    lsl     w5, w5, w3
    orr     w4, w4, w5
    str     w4, [x0, x2, lsl #2]
5:  mov     w25, w24
6:  mov     w1, #1
    bl      early_led
    mov     w0, #(250000 & 0xffff)
    movk    w0, #(250000 >> 16), lsl #16
    bl      early_delay
    mov     w1, wzr
    bl      early_led
    mov     w0, #(250000 & 0xffff)
    movk    w0, #(250000 >> 16), lsl #16
    bl      early_delay
    subs    w25, w25, #1
    b.ne    6b
    mov     w0, #(1500000 & 0xffff)
    movk    w0, #(1500000 >> 16), lsl #16
    bl      early_delay
    b       5b

// Sets the LED. In: w23 = its pin, w1 = 0 or 1. Clobbers: x0-x6
early_led:
    cmp     w23, #128
    b.hs    1f
    ldr     x0, [x22, #BOARD_PERIPHERALS]
    add     x0, x0, #GPIO
    mov     w2, #GPCLR0
    mov     w3, #GPSET0
    cmp     w1, #0
    csel    w2, w2, w3, eq
    add     x0, x0, x2
    lsr     w2, w23, #5                 // 32 pins a register
    mov     w3, #1
    lsl     w3, w3, w23                 // by w23 modulo 32
    str     w3, [x0, x2, lsl #2]
    ret
1:  mov     w2, w1
    mov     w1, w23
    mov     x0, #(TAG_SET_GPIO_STATE & 0xffff)
    movk    x0, #(TAG_SET_GPIO_STATE >> 16), lsl #16
    b       early_ask

// Waits for w0 microseconds of the system timer, which runs at 1 MHz on every board; should it stand
// still, for as many reads of it. Clobbers: x0-x4
early_delay:
    ldr     x1, [x22, #BOARD_PERIPHERALS]
    add     x1, x1, #SYSTEM_TIMER
    ldr     w2, [x1, #TIMER_LOW]
    lsl     w4, w0, #4                  // a read takes 60 ns at least
1:  ldr     w3, [x1, #TIMER_LOW]
    sub     w3, w3, w2
    cmp     w3, w0
    b.hs    2f
    subs    w4, w4, #1
    b.ne    1b
2:  ret

// A fault in the stub, at any level: its syndrome, its place, the address; then the LED.
    .global early_fault
early_fault:
    mrs     x25, CurrentEL
    cmp     x25, #(2 << 2)
    b.hi    1f
    b.eq    2f
    mrs     x25, esr_el1
    mrs     x26, elr_el1
    mrs     x27, far_el1
    b       3f
1:  mrs     x25, esr_el3
    mrs     x26, elr_el3
    mrs     x27, far_el3
    b       3f
2:  mrs     x25, esr_el2
    mrs     x26, elr_el2
    mrs     x27, far_el2
3:  bl      find_board
    bl      early_uart_open
    adr     x0, 4f
    bl      early_print
    mov     x0, x25
    mov     w4, #16
    bl      early_hex
    adr     x0, 5f
    bl      early_print
    mov     x0, x26
    mov     w4, #16
    bl      early_hex
    adr     x0, 6f
    bl      early_print
    mov     x0, x27
    mov     w4, #16
    bl      early_hex
    adr     x0, 7f
    bl      early_print
    mov     w24, #BLINKS_FAULT
    b       early_blink
4:  .asciz  "\r\nroost: fault in the start stub: esr 0x"
5:  .asciz  " elr 0x"
6:  .asciz  " far 0x"
7:  .asciz  "\r\n"

// Architecture Reference Manual D1.10.2: 16 entries of 128 bytes, the table 2 KiB aligned.
    .balign 2048
    .global early_vectors
early_vectors:
    .set    number, 0
    .rept   16
    .balign 128
    .if     number == 8                 // synchronous, from the level below
    b       call_from_below
    .else
    b       early_fault
    .endif
    .set    number, number + 1
    .endr
