// What the stub says when it cannot go on: a minimal PL011, and vectors that only report.
// Position-independent, stack-free, at any exception level, with the MMU off.
#include "board.h"

    .section .text.boot, "ax"

// Opens the PL011 at 115200 8N1 on GPIO 14/15, with the firmware's default clock of 48 MHz. The order is
// the TRM's (3.3.8): off, the running character ends, FIFOs emptied, the divisor, LCRH, on.
// Clobbers: x0-x2
    .global early_uart_open
early_uart_open:
    ldr     x0, =GPIO
    ldr     w1, [x0, #GPFSEL1]
    ldr     w2, =0x24000                // ALT0 (0b100) for pins 14 and 15
    and     w1, w1, #~(0x3f << 12)
    orr     w1, w1, w2
    str     w1, [x0, #GPFSEL1]
    dsb     sy                          // another device follows
    ldr     x0, =PL011
    str     wzr, [x0, #UART_CR]
1:  ldr     w1, [x0, #UART_FR]
    tbnz    w1, #UART_FR_BUSY_BIT, 1b
    str     wzr, [x0, #UART_LCRH]
    mov     w1, #26                     // 48 MHz / (16 * 115200) = 26 + 3/64
    str     w1, [x0, #UART_IBRD]
    mov     w1, #3
    str     w1, [x0, #UART_FBRD]
    mov     w1, #0x70                   // 8 bits, FIFOs on
    str     w1, [x0, #UART_LCRH]
    mov     w1, #0x301                  // UART, transmitter and receiver on
    str     w1, [x0, #UART_CR]
    ret

// In: x0 = text that ends with a zero byte. Clobbers: x0-x3
    .global early_print
early_print:
    ldr     x1, =PL011
1:  ldrb    w2, [x0], #1
    cbz     w2, 3f
2:  ldr     w3, [x1, #UART_FR]
    tbnz    w3, #UART_FR_TXFF_BIT, 2b
    str     w2, [x1, #UART_DR]
    b       1b
3:  ldr     w3, [x1, #UART_FR]          // let the last byte leave
    tbnz    w3, #UART_FR_BUSY_BIT, 3b
    ret

// In: x0 = number, printed as 0x and 16 digits. Clobbers: x0-x4
    .global early_print_hex
early_print_hex:
    ldr     x1, =PL011
    mov     w2, #'0'
    str     w2, [x1, #UART_DR]          // the FIFO has room: early_print has drained it
    mov     w2, #'x'
    str     w2, [x1, #UART_DR]
    mov     w4, #16
1:  ror     x0, x0, #60
    and     w2, w0, #15
    cmp     w2, #10
    add     w3, w2, #('a' - 10)
    add     w2, w2, #'0'
    csel    w2, w2, w3, lo
2:  ldr     w3, [x1, #UART_FR]
    tbnz    w3, #UART_FR_TXFF_BIT, 2b
    str     w2, [x1, #UART_DR]
    subs    w4, w4, #1
    b.ne    1b
    ret

// A fault in the stub, at any level: its syndrome, its place, the address; then stop.
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
3:  bl      early_uart_open
    adr     x0, 4f
    bl      early_print
    mov     x0, x25
    bl      early_print_hex
    adr     x0, 5f
    bl      early_print
    mov     x0, x26
    bl      early_print_hex
    adr     x0, 6f
    bl      early_print
    mov     x0, x27
    bl      early_print_hex
    adr     x0, 7f
    bl      early_print
    b       halt_core
4:  .asciz  "\r\nroost: fault in the start stub: esr "
5:  .asciz  " elr "
6:  .asciz  " far "
7:  .asciz  "\r\n"

// Architecture Reference Manual D1.10.2: 16 entries of 128 bytes, the table 2 KiB aligned.
    .balign 2048
    .global early_vectors
early_vectors:
    .rept   16
    .balign 128
    b       early_fault
    .endr
