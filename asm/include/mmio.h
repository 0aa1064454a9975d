// What Swift cannot say about device registers and caches: single 32-bit volatile accesses,
// barriers, cache maintenance. Inline, so that a register access is one instruction.
// On a host only the names matter (tests replace the bus), so there the barriers are empty.
#pragma once
#include <stdint.h>

// Reads the 32-bit register at `address` (a multiple of 4): one load, never split or elided.
static inline uint32_t mmio_load(uintptr_t address) {
    return *(volatile uint32_t *)address;
}

// Writes the 32-bit register at `address` (a multiple of 4): one store, never split or elided.
static inline void mmio_store(uintptr_t address, uint32_t value) {
    *(volatile uint32_t *)address = value;
}

// Waits until every access before it is complete, for every observer (DSB; Arm ARM, "Memory barriers").
static inline void mmio_barrier(void) {
#if defined(__aarch64__)
    __asm__ volatile("dsb sy" ::: "memory");
#endif
}

// Does nothing for at least `cycles` processor cycles (a core issues at most two a cycle).
static inline void mmio_wait(uint64_t cycles) {
#if defined(__aarch64__)
    for (uint64_t left = cycles; left != 0; left--) {
        __asm__ volatile("nop\n\tnop" ::: "memory");
    }
#else
    (void)cycles;
#endif
}

// Bytes in a line of the smallest data cache: 4 bytes << CTR_EL0.DminLine.
static inline uintptr_t mmio_cache_line(void) {
#if defined(__aarch64__)
    uint64_t type;
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(type));
    return (uintptr_t)4 << ((type >> 16) & 15);
#else
    return 64;
#endif
}

// Writes the range's dirty cache lines back to memory (point of coherency), and drops them: on a Cortex-A53
// from r0p3 on, `dc cvac` may clean a line that is being written (erratum 855873), and `dc civac` is what
// Arm says to use instead.
static inline void mmio_clean_cache(uintptr_t address, uintptr_t count) {
#if defined(__aarch64__)
    uintptr_t line = mmio_cache_line();
    for (uintptr_t at = address & ~(line - 1); at < address + count; at += line) {
        __asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
    }
    mmio_barrier();
#else
    (void)address, (void)count;
#endif
}

// Drops the range's cache lines, dirty ones too: the range must own its first and last line.
static inline void mmio_invalidate_cache(uintptr_t address, uintptr_t count) {
#if defined(__aarch64__)
    uintptr_t line = mmio_cache_line();
    for (uintptr_t at = address & ~(line - 1); at < address + count; at += line) {
        __asm__ volatile("dc ivac, %0" ::"r"(at) : "memory");
    }
    mmio_barrier();
#else
    (void)address, (void)count;
#endif
}
