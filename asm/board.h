// What the start stub needs of a board before Swift runs. No address is here: the boards' rows have them
// (boards.S), and x22 points to the row of the board that runs this. Offsets of devices are from the
// first byte of the peripherals, the same on both families (BCM2835 ARM Peripherals, 1.2.3).
#pragma once

// Offsets into a row of boards.S. The last is its size.
#define BOARD_PROCESSOR    0         // MIDR_EL1 & MIDR_MASK
#define BOARD_FAMILY       4         // for Swift: Board.Family
#define BOARD_PERIPHERALS  8
#define BOARD_MEMORY_LIMIT 16        // where memory of the first GiB ends at most
#define BOARD_BLOCKS       24        // devices behind the first GiB: from here
#define BOARD_BLOCKS_END   32
#define BOARD_LOCAL        40        // the block beside the cores
#define BOARD_GIC          48        // GIC-400 distributor, or 0
#define BOARD_FREQUENCY    56        // the crystal, in Hz
#define BOARD_LED          64        // pin of the ACT LED where the revision code is unknown
#define BOARD_RNG          68        // 1: the BCM2835 generator is there
#define BOARD_SIZE         72

#define MIDR_MASK        0xff00fff0  // who made it, and the part

#define GPIO             0x200000
#define GPFSEL1          0x04        // function of pins 10 to 19, three bits each
#define GPSET0           0x1C
#define GPCLR0           0x28

#define PL011            0x201000    // ARM PrimeCell UART (PL011) TRM, 3.2
#define UART_DR          0x00
#define UART_FR          0x18
#define UART_FR_TXFF_BIT 5
#define UART_FR_BUSY_BIT 3
#define UART_IBRD        0x24
#define UART_FBRD        0x28
#define UART_LCRH        0x2C
#define UART_CR          0x30
// Reads of the flag register before a wait is given up. A read takes more than 20 ns, so that is 2.6 ms;
// a full FIFO takes 1.4 ms at 115,200 baud.
#define UART_PATIENCE    0x20000

#define MAILBOX          0xB880
#define MAILBOX_READ     0x00
#define MAILBOX_STATUS   0x18
#define MAILBOX_WRITE    0x20
#define MAILBOX_WRITE_STATUS 0x38      // each direction has its own
#define MAILBOX_EMPTY_BIT 30
#define MAILBOX_FULL_BIT 31
#define MAILBOX_PROPERTY_CHANNEL 8
#define MAILBOX_UNCACHED 0xC0000000  // the VideoCore's alias of memory past its own caches
#define MAILBOX_VALUE    20          // bytes before the value in a message of one tag
#define TAG_GET_REVISION   0x00010002
#define TAG_GET_ARM_MEMORY 0x00010005
#define TAG_SET_GPIO_STATE 0x00038041

#define SYSTEM_TIMER     0x3000
#define TIMER_LOW        0x04        // microseconds

// bcm2835-rng of Linux. Nothing behind DATA is touched: what lies there is not documented, and an
// emulated 3A+ has no such register.
#define RNG              0x104000
#define RNG_CTRL         0x00
#define RNG_STATUS       0x04
#define RNG_DATA         0x08
#define RNG_WARMUP       0x40000     // samples that the generator throws away at first

#define LOCAL_PRESCALER  0x08        // of the block beside the cores (QA7, 3.1)

#define GIC_INTERFACE    0x1000      // of the core, behind the distributor (GIC-400 TRM, 3.2)
#define GICD_CTLR        0x000
#define GICD_IGROUPR     0x080
#define GICC_CTLR        0x000
#define GICC_PMR         0x004

// A counter's frequency is believed in this range: the architecture speaks of 1 to 50 MHz, and of 1 GHz
// from Armv8.6 on (Arm ARM, D11.1.2 "The system counter"); QEMU has 62.5 MHz.
#define LEAST_FREQUENCY  1000000
#define MOST_FREQUENCY   1000000000

// What the ARM is taken to own when the mailbox does not answer: 128 MiB, the least that any 64-bit
// board leaves to it (512 MiB with 384 for the VideoCore).
#define MEMORY_FALLBACK  0x08000000

#define BLOCK_SHIFT      21          // 2 MiB, a level 2 block with the 4 KiB granule
#define PAGE_SIZE        4096

#define SCTLR_EL1_OFF    0x30d00800  // RES1 bits of ARMv8.0 (ARM ARM D13.2.113), all else off

// What the ACT LED blinks before it pauses (docs/hardware.md).
#define BLINKS_FAULT     2
#define BLINKS_ADDRESS   3
