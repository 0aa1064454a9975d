// Addresses and constants of the board that the start stub needs before Swift runs.
// BCM2837 ARM Peripherals: bus addresses 0x7Exxxxxx are seen by the ARM at 0x3Fxxxxxx.
#pragma once

#define PERIPHERALS      0x3F000000  // first device byte; also the end of memory on a 1 GiB board
#define GPIO             0x3F200000
#define GPFSEL1          0x04        // function of pins 10 to 19, three bits each
#define GPPUD            0x94
#define GPPUDCLK0        0x98

#define PL011            0x3F201000  // ARM PrimeCell UART (PL011) TRM, 3.2
#define UART_DR          0x00
#define UART_FR          0x18
#define UART_FR_TXFF_BIT 5
#define UART_FR_BUSY_BIT 3
#define UART_IBRD        0x24
#define UART_FBRD        0x28
#define UART_LCRH        0x2C
#define UART_CR          0x30

#define MAILBOX          0x3F00B880
#define MAILBOX_READ     0x00
#define MAILBOX_STATUS   0x18
#define MAILBOX_WRITE    0x20
#define MAILBOX_WRITE_STATUS 0x38      // each direction has its own
#define MAILBOX_EMPTY_BIT 30
#define MAILBOX_FULL_BIT 31
#define MAILBOX_PROPERTY_CHANNEL 8
#define MAILBOX_UNCACHED 0xC0000000  // the VideoCore's alias of memory past its own caches
#define TAG_GET_ARM_MEMORY 0x00010005

#define RNG              0x3F104000
#define RNG_CTRL         0x00
#define RNG_STATUS       0x04
#define RNG_DATA         0x08
#define RNG_INT_MASK     0x10
#define RNG_WARMUP       0x40000     // samples that the generator throws away at first

#define LOCAL_BLOCK      0x40000000  // QA7 "ARM quad A7 core": per-core timers and interrupts
#define LOCAL_PRESCALER  0x08

// What the ARM is taken to own when the mailbox does not answer: 128 MiB, the least that any 64-bit
// board leaves to it (512 MiB with 384 for the VideoCore).
#define MEMORY_FALLBACK  0x08000000

#define BLOCK_SHIFT      21          // 2 MiB, a level 2 block with the 4 KiB granule
#define PAGE_SIZE        4096

#define SCTLR_EL1_OFF    0x30d00800  // RES1 bits of ARMv8.0 (ARM ARM D13.2.113), all else off
