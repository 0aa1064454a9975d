// Single instructions of the core that runs them, inline: locks and interrupt masks cost what they cost.
// On a host only the names matter, so there they do nothing.
#pragma once
#include <stdint.h>

// `static inline` that is inlined even without optimisation.
#define INSTRUCTION static inline __attribute__((always_inline))

// True where asm/ is linked in: on the board.
#if defined(__aarch64__) && !defined(__linux__) && !defined(__APPLE__)
#define BARE_METAL 1
#else
#define BARE_METAL 0
#endif

// The number of this core: MPIDR_EL1.Aff0 (Cortex-A53 TRM 4.3.2).
INSTRUCTION uintptr_t core_number(void) {
#if defined(__aarch64__)
  uintptr_t affinity;
  __asm__ volatile("mrs %0, mpidr_el1" : "=r"(affinity));
  return affinity & 0xff;
#else
  return 0;
#endif
}

// Masks IRQs on this core. Out: the mask as it was, for restore_interrupts.
INSTRUCTION uintptr_t mask_interrupts(void) {
  uintptr_t daif = 0;
#if defined(__aarch64__)
  __asm__ volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r"(daif)::"memory");
#endif
  return daif;
}

// Puts the mask back.
INSTRUCTION void restore_interrupts(uintptr_t daif) {
#if defined(__aarch64__)
  __asm__ volatile("msr daif, %0" ::"r"(daif) : "memory");
#else
  (void)daif;
#endif
}

// Masks everything that can be masked, FIQs and so the stop of a report too.
INSTRUCTION void mask_all(void) {
#if defined(__aarch64__)
  __asm__ volatile("msr daifset, #15" ::: "memory");
#endif
}

// Lets IRQs and FIQs come.
INSTRUCTION void enable_interrupts(void) {
#if defined(__aarch64__)
  __asm__ volatile("msr daifclr, #3" ::: "memory");
#endif
}

// No instruction, but a call that the compiler cannot see into. Swift 6.3.1 moves a retain behind an atomic store that
// follows it, though the store may hand the reference to another core, which drops it first; not behind a call.
INSTRUCTION void order_references(void) {
  __asm__ volatile("" ::: "memory");
}

// Sleeps until an event: sev of another core, or the event stream of start_event_stream.
INSTRUCTION void wait_for_event(void) {
#if defined(__aarch64__)
  __asm__ volatile("wfe" ::: "memory");
#endif
}

// Wakes the cores in wait_for_event; what was stored before is seen by then.
INSTRUCTION void send_event(void) {
#if defined(__aarch64__)
  __asm__ volatile("dsb ish\n\tsev" ::: "memory");
#endif
}

// Sleeps until an interrupt is pending, masked or not.
INSTRUCTION void wait_for_interrupt(void) {
#if defined(__aarch64__)
  __asm__ volatile("dsb sy\n\twfi" ::: "memory");
#endif
}

// Where the code is that asks.
INSTRUCTION uintptr_t program_counter(void) {
  uintptr_t place = 0;
#if defined(__aarch64__)
  __asm__ volatile("adr %0, ." : "=r"(place));
#endif
  return place;
}

// The physical counter, not read ahead of what comes before (Arm ARM, D11.2.1).
INSTRUCTION uint64_t timer_count(void) {
  uint64_t count = 0;
#if defined(__aarch64__)
  __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(count)::"memory");
#endif
  return count;
}

// What the start stub made of CNTFRQ_EL0 (boards.S, credible_frequency).
extern uint64_t boot_counter_frequency;

// Ticks a second of the counter. Every wait goes by this, whatever the firmware left in CNTFRQ_EL0.
INSTRUCTION uint64_t timer_frequency(void) {
#if BARE_METAL
  return boot_counter_frequency;
#else
  return 1;
#endif
}

// CNTP_CVAL_EL0: the count at which this core's timer fires.
INSTRUCTION void timer_set_deadline(uint64_t count) {
#if defined(__aarch64__)
  __asm__ volatile("msr cntp_cval_el0, %0\n\tisb" ::"r"(count) : "memory");
#else
  (void)count;
#endif
}

// CNTP_CTL_EL0: bit 0 on, bit 1 no interrupt, bit 2 (read only) fired.
INSTRUCTION void timer_set_control(uint64_t control) {
#if defined(__aarch64__)
  __asm__ volatile("msr cntp_ctl_el0, %0\n\tisb" ::"r"(control) : "memory");
#else
  (void)control;
#endif
}

// CNTP_CTL_EL0. Bit 2, ISTATUS: the deadline has passed, whatever the interrupt controller says.
INSTRUCTION uint64_t timer_control(void) {
  uint64_t control = 0;
#if defined(__aarch64__)
  __asm__ volatile("mrs %0, cntp_ctl_el0" : "=r"(control)::"memory");
#endif
  return control;
}

// An event every 512 ticks of the virtual counter, so that no wait_for_event lasts for ever:
// CNTKCTL_EL1.EVNTEN, EVNTI = 8; EL0 gets no access.
INSTRUCTION void start_event_stream(void) {
#if defined(__aarch64__)
  __asm__ volatile("msr cntkctl_el1, %0\n\tisb" ::"r"((uintptr_t)(8 << 4 | 1 << 2)) : "memory");
#endif
}
